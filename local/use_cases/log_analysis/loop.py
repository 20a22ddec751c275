"""The function's own log group, subscribed by hand: each line would make it write more lines, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.log_analysis.contract import Kind
from local.use_cases.log_analysis.alerts import Alert, Inbox
from local.use_cases.log_analysis.delivering import packed
from local.use_cases.log_analysis.stack import Deployed
from local.use_cases.waiting import wait_until_done

FILTER = "by-hand"
_OF_LAMBDA = ("START ", "END ", "REPORT ")
"""Lines that Lambda writes of each invocation."""


@dataclass(frozen=True)
class Loop:
    """What came of it."""

    alerts: Sequence[Alert]
    invocations: int
    """Of which the function's own lines were the cause."""
    written: Sequence[str]
    """Lines that it wrote then."""

    def problems(self) -> list[str]:
        """Whatever is not as it should be."""
        kinds = [each.kind for each in self.alerts]
        found = [] if kinds == [Kind.LOOP] else [f"of its own log group the function told {kinds or 'nothing'}"]
        if self.invocations != 1:
            found.append(f"the function was invoked {self.invocations} times by lines of its own")
        if self.written:
            found.append(f"invoked by lines of its own, the function wrote {self.written[0]!r}")
        return found


def provoked(deployed: Deployed, inbox: Inbox) -> Loop:
    """Subscribes the function to its own log group, and lets it write a line; until the subscription is gone."""
    configuration = deployed.functions.get_function_configuration(FunctionName=deployed.function)
    own = configuration["LoggingConfig"]["LogGroup"]
    before = _streams(deployed, own)
    deployed.logs.put_subscription_filter(
        logGroupName=own, filterName=FILTER, filterPattern="", destinationArn=configuration["FunctionArn"]
    )
    deployed.functions.invoke(FunctionName=deployed.function, Payload=_harmless())
    wait_until_done(lambda: _filters(deployed, own), "the function's own log group is still subscribed")
    wait_until_done(
        lambda: () if len(_streams(deployed, own)) - len(before) > 1 else ("no line of it",),
        "the function was not invoked by its own lines",
    )
    # The first of the new streams is of the invocation from here.
    _, *caused = sorted(_streams(deployed, own) - before)
    lines = [line for _, stream in caused for line in _lines(deployed, own, stream)]
    return Loop(inbox.taken(), len(caused), [line for line in lines if not line.startswith(_OF_LAMBDA)])


def _streams(deployed: Deployed, log_group: str) -> set[tuple[int, str]]:
    """Time and name of each; the emulator has one for each invocation."""
    pages = deployed.logs.get_paginator("describe_log_streams").paginate(logGroupName=log_group)
    return {(each["creationTime"], each["logStreamName"]) for page in pages for each in page["logStreams"]}


def _filters(deployed: Deployed, log_group: str) -> list[str]:
    answer = deployed.logs.describe_subscription_filters(logGroupName=log_group)
    return [each["filterName"] for each in answer["subscriptionFilters"]]


def _lines(deployed: Deployed, log_group: str, stream: str) -> list[str]:
    answer: Any = deployed.logs.get_log_events(logGroupName=log_group, logStreamName=stream, startFromHead=True)
    return [each["message"] for each in answer["events"]]


def _harmless() -> bytes:
    """As CloudWatch Logs asks whether somebody is there."""
    message = {
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [
            {"id": "", "timestamp": 0, "message": "CWL CONTROL MESSAGE: Checking health of destination Lambda."}
        ],
    }
    return packed(message)
