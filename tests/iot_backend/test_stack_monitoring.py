"""What the IoT backend watches, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.iot_backend.contract import Metric
from stacks.config import STAGES
from tests.iot_backend.stacks import (
    ADVANCE,
    API,
    FOREIGN_RULE,
    OWN_RULE,
    PRESS,
    PRESS_RULE,
    SKILL,
    TELEMETRY,
    TemplateOf,
    environment,
)
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

Watched = tuple[Any, ...]
PREFIX = "IotBackendMonitoring"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["IotBackend"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    return {
        name.removeprefix(PREFIX): alarm
        for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()
        if name.startswith(PREFIX)
    }


def _watched(alarm: dict[str, Any]) -> Watched:
    if "Metrics" in alarm:
        [query] = alarm["Metrics"]
        return (query["Expression"],)
    dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
    return (alarm["MetricName"], dimensions)


def _of(function: str, *metrics: str) -> list[Watched]:
    return [(metric, {"FunctionName": f"${{{function}}}"}) for metric in metrics]


def _waiting(queue: str) -> Watched:
    return ("ApproximateNumberOfMessagesVisible", {"QueueName": f"${{{queue}.QueueName}}"})


def _asynchronous(name: str, function: str, queue: str) -> dict[str, Watched]:
    metrics = ("Errors", "Throttles", "AsyncEventsDropped", "DestinationDeliveryFailures")
    alarms = ("Errors", "Throttles", "DroppedEvents", "LostEvents")
    watched = dict(zip(alarms, _of(function, *metrics), strict=True)) | {"FailureQueueDepth": _waiting(queue)}
    return {f"{name}Alarms{alarm}": each for alarm, each in watched.items()}


def _query(metric: str, rule: str) -> Watched:
    return (f"SELECT SUM({metric}) FROM \"AWS/IoT\" WHERE RuleName = '${{{rule}}}'",)  # noqa: S608 - of CloudWatch


EVENTS = {
    **_asynchronous("Telemetry", TELEMETRY, "IotBackendTelemetryFailures"),
    **_asynchronous("Press", PRESS, "IotBackendButtonsFailures"),
    **_asynchronous("Advance", ADVANCE, "IotBackendReleasesFailures"),
}
RULES = {
    "TelemetryAlarmsUndeliveredMessages": _query("Failure", OWN_RULE),
    "TelemetryAlarmsForeignMessages": _query("Success", FOREIGN_RULE),
    "PressAlarmsUndeliveredMessages": _query("Failure", PRESS_RULE),
}
RELEASED = {
    **{
        f"ReleasesAlarms{metric.value}": (metric.value, {"service": "IotBackend"})
        for metric in (Metric.PRESSES_REFUSED, Metric.ROLLED_BACK, Metric.GIVEN_UP, Metric.ALIAS_MOVED)
    },
    "ReleasesAlarmsUndeliveredSteps": _waiting("IotBackendReleasesUndelivered"),
    "ReleasesAlarmsUndeliveredSweeps": _waiting("IotBackendReleasesSweepUndelivered"),
}
WAITED_FOR = {
    f"{name}Alarms{metric}": watched
    for name, function in (("Voice", SKILL), ("Http", API))
    for metric, watched in zip(("Errors", "Throttles"), _of(function, "Errors", "Throttles"), strict=True)
}


@in_the_cloud
def test_alarms_watch_every_way_that_a_message_can_be_lost_and_a_release_can_end_badly(
    template: TemplateOf, stage: str
) -> None:
    watched = {name: _watched(alarm) for name, alarm in _alarms(template(stage)).items()}
    assert watched == {**EVENTS, **RULES, **RELEASED}


def test_emulator_has_alarms_of_voice_and_api_and_none_of_queries(template: TemplateOf) -> None:
    watched = {name: _watched(alarm) for name, alarm in _alarms(template("local")).items()}
    assert watched == {**EVENTS, **RELEASED, **WAITED_FOR}


@in_the_cloud
def test_one_is_too_many_within_five_minutes_and_no_data_is_no_alarm(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        periods = {alarm.get("Period") or alarm["Metrics"][0]["Period"]}
        assert (periods, alarm["Threshold"], alarm["TreatMissingData"]) == ({300}, 0, "notBreaching"), name


def test_functions_own_metrics_are_read_where_they_are_written(template: TemplateOf) -> None:
    made = template("dev")
    for function in (TELEMETRY, PRESS, ADVANCE):
        told = environment(made, function)
        assert (told["SERVICE"], told["METRICS_NAMESPACE"]) == ("IotBackend", "IotBackend")
    assert _alarms(made)[f"ReleasesAlarms{Metric.ALIAS_MOVED.value}"]["Namespace"] == "IotBackend"


def test_alarms_of_releases_too_are_mailed_where_the_stage_has_an_address(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    shared = replace(STAGES["dev"].shared, alarm_email="alarms@example.com")
    made = synthesize(replace(STAGES["dev"], shared=shared), tmp_path_factory.mktemp("mailed")).templates["IotBackend"]
    assert {tuple(each["AlarmActions"]) for each in made.of_type("AWS::CloudWatch::Alarm").values()} == {
        ("${AlarmTopic}",)
    }


@in_the_cloud
def test_dashboard_begins_with_all_alarms_and_shows_every_metric_of_the_functions(
    template: TemplateOf, stage: str
) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    widgets = dashboard["DashboardBody"]["widgets"]
    assert widgets[0]["type"] == "alarm"
    assert len(widgets[0]["properties"]["alarms"]) == len(template(stage).of_type("AWS::CloudWatch::Alarm"))
    shown = json.dumps(widgets)
    assert [metric for metric in Metric if f'"{metric.value}"' not in shown] == []
