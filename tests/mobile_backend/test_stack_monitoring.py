"""What the mobile backend watches, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.common.http.metrics import REQUEST_TIME, UNAVAILABLE
from lambdas.mobile_backend.contract import Metric
from stacks.config import STAGES
from stacks.mobile_backend.config import MobileBackendConfig
from tests.mobile_backend.stacks import API, CONSUMERS, environment
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]
Watched = tuple[Any, ...]

GATEWAY = [
    {"Name": "ApiName", "Value": "MobileBackend"},
    {"Name": "Stage", "Value": "${MobileBackendRestApiDeploymentStagev1}"},
]
OWN = [{"Name": "service", "Value": "MobileBackend"}]
FIVE_DAYS = 5 * 24 * 60 * 60


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["MobileBackend"]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage with a threshold and an address of its own."""
    shared = replace(STAGES["dev"].shared, alarm_email="alarms@example.com")
    stage = replace(STAGES["dev"], shared=shared, mobile_backend=MobileBackendConfig(max_latency_ms=300))
    return synthesize(stage, tmp_path_factory.mktemp("impatient")).templates["MobileBackend"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    prefix = "MobileBackendMonitoring"
    return {name.removeprefix(prefix): alarm for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()}


def _of(function: str, metric: str) -> Watched:
    return ("AWS/Lambda", metric, "Sum", [{"Name": "FunctionName", "Value": f"${{{function}}}"}], 0)


def _of_queue(queue: str, metric: str, threshold: int) -> Watched:
    name = [{"Name": "QueueName", "Value": f"${{MobileBackend{queue}.QueueName}}"}]
    return ("AWS/SQS", metric, "Maximum", name, threshold)


def _of_consumer(name: str, function: str) -> dict[str, Watched]:
    return {
        f"{name}AlarmsErrors": _of(function, "Errors"),
        f"{name}AlarmsThrottles": _of(function, "Throttles"),
        f"{name}AlarmsWaitingWork": _of_queue(f"{name}Queue", "ApproximateAgeOfOldestMessage", FIVE_DAYS),
        f"{name}AlarmsDeadLetters": _of_queue(f"{name}DeadLetters", "ApproximateNumberOfMessagesVisible", 0),
    }


@every_stage
def test_alarms_watch_every_way_that_a_request_or_a_notification_can_be_late_or_lost(
    template: TemplateOf, stage: str
) -> None:
    watched = {
        name: (
            alarm["Namespace"],
            alarm["MetricName"],
            alarm.get("Statistic") or alarm["ExtendedStatistic"],
            alarm["Dimensions"],
            alarm["Threshold"],
        )
        for name, alarm in _alarms(template(stage)).items()
    }
    assert watched == {
        "ApiAlarmsErrors": _of(API, "Errors"),
        "ApiAlarmsThrottles": _of(API, "Throttles"),
        "ApiAlarmsServerErrors": ("AWS/ApiGateway", "5XXError", "Sum", GATEWAY, 0),
        "ApiAlarmsLatency": ("AWS/ApiGateway", "Latency", "p99", GATEWAY, 2_000),
        "DeliveryAlarmsUndeliverable": _of_queue("Undeliverable", "ApproximateNumberOfMessagesVisible", 0),
        "DeliveryAlarmsFailedMessages": ("MobileBackend", Metric.FAILED, "Sum", OWN, 0),
        **{key: value for name, function in CONSUMERS.items() for key, value in _of_consumer(name, function).items()},
    }


@every_stage
def test_alarms_are_raised_by_the_first_breach_and_not_by_silence(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["Period"], alarm["TreatMissingData"])
        assert how == ("GreaterThanThreshold", 1, 5 * 60, "notBreaching"), name
        assert alarm["AlarmDescription"], name


@every_stage
def test_alarm_of_failed_messages_watches_what_consumers_write(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    alarm = _alarms(made)["DeliveryAlarmsFailedMessages"]
    for function in CONSUMERS.values():
        told = environment(made, function)
        assert alarm["Namespace"] == told["METRICS_NAMESPACE"]
        assert alarm["Dimensions"] == [{"Name": "service", "Value": told["SERVICE"]}]


def test_users_decide_what_is_slow(impatient: Template) -> None:
    assert _alarms(impatient)["ApiAlarmsLatency"]["Threshold"] == 300


def test_with_an_address_every_alarm_is_mailed_to_it(impatient: Template) -> None:
    for name, alarm in _alarms(impatient).items():
        assert alarm["AlarmActions"] == ["${AlarmTopic}"], name


@every_stage
def test_dashboard_shows_every_alarm_and_every_metric_of_the_functions(template: TemplateOf, stage: str) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    [alarms] = [each for each in dashboard["DashboardBody"]["widgets"] if each["type"] == "alarm"]
    shown = json.dumps(dashboard["DashboardBody"])
    assert sorted(alarms["properties"]["alarms"]) == sorted(
        f"${{MobileBackendMonitoring{name}.Arn}}" for name in _alarms(template(stage))
    )
    assert [name for name in (*Metric, UNAVAILABLE, REQUEST_TIME) if f'"{name}"' not in shown] == []
