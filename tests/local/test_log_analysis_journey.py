"""The log demo over the real function: that it goes well, and that it would notice if it did not."""

from __future__ import annotations

import base64
import gzip
import io
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lambdas.log_analysis.contract import KIND_ATTRIBUTE, Detection
from local.use_cases.log_analysis import journey
from local.use_cases.log_analysis.lines import LINES, generate
from local.use_cases.log_analysis.stack import Deployed
from local.use_cases.outcome import Outcome
from tests.log_analysis.world import OWN_LOG_GROUP, World

GROUPS = ("/demo/1", "/demo/2", "/demo/3")
OF_LAMBDA = ("START RequestId: 1", "END RequestId: 1", "REPORT RequestId: 1")

Event = dict[str, Any]


@dataclass
class Cloud:
    """Log groups, topic and function as the emulator has them; what tests spoil are its fields."""

    world: World = field(default_factory=lambda: World(detection=Detection(learning_minutes=10)))
    spoil: Callable[[Event], Event] = lambda delivery: delivery
    """What the function gets instead of a delivery."""
    wordy: bool = False
    """Whether the function writes a line about a delivery of its own."""
    streams: list[tuple[int, list[str]]] = field(default_factory=list)
    """Of the function's log group, one for each invocation."""
    filters: dict[str, str] = field(default_factory=dict)
    taken: int = 0
    lines: int = 0
    one_at_a_time: Any = field(default_factory=threading.RLock)
    """The demo invokes side by side, and the function's runtime is put in its place by each invocation."""

    def deliver(self, delivery: Event) -> None:
        with self.one_at_a_time:
            self._deliver(delivery)

    def _deliver(self, delivery: Event) -> None:
        own = delivery["logGroup"] == OWN_LOG_GROUP
        packed = base64.b64encode(gzip.compress(json.dumps(self.spoil(delivery)).encode())).decode()
        self.world.invoke({"awslogs": {"data": packed}})
        written = [*OF_LAMBDA, "analyzed"] if self.wordy or not own else [*OF_LAMBDA]
        self.streams.append((len(self.streams), written))
        for name in list(self.filters):
            events = [self.event(0, line) for line in written]
            self.deliver(delivery | {"logGroup": OWN_LOG_GROUP, "subscriptionFilters": [name], "logEvents": events})

    def event(self, timestamp: int, message: str) -> Event:
        self.lines += 1
        return {"id": f"{self.lines:056d}", "timestamp": timestamp, "message": message}

    # --- boto3's names ----------------------------------------------------------------------------------------------

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:  # noqa: N803
        assert FunctionName == "analyze"
        self.deliver(json.loads(gzip.decompress(base64.b64decode(json.loads(Payload)["awslogs"]["data"]))))
        return {"Payload": io.BytesIO(b"null")}

    def create_log_stream(self, **_: str) -> None:
        """Nothing has to be made."""

    def put_log_events(self, *, logGroupName: str, logStreamName: str, logEvents: list[Event]) -> None:  # noqa: N803
        events = [self.event(each["timestamp"], each["message"]) for each in logEvents]
        kind = {"messageType": "DATA_MESSAGE", "subscriptionFilters": ["demo"]}
        self.deliver({**kind, "logGroup": logGroupName, "logStream": logStreamName, "logEvents": events})

    def put_subscription_filter(self, *, filterName: str, logGroupName: str, **_: str) -> None:  # noqa: N803
        self.filters[filterName] = logGroupName

    def delete_subscription_filter(self, *, filterName: str, logGroupName: str) -> None:  # noqa: N803
        assert self.filters.pop(filterName) == logGroupName

    def describe_subscription_filters(self, **_: str) -> Any:
        return {"subscriptionFilters": [{"filterName": name} for name in self.filters]}

    def get_function_configuration(self, **_: str) -> Any:
        return {"LoggingConfig": {"LogGroup": OWN_LOG_GROUP}, "FunctionArn": "arn:aws:lambda:::function:analyze"}

    def get_paginator(self, name: str) -> Any:
        assert name == "describe_log_streams"
        return self

    def paginate(self, **_: str) -> Any:
        return [{"logStreams": [{"creationTime": at, "logStreamName": f"{at}"} for at, _ in self.streams]}]

    def get_log_events(self, *, logStreamName: str, **_: Any) -> Any:  # noqa: N803
        return {"events": [{"message": line} for line in dict(self.streams)[int(logStreamName)]]}

    def create_queue(self, **_: str) -> Any:
        return {"QueueUrl": "queue"}

    def get_queue_attributes(self, **_: Any) -> Any:
        return {"Attributes": {"QueueArn": "arn:aws:sqs:::queue"}}

    def subscribe(self, **_: Any) -> None:
        """To the one topic that there is."""

    def receive_message(self, **_: Any) -> Any:
        sns = self.world.sns
        new = list(zip(sns.published, sns.texts, strict=True))[self.taken :][:10]
        self.taken += len(new)
        return {"Messages": [_message(attributes, text) for attributes, text in new]}

    def delete_message(self, **_: str) -> None:
        """It comes once."""

    # --- the journey ------------------------------------------------------------------------------------------------

    def run(self, directory: Path, lines: int = 8_000) -> Outcome:
        """Of fewer lines, unless all are wanted: errors and faults are the same."""
        me: Any = self
        deployed = Deployed(
            logs=me,
            functions=me,
            dynamodb=self.world.dynamodb,
            sns=me,
            sqs=me,
            function="analyze",
            table="signatures",
            topic="topic",
            log_groups=GROUPS,
        )
        self.journal: Any = self
        with (
            patch.object(journey, "generate", partial(generate, lines=lines)),
            patch.object(Deployed, "of", lambda _: deployed),
            patch.object(Deployed, "ended", lambda *_: len(self.streams)),
            patch("lambdas.log_analysis.analyze.boto3.client", lambda *_, **__: self),
        ):
            return journey.run(me, directory)

    def phase(self, _: str) -> Any:
        return nullcontext()


