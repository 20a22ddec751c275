"""The function as Lambda invokes it, over an in-memory AWS."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import boto3
import pytest

from lambdas.common.failures import UnavailableError
from lambdas.log_analysis.analyze import handler
from lambdas.log_analysis.contract import LOOP, minute_text
from lambdas.log_analysis.domain.latencies import percentile
from lambdas.log_analysis.domain.payload import MalformedDeliveryError
from tests.events import logs
from tests.events.logs import LOG_GROUP
from tests.log_analysis.conftest import Cloud
from tests.log_analysis.world import FIRST_MINUTE, OWN_LOG_GROUP, START, Context, World

ERROR = "2026-11-21 12:00:00 ERROR no order {}"
TEMPLATE = "<time> <time> ERROR no order <num>"


def at(minute: float, message: str, number: int | None = None) -> dict[str, Any]:
    """A log event some minutes after the beginning."""
    timestamp = START + int(minute * 60_000)
    return logs.log_event(hash((minute, message)) % 10**9 if number is None else number, timestamp, message)


def deliver(*events: dict[str, Any], **more: Any) -> None:
    handler(logs.event(events, **more), Context())


def counts(cloud: Cloud, log_group: str = LOG_GROUP) -> dict[tuple[str, int], int]:
    """By template and minute since the beginning."""
    reader = cloud.reader
    return {
        (each.template, minute - FIRST_MINUTE): count
        for each in reader.signatures(log_group)
        for minute, count in reader.counts(log_group, each, 0, FIRST_MINUTE + 10_000).items()
    }


def test_errors_are_counted_by_signature_and_minute(cloud: Cloud) -> None:
    deliver(*(at(0, ERROR.format(7), number) for number in range(3)), at(0, "all is well"))
    deliver(at(0.5, ERROR.format(8), 11), at(1, ERROR.format(9), 12), log_stream="another")
    assert counts(cloud) == {(TEMPLATE, 0): 4, (TEMPLATE, 1): 1}


def test_a_delivery_that_comes_again_changes_nothing(cloud: Cloud) -> None:
    for _ in range(3):
        deliver(at(0, ERROR.format(7)), at(30, "ERROR never seen before"))
    assert counts(cloud) == {(TEMPLATE, 0): 1, ("ERROR never seen before", 30): 1}
    assert len(cloud.alerts()) == 1


def test_an_event_counts_once_in_whatever_company_it_comes(cloud: Cloud) -> None:
    events = [at(number / 6, ERROR.format(number), number) for number in range(12)]
    deliver(*events[:8])
    deliver(*events[5:])
    deliver(*events[::3])
    assert sum(counts(cloud).values()) == 12


def test_an_event_that_is_twice_in_a_delivery_counts_once(cloud: Cloud) -> None:
    deliver(at(0, ERROR.format(7), 1), at(0, ERROR.format(7), 1))
    assert counts(cloud) == {(TEMPLATE, 0): 1}


def test_lines_of_no_interest_take_no_call_of_aws() -> None:
    world = World()
    world.invoke(logs.event([at(0, "all is well")]))
    world.outside.calls.clear()
    world.invoke(logs.event([at(1, "all is well")]))
    assert world.outside.calls == []


def test_log_groups_are_told_apart(cloud: Cloud) -> None:
    deliver(at(0, ERROR.format(7)))
    deliver(at(0, ERROR.format(7)), log_group="/another#group")
    assert counts(cloud, "/another#group") == counts(cloud) == {(TEMPLATE, 0): 1}
    assert dict(cloud.reader.log_groups()) == {LOG_GROUP: FIRST_MINUTE, "/another#group": FIRST_MINUTE}


def test_what_appears_while_a_group_is_learned_is_known(cloud: Cloud) -> None:
    deliver(at(0, "all is well"))
    deliver(at(9.9, ERROR.format(7)))
    deliver(at(30, ERROR.format(8)))
    assert cloud.alerts() == []


def test_learning_begins_with_the_first_line_be_it_no_error(cloud: Cloud) -> None:
    deliver(at(0, "all is well"))
    deliver(at(10, ERROR.format(7)))
    assert len(cloud.alerts()) == 1


def test_a_new_error_is_told_of_once_with_what_subscriptions_filter_by(cloud: Cloud) -> None:
    deliver(at(0, "all is well"))
    deliver(at(30, ERROR.format(7)))
    deliver(at(31, ERROR.format(8)))
    [alert] = cloud.alerts()
    attributes = {name: each["Value"] for name, each in alert["MessageAttributes"].items()}
    [signature] = cloud.reader.signatures(LOG_GROUP)
    assert attributes == {
        "kind": "new",
        "log_group": LOG_GROUP,
        "signature": signature.id,
        "minute": minute_text(FIRST_MINUTE + 30),
    }
    assert ERROR.format(7) in alert["Message"]
    assert '| filter @message like "ERROR no order"' in alert["Message"]


def test_a_high_rate_is_told_of_once_an_episode(cloud: Cloud) -> None:
    for minute in range(90):
        number = 40 if minute in {30, 31, 44, 80} else 1
        deliver(*(at(minute, ERROR.format(each), 100 * minute + each) for each in range(number)))
    told = cloud.alerts()
    minutes = [alert["MessageAttributes"]["minute"]["Value"] for alert in told]
    assert minutes == [minute_text(FIRST_MINUTE + minute) for minute in (30, 80)]
    assert "Expected    1.00 a minute" in told[0]["Message"]


def test_requests_are_counted_by_status_with_their_latencies(cloud: Cloud) -> None:
    lines = [
        json.dumps({"route_key": "GET /items", "status": status, "response_bytes": "100", "latency_ms": "20"})
        for status in ("200", "200", "404", "503")
    ]
    for _ in range(2):
        deliver(*(at(0, line, number) for number, line in enumerate(lines)))
    [(minute, requests)] = cloud.reader.requests(LOG_GROUP, 0, FIRST_MINUTE + 10).items()
    assert (minute, requests.number, requests.size) == (FIRST_MINUTE, 4, 400)
    assert requests.statuses == {2: 2, 4: 1, 5: 1}
    assert percentile(requests.cells, 90) == pytest.approx(20, rel=0.05)
    assert counts(cloud) == {("GET /items 503", 0): 1}


def test_names_that_vary_are_one_signature_from_the_third_on(cloud: Cloud) -> None:
    for minute, name in enumerate(["alice", "bob", "carol", "dave", "alice"]):
        deliver(at(minute, f"ERROR login failed for user {name} today"))
    [signature] = cloud.reader.signatures(LOG_GROUP)
    assert signature.template == "ERROR login failed for user <word> today"
    assert sum(counts(cloud).values()) == 5
    deliver(at(30, "ERROR login failed for user zoe today"))
    assert cloud.alerts() == []


def test_hours_add_up_for_all_signatures_at_once(cloud: Cloud) -> None:
    names = [(0, "alice"), (1, "bob"), (2, "carol"), (70, "dave")]
    for minute, name in names:
        deliver(at(minute, f"ERROR login failed for user {name} today"))
    deliver(*(at(minute, ERROR.format(minute)) for minute, _ in names))
    signatures = cloud.reader.signatures(LOG_GROUP)
    hourly = cloud.reader.hourly(LOG_GROUP, signatures, FIRST_MINUTE, FIRST_MINUTE + 70)
    assert {each.template: dict(hourly[each.id]) for each in signatures} == {
        template: {FIRST_MINUTE: 3, FIRST_MINUTE + 60: 1}
        for template in ("ERROR login failed for user <word> today", TEMPLATE)
    }


def test_a_probe_is_answered_and_leaves_nothing(cloud: Cloud) -> None:
    handler(logs.control(), Context())
    assert cloud.dynamodb.scan(TableName="signatures")["Items"] == []


@pytest.mark.usefixtures("cloud")
def test_what_is_no_delivery_is_raised_so_that_the_failure_queue_gets_it() -> None:
    with pytest.raises(MalformedDeliveryError):
        handler({"awslogs": {"data": "H4s"}}, Context())


@pytest.fixture
def lines(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ARG001
    """What the function prints, line by line; a service of its own gives it a logger that writes here."""
    monkeypatch.setenv("SERVICE", f"Service{Random().randrange(10**9)}")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def subscribe_own_log_group(cloud: Cloud, *names: str) -> None:
    boto3.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    for name in names:
        cloud.logs.put_subscription_filter(
            logGroupName=OWN_LOG_GROUP,
            filterName=name,
            filterPattern="",
            destinationArn="arn:aws:kinesis:us-east-1:123456789012:stream/s",
            roleArn="arn:aws:iam::123456789012:role/r",
        )


def test_the_function_s_own_log_group_is_refused_without_a_word(cloud: Cloud, lines: Any) -> None:
    subscribe_own_log_group(cloud, "Analysis", "Other")
    for number in range(3):
        deliver(at(number, ERROR.format(7)), log_group=OWN_LOG_GROUP)
    assert cloud.filters() == ["Other"]
    [alert] = cloud.alerts()
    assert alert["MessageAttributes"]["kind"]["Value"] == LOOP
    assert lines() == []
    assert counts(cloud, OWN_LOG_GROUP) == {}


def test_the_loop_ends_though_nobody_can_be_told(cloud: Cloud) -> None:
    subscribe_own_log_group(cloud, "Analysis")
    boto3.client("sns").delete_topic(TopicArn=cloud.topic_arn)
    with pytest.raises(UnavailableError):
        deliver(at(0, ERROR.format(7)), log_group=OWN_LOG_GROUP)
    assert cloud.filters() == []


def test_an_invocation_writes_one_line_and_metrics(lines: Any) -> None:
    deliver(at(0, ERROR.format(7)), at(0, "all is well"))
    line, metrics = lines()
    assert (line["log_group"], line["events"], line["errors"]) == (LOG_GROUP, 2, 1)
    assert metrics["EventsAnalyzed"] == [2.0]
    assert metrics["NewSignatures"] == metrics["ErrorsCounted"] == [1.0]
