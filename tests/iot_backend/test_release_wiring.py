"""Each function that drives the controller, wired out of its environment, in an in-memory AWS."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.iotdata.models import iotdata_backends

from lambdas.common import clients
from lambdas.iot_backend import advance, api, press, skill
from lambdas.iot_backend.adapters.entries import attributes, key
from lambdas.iot_backend.contract import ENTRY, AdvanceSettings, ApiSettings, Metric, PressSettings, SkillSettings
from lambdas.iot_backend.contract.devices import DEVICE_ID, ENROLMENT, Enrolment, Kind
from lambdas.iot_backend.contract.releases import PARTITION
from lambdas.iot_backend.runtime import controlling
from tests.events import alexa, iot
from tests.events.api_gateway import http_api_event
from tests.iot_backend.fake_target import ALARM, ALIAS, FUNCTION
from tests.iot_backend.releasing_world import ADVANCE_ARN, WIRING
from tests.stream_analytics.conftest import create_table
from tests.support.fake_aws import client_error

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

BUTTON = "button-1"
_client = cache(boto3.client)


class Context:
    aws_request_id = "request-1"
    invoked_function_arn = ADVANCE_ARN


@dataclass
class Cloud:
    """What the stack makes, with what tests ask of it."""

    function: LambdaClient

    @property
    def alias(self) -> tuple[str, dict[str, float]]:
        found = self.function.get_alias(FunctionName=FUNCTION, Name=ALIAS)
        return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def press(self, click: str) -> None:
        payload = json.dumps({"click": click, "press_id": f"press-{click}"}).encode()
        now = int(controlling.now().timestamp() * 1000)
        press.handler(iot.event(payload, device_id=BUTTON, received_at=now), Context())


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A target of two versions, whose alias is on the first one, and a button."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(boto3, "client", _client)
    monkeypatch.setattr(clients, "client", lambda service, _: _client(service))
    for name, value in _environment().items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        start_anew()
        yield _made()
        start_anew()


def start_anew() -> None:
    """Functions read their environment again."""
    for function in (press, advance, skill, api):
        function.runtime.cache_clear()
    controlling.quick.cache_clear()


def _environment() -> dict[str, str]:
    told: Any = {"service": "Iot", "metrics_namespace": "Test"}
    driving: Any = {**told, "releases": WIRING, "advance_function_arn": ADVANCE_ARN}
    settings = (
        PressSettings(**driving, device_table_name="devices", quarantine_bucket_name="quarantine", max_age_seconds=300),
        AdvanceSettings(**told, releases=WIRING),
        SkillSettings(**driving, skill_id=alexa.SKILL_ID),
        ApiSettings(**driving, device_table_name="devices"),
    )
    return {name: value for each in settings for name, value in each.to_env().items()}


def _made() -> Cloud:
    dynamodb, function = boto3.client("dynamodb"), boto3.client("lambda")
    create_table(dynamodb, "devices", (DEVICE_ID, ENTRY))
    create_table(dynamodb, "releases", (PARTITION, ENTRY))
    enrolment = Enrolment(
        kind=Kind.BUTTON,
        principal=iot.CERTIFICATE_ID,
        client_id=BUTTON,
        enrolled_at="2026-11-25T10:00:00.000Z",
        enrolled_by="me",
    )
    dynamodb.put_item(TableName="devices", Item=key(BUTTON, ENROLMENT) | attributes(enrolment))
    boto3.client("scheduler").create_schedule_group(Name=WIRING.schedule_group_name)
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName=ALARM,
        MetricName="Errors",
        Namespace="AWS/Lambda",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    boto3.client("cloudwatch").set_alarm_state(AlarmName=ALARM, StateValue="OK", StateReason="test")
    _publish_twice(function)
    return Cloud(function)


def _publish_twice(function: LambdaClient) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = boto3.client("iam").create_role(RoleName="target", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    function.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Role=role,
        Handler="a.b",
        Code={"ZipFile": _code("1")},
        Publish=True,
    )
    function.update_function_code(FunctionName=FUNCTION, ZipFile=_code("2"), Publish=True)
    function.create_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="1")


def _code(content: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.py", content)
    return packed.getvalue()


def test_a_press_moves_the_alias_and_schedules_the_next_step_and_the_button_hears_of_it(cloud: Cloud) -> None:
    cloud.press("SINGLE")
    assert cloud.alias == ("1", {"2": 0.1})
    (summary,) = boto3.client("scheduler").list_schedules(GroupName="steps")["Schedules"]
    schedule = boto3.client("scheduler").get_schedule(GroupName="steps", Name=summary["Name"])
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["ScheduleExpression"].startswith("at(2")
    assert (schedule["Target"]["Arn"], schedule["Target"]["RoleArn"]) == (ADVANCE_ARN, WIRING.schedule_role_arn)
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": WIRING.schedule_dead_letter_arn}
    assert f"{json.loads(schedule['Target']['Input'])['release_id']}-0" == summary["Name"]
    ((topic, payload),) = iotdata_backends["123456789012"]["us-east-1"].published_payloads
    assert (topic, json.loads(payload)["outcome"]) == (f"button/{BUTTON}/report", "canary")


def test_a_schedule_takes_the_step_that_is_due(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.press("SINGLE")
    now = controlling.now()
    monkeypatch.setattr(controlling, "now", lambda: now.replace(year=now.year + 1))
    advance.runtime.cache_clear()
    advance.handler({}, Context())
    assert cloud.alias == ("2", {})


def test_a_spoken_rollback_takes_the_trial_back(cloud: Cloud) -> None:
    cloud.press("SINGLE")
    answer = skill.handler(alexa.intent("RollbackIntent"), Context())
    assert answer["version"] == "1.0"
    assert answer["response"]["outputSpeech"]["text"] == "Version 1 is back in place of version 2."
    assert cloud.alias == ("1", {})


def test_the_api_starts_releases_and_lists_them_and_the_devices(cloud: Cloud) -> None:
    claims = {"cognito:groups": "[releasers]"}
    started = api.handler(http_api_event("POST /releases", body='{"action": "promote"}', claims=claims), Context())
    listed = api.handler(http_api_event("GET /releases", claims=claims), Context())
    devices = api.handler(http_api_event("GET /devices", claims=claims), Context())
    assert (started["statusCode"], cloud.alias) == (202, ("1", {"2": 0.1}))
    (decision,) = json.loads(listed["body"])["decisions"]
    assert decision == json.loads(started["body"])
    assert [each["device_id"] for each in json.loads(devices["body"])["devices"]] == [BUTTON]


def counted(told: str) -> dict[str, list[float]]:
    """Metrics in what a function wrote to its log."""
    lines = [json.loads(line) for line in told.splitlines()]
    return {name: line[name] for line in lines if "_aws" in line for name in Metric if name in line}


def test_what_a_press_did_is_counted(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.press("SINGLE")
    assert counted(capsys.readouterr().out) == {
        Metric.PRESSES: [1.0],
        Metric.PRESSES_REFUSED: [0.0],
        Metric.STARTED: [1.0],
    }


def test_a_press_that_comes_again_is_counted_as_one_release(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.press("SINGLE")
    capsys.readouterr()
    cloud.press("SINGLE")
    assert Metric.STARTED not in counted(capsys.readouterr().out)


@pytest.mark.usefixtures("cloud")
def test_what_a_voice_and_the_api_did_is_counted_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    claims = {"cognito:groups": "[releasers]"}
    api.handler(http_api_event("POST /releases", body='{"action": "promote"}', claims=claims), Context())
    skill.handler(alexa.intent("RollbackIntent"), Context())
    assert counted(capsys.readouterr().out) == {Metric.STARTED: [1.0], Metric.ROLLED_BACK: [1.0]}


def test_a_release_that_lambda_refuses_is_counted(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise client_error("UpdateAlias", "InvalidParameterValueException")

    monkeypatch.setattr(cloud.function, "update_alias", refused)
    cloud.press("SINGLE")
    assert counted(capsys.readouterr().out)[Metric.GIVEN_UP] == [1.0]


def test_an_alias_that_was_moved_by_hand_is_counted(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    weights = {"2": 0.5}
    cloud.function.update_alias(FunctionName=FUNCTION, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": weights})
    advance.handler({}, Context())
    assert counted(capsys.readouterr().out) == {Metric.ALIAS_MOVED: [1.0]}
    assert cloud.alias == ("1", weights)