def _message(attributes: Mapping[str, str], text: str) -> Any:
    told = {name: {"StringValue": value} for name, value in attributes.items()}
    return {"Body": text, "ReceiptHandle": "", "MessageAttributes": told}


def test_every_fault_is_found_and_nothing_else(tmp_path: Path) -> None:
    cloud = Cloud()
    outcome = cloud.run(tmp_path, lines=LINES)
    assert outcome.problems == ()
    assert outcome.output.startswith("34 signatures, 17 alerts; ")
    assert all(card.good for card in outcome.cards)
    assert all((tmp_path.parent / each.file).exists() for card in outcome.cards for each in card.figures)


def test_function_that_counts_a_delivery_twice_is_noticed(tmp_path: Path) -> None:
    def other_ids(delivery: Event) -> Event:
        """As if each delivery had events of its own."""
        return delivery | {"logEvents": [each | {"id": f"{each['id']}-{cloud.lines}"} for each in again(delivery)]}

    def again(delivery: Event) -> list[Event]:
        cloud.lines += 1
        events: list[Event] = delivery["logEvents"]
        return events

    cloud = Cloud(spoil=other_ids)
    outcome = cloud.run(tmp_path)
    assert any("and then" in each for each in outcome.problems)
    assert [card.title for card in outcome.cards if not card.good] == ["Delivered again"]


def test_lost_line_is_noticed(tmp_path: Path) -> None:
    def without_first_error(delivery: Event) -> Event:
        events = delivery["logEvents"]
        lost = next((each for each in events if "declined by the acquirer" in each["message"]), None)
        return delivery | {"logEvents": [each for each in events if each is not lost]}

    outcome = Cloud(spoil=without_first_error).run(tmp_path)
    assert any(each.startswith("'declined' of log group 1 happened") for each in outcome.problems)


def test_function_that_writes_about_lines_of_its_own_is_noticed(tmp_path: Path) -> None:
    outcome = Cloud(wordy=True).run(tmp_path)
    assert outcome.problems == ("invoked by lines of its own, the function wrote 'analyzed'",)


def test_alert_that_is_missing_is_noticed(tmp_path: Path) -> None:
    cloud = Cloud()
    publish = cloud.world.sns.publish

    def some(**message: Any) -> Any:
        if message["MessageAttributes"][KIND_ATTRIBUTE]["StringValue"] != "rate":
            publish(**message)

    cloud.world.sns.publish = some
    outcome = cloud.run(tmp_path)
    assert len([each for each in outcome.problems if "was told 0 times" in each]) == 6
