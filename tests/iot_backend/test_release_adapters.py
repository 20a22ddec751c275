"""What the adapters of the controller make of AWS's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from lambdas.common.failures import UnavailableError
from lambdas.iot_backend.adapters.releases import DynamoReleases
from lambdas.iot_backend.adapters.schedules import OneOffSchedules
from lambdas.iot_backend.adapters.target import CloudWatchAlarms, LambdaAliases
from lambdas.iot_backend.contract import ENTRY
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import (
    COMMAND,
    DECISION,
    EXPIRES_AT,
    PARTITION,
    Action,
    AlarmState,
    Outcome,
    Phase,
    Source,
    Why,
)
from lambdas.iot_backend.domain.releases import Alias, Release
from lambdas.iot_backend.ports import AliasChangedError, AliasRefusedError, Command, KeyReusedError, OvertakenError
from tests.iot_backend.releasing_world import ADVANCE_ARN, WIRING
from tests.stream_analytics.conftest import create_table

AT = datetime(2026, 11, 25, 12, 0, 0, 250_000, UTC)
KEYS: Any = {"region_name": "us-east-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
COMMANDED = Command("press#button-1#press-0001")


def stubbed(service: Any) -> tuple[Any, Stubber]:
    client = boto3.client(service, **KEYS)
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


def decision(number: int = 1, **changes: Any) -> Decision:
    values = {
        "decision_id": f"01931f7e-7c1b-7c3a-9d5e-{number:012d}",
        "at": AT,
        "source": Source.PRESS,
        "who": "button-1",
        "action": Action.PROMOTE,
        "outcome": Outcome.CANARY,
        "why": Why.ASKED,
        "forced": False,
        "from_version": 1,
        "to_version": 2,
        "alarm": AlarmState.OK,
        "reason": "",
    }
    return Decision(**(values | changes))  # type: ignore[arg-type]


BEFORE = Release(revision="", phase=Phase.STEADY, version=1)
TRYING = Release(
    revision="first",
    phase=Phase.CANARY,
    version=1,
    candidate=2,
    percent=10,
    earlier=(),
    release_id="x",
    due_at=AT,
    alias_revision="r",
)
PROMOTED = Release(revision="second", phase=Phase.STEADY, version=2, earlier=(1,), release_id="x", alias_revision="s")

TAKEN_BACK = Release(revision="third", phase=Phase.STEADY, version=1, alias_revision="t", taken_back_at=AT)


@pytest.fixture
def releases() -> Any:
    with mock_aws():
        client = boto3.client("dynamodb", **KEYS)
        create_table(client, "releases", (PARTITION, ENTRY))
        yield DynamoReleases(client, "releases")


@pytest.mark.parametrize("after", [TRYING, PROMOTED, TAKEN_BACK])
def test_a_state_is_read_as_it_was_written(releases: DynamoReleases, after: Release) -> None:
    releases.record(COMMANDED, decision(), BEFORE, after)
    assert releases.current() == after


@pytest.mark.parametrize("changes", [{}, {"alarm": None, "from_version": None, "to_version": None, "reason": "null"}])
def test_a_decision_is_read_as_it_was_written(releases: DynamoReleases, changes: dict[str, Any]) -> None:
    releases.record(COMMANDED, decision(**changes), BEFORE, None)
    assert (releases.decided(COMMANDED), releases.current()) == (decision(**changes), None)
    assert releases.history(10, None) == [decision(**changes)]


def test_a_decision_upon_another_state_is_overtaken(releases: DynamoReleases) -> None:
    releases.record(COMMANDED, decision(), BEFORE, TRYING)
    for before, after in ((BEFORE, PROMOTED), (BEFORE, None), (PROMOTED, None)):
        with pytest.raises(OvertakenError):
            releases.record(Command("another"), decision(2), before, after)
    assert (releases.current(), len(releases.history(10, None))) == (TRYING, 1)


def test_a_command_is_decided_once(releases: DynamoReleases) -> None:
    releases.record(COMMANDED, decision(), BEFORE, TRYING)
    with pytest.raises(OvertakenError):
        releases.record(COMMANDED, decision(2), TRYING, PROMOTED)
    with pytest.raises(OvertakenError):
        releases.note(COMMANDED, decision(2))
    assert releases.current() == TRYING


def test_a_key_with_another_body_is_told_apart(releases: DynamoReleases) -> None:
    releases.note(Command("key", "body"), decision())
    with pytest.raises(KeyReusedError):
        releases.decided(Command("key", "another body"))


def test_a_step_is_written_down_without_a_name(releases: DynamoReleases) -> None:
    releases.record(COMMANDED, decision(), BEFORE, TRYING)
    releases.record(None, decision(2), TRYING, PROMOTED)
    assert (releases.current(), len(releases.history(10, None))) == (PROMOTED, 2)


def test_commands_are_forgotten_after_two_days_and_decisions_are_not(releases: DynamoReleases) -> None:
    releases.note(COMMANDED, decision())
    items = releases.client.scan(TableName="releases")["Items"]
    expiries = {item[PARTITION]["S"]: item[EXPIRES_AT]["N"] for item in items if EXPIRES_AT in item}
    assert expiries == {COMMAND + COMMANDED.key: str(int((AT + timedelta(days=2)).timestamp()))}
    assert {item[ENTRY]["S"] for item in items} == {DECISION, decision().decision_id}


def test_the_history_goes_on_from_where_it_is_told_newest_first(releases: DynamoReleases) -> None:
    for number in range(3):
        releases.note(Command(str(number)), decision(number))
    assert releases.history(2, None) == [decision(2), decision(1)]
    assert releases.history(9, decision(1).decision_id) == [decision(1), decision(0)]


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "TransactionCanceledException"])
def test_a_table_that_does_not_answer_is_no_other_decision(code: str) -> None:
    client, stubber = stubbed("dynamodb")
    reasons = {"CancellationReasons": [{"Code": "ThrottlingError"}]}
    stubber.add_client_error("transact_write_items", code, modeled_fields=reasons if "Cancel" in code else None)
    with pytest.raises(UnavailableError, match="record a decision"):
        DynamoReleases(client, "releases").note(COMMANDED, decision())


@pytest.mark.parametrize(
    ("answer", "alias"),
    [
        ({"FunctionVersion": "7"}, Alias(7, {}, "r")),
        ({"FunctionVersion": "$LATEST"}, Alias(0, {}, "r")),
        (
            {"FunctionVersion": "7", "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}}},
            Alias(7, {8: 0.1}, "r"),
        ),
        ({"FunctionVersion": "7", "RoutingConfig": {}}, Alias(7, {}, "r")),
    ],
)
def test_an_alias_is_read_with_its_weights_and_its_revision(answer: dict[str, Any], alias: Alias) -> None:
    client, stubber = stubbed("lambda")
    stubber.add_response("get_alias", {**answer, "RevisionId": "r"}, {"FunctionName": "target", "Name": "live"})
    assert LambdaAliases(client, WIRING.target).alias() == alias


def test_versions_come_from_all_pages_but_for_the_unpublished_one() -> None:
    client, stubber = stubbed("lambda")
    pages = [({"NextMarker": "more"}, ["$LATEST", "1", "10"], {}), ({}, ["9"], {"Marker": "more"})]
    for more, versions, sent in pages:
        answer = {**more, "Versions": [{"Version": each} for each in versions]}
        stubber.add_response("list_versions_by_function", answer, {"FunctionName": "target", **sent})
    assert LambdaAliases(client, WIRING.target).versions() == {1, 9, 10}


def test_an_alias_is_moved_only_from_the_revision_that_was_read_and_weights_are_taken_away() -> None:
    client, stubber = stubbed("lambda")
    sent = {
        "FunctionName": "target",
        "Name": "live",
        "FunctionVersion": "8",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
        "RevisionId": "r",
    }
    stubber.add_response("update_alias", {"FunctionVersion": "8", "RevisionId": "s"}, sent)
    assert LambdaAliases(client, WIRING.target).move(Alias(8, {}, "r")) == Alias(8, {}, "s")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("PreconditionFailedException", AliasChangedError),
        ("InvalidParameterValueException", AliasRefusedError),
        ("ResourceNotFoundException", AliasRefusedError),
        ("ResourceConflictException", UnavailableError),
        ("TooManyRequestsException", UnavailableError),
    ],
)
def test_an_alias_that_has_changed_is_told_from_a_lambda_that_does_not_answer(
    code: str, error: type[Exception]
) -> None:
    client, stubber = stubbed("lambda")
    stubber.add_client_error("update_alias", code)
    with pytest.raises(error):
        LambdaAliases(client, WIRING.target).move(Alias(8, {}, "r"))


@pytest.mark.parametrize(
    ("alarms", "state"),
    [([{"StateValue": "ALARM"}], AlarmState.ALARM), ([{"StateValue": "OK"}], AlarmState.OK), ([], "INSUFFICIENT_DATA")],
)
def test_an_alarm_that_is_gone_has_seen_nothing(alarms: list[Any], state: str) -> None:
    client, stubber = stubbed("cloudwatch")
    stubber.add_response("describe_alarms", {"MetricAlarms": alarms}, {"AlarmNames": ["target-errors"]})
    assert CloudWatchAlarms(client, WIRING.target).state() == state


def test_a_schedule_is_for_a_second_in_utc_and_the_same_one_again_is_no_second_one() -> None:
    with mock_aws():
        client = boto3.client("scheduler", **KEYS)
        client.create_schedule_group(Name="steps")
        schedules = OneOffSchedules(client, WIRING, ADVANCE_ARN)
        for _ in range(2):
            schedules.once("x", 1, datetime(2026, 11, 25, 13, 0, 1, tzinfo=timezone(timedelta(hours=1))))
        (found,) = client.list_schedules(GroupName="steps")["Schedules"]
        assert found["Name"] == "x-1"
        schedule = client.get_schedule(GroupName="steps", Name="x-1")
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == (
        "at(2026-11-25T12:00:01)",
        "UTC",
    )


def test_a_schedule_that_is_not_taken_is_asked_for_again() -> None:
    client, stubber = stubbed("scheduler")
    stubber.add_client_error("create_schedule", "ThrottlingException")
    with pytest.raises(UnavailableError, match="schedule a step"):
        OneOffSchedules(client, WIRING, ADVANCE_ARN).once("x", 1, AT)
