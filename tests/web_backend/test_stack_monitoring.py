"""What the web backend watches, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.common.http.metrics import PROBLEMS, REQUEST_TIME, REQUESTS, UNAVAILABLE
from stacks.config import STAGES
from stacks.web_backend.config import WebBackendConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template
from tests.web_backend.stacks import ALONE, API, FUNCTION, ITEMS, TemplateOf

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

OWN_FUNCTION = [{"Name": "FunctionName", "Value": f"${{{FUNCTION}}}"}]
OWN_API = [{"Name": "ApiId", "Value": f"${{{API}}}"}]
OWN_TABLE = [{"Name": "TableName", "Value": f"${{{ITEMS}}}"}]
OWN = [{"Name": "service", "Value": "WebBackend"}]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["WebBackend"]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage with a threshold and an address of its own."""
    stage = replace(
        STAGES["dev"],
        shared=replace(STAGES["dev"].shared, alarm_email="alarms@example.com"),
        web_backend=WebBackendConfig(max_latency_ms=50),
        web_backend_wires=ALONE,
    )
    return synthesize(stage, tmp_path_factory.mktemp("impatient")).templates["WebBackend"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    """All but the one of releases, of which `stacks.blocks.release_target` tells."""
    prefix = "WebBackendMonitoringAlarms"
    alarms = template.of_type("AWS::CloudWatch::Alarm").items()
    return {name.removeprefix(prefix): alarm for name, alarm in alarms if name.startswith(prefix)}


@every_stage
def test_alarms_watch_every_way_that_a_request_can_fail_or_take_long(template: TemplateOf, stage: str) -> None:
    def watched(alarm: dict[str, Any]) -> tuple[Any, ...]:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return (alarm["Namespace"], alarm["MetricName"], statistic, alarm["Dimensions"], alarm["Threshold"])

    assert {name: watched(alarm) for name, alarm in _alarms(template(stage)).items()} == {
        "Errors": ("AWS/Lambda", "Errors", "Sum", OWN_FUNCTION, 0),
        "Throttles": ("AWS/Lambda", "Throttles", "Sum", OWN_FUNCTION, 0),
        "ServerErrors": ("AWS/ApiGateway", "5xx", "Sum", OWN_API, 0),
        "Latency": ("AWS/ApiGateway", "IntegrationLatency", "p99", OWN_API, 2_000),
        "Unavailable": ("WebBackend", UNAVAILABLE, "Sum", OWN, 0),
        "ItemsReadThrottles": ("AWS/DynamoDB", "ReadThrottleEvents", "Sum", OWN_TABLE, 0),
        "ItemsWriteThrottles": ("AWS/DynamoDB", "WriteThrottleEvents", "Sum", OWN_TABLE, 0),
    }


@every_stage
def test_alarms_are_raised_by_the_first_breach_and_not_by_silence(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["TreatMissingData"], alarm["Period"])
        assert how == ("GreaterThanThreshold", 1, "notBreaching", 5 * 60), name
        assert alarm["AlarmDescription"], name


@every_stage
def test_alarms_watch_the_namespace_and_service_that_the_function_writes(template: TemplateOf, stage: str) -> None:
    told = template(stage).properties(FUNCTION)["Environment"]["Variables"]
    alarm = _alarms(template(stage))["Unavailable"]
    assert alarm["Namespace"] == told["METRICS_NAMESPACE"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": told["SERVICE"]}]


def test_users_decide_what_is_slow(impatient: Template) -> None:
    assert _alarms(impatient)["Latency"]["Threshold"] == 50


def test_with_an_address_every_alarm_is_mailed_to_it(impatient: Template) -> None:
    [subscription] = impatient.of_type("AWS::SNS::Subscription").values()
    assert subscription["Endpoint"] == "alarms@example.com"
    for name, alarm in _alarms(impatient).items():
        assert alarm["AlarmActions"] == ["${AlarmTopic}"], name


@every_stage
def test_dashboard_shows_every_alarm_and_every_metric_of_the_function(template: TemplateOf, stage: str) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    [alarms] = [each for each in dashboard["DashboardBody"]["widgets"] if each["type"] == "alarm"]
    shown = json.dumps(dashboard["DashboardBody"])
    assert sorted(alarms["properties"]["alarms"]) == sorted(
        f"${{WebBackendMonitoringAlarms{name}.Arn}}" for name in _alarms(template(stage))
    )
    own = (REQUESTS, PROBLEMS, UNAVAILABLE, REQUEST_TIME)
    assert [name for name in (*own, "4xx", "5xx", "Latency", "TransactionConflict") if f'"{name}"' not in shown] == []


@every_stage
@pytest.mark.parametrize("metric", [REQUEST_TIME, "Latency"])
def test_dashboard_shows_how_long_answers_take_and_not_only_on_average(
    template: TemplateOf, stage: str, metric: str
) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    widgets = [each["properties"] for each in dashboard["DashboardBody"]["widgets"]]
    rows = [row for widget in widgets for row in widget.get("metrics", []) if metric in row]
    assert [row[-1]["stat"] for row in rows] == ["p50", "p95", "p99"]
