"""What stream analytics watches, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.stream_analytics.contract import Metric
from stacks.config import STAGES
from stacks.stream_analytics.construct import StreamAnalyticsConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]

FUNCTION = [{"Name": "FunctionName", "Value": "${StreamAnalyticsAnalyzeFunction}"}]
STREAM = [{"Name": "StreamName", "Value": "${StreamAnalyticsEvents}"}]
SOURCE = [{"Name": "EventSourceMappingUUID", "Value": "${StreamAnalyticsSourceMapping}"}]
OWN = [{"Name": "service", "Value": "StreamAnalytics"}]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["StreamAnalytics"]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage with thresholds and an address of its own."""
    config = StreamAnalyticsConfig(max_lag_seconds=30, quarantine_alarm_percent=0.5)
    shared = replace(STAGES["dev"].shared, alarm_email="alarms@example.com")
    stage = replace(STAGES["dev"], shared=shared, stream_analytics=config)
    return synthesize(stage, tmp_path_factory.mktemp("impatient")).templates["StreamAnalytics"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    prefix = "StreamAnalyticsAlarms"
    return {name.removeprefix(prefix): alarm for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()}


@every_stage
def test_alarms_watch_every_way_that_an_event_can_be_late_rejected_or_lost(template: TemplateOf, stage: str) -> None:
    watched = {
        name: tuple(alarm[key] for key in ("Namespace", "MetricName", "Statistic", "Dimensions", "Threshold"))
        for name, alarm in _alarms(template(stage)).items()
    }
    assert watched == {
        "Errors": ("AWS/Lambda", "Errors", "Sum", FUNCTION, 0),
        "Throttles": ("AWS/Lambda", "Throttles", "Sum", FUNCTION, 0),
        "IteratorAge": ("AWS/Lambda", "IteratorAge", "Maximum", FUNCTION, 5 * 60 * 1000),
        "RecordsGivenUp": ("AWS/Lambda", "OnFailureDestinationDeliveredEventCount", "Sum", SOURCE, 0),
        "LostRecords": ("AWS/Lambda", "DroppedEventCount", "Sum", SOURCE, 0),
        "FailedDeliveries": ("AWS/Lambda", "DestinationDeliveryFailures", "Sum", FUNCTION, 0),
        "RetriedBatches": ("StreamAnalytics", Metric.RETRIED, "Sum", OWN, 0),
        "StreamThrottles": ("AWS/Kinesis", "WriteProvisionedThroughputExceeded", "Sum", STREAM, 0),
        "QuarantineRate": ("StreamAnalytics", Metric.REJECTED_SHARE, "Average", OWN, 5),
    }


@every_stage
def test_alarms_are_raised_by_the_first_breach_and_not_by_silence(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["TreatMissingData"])
        assert how == ("GreaterThanThreshold", 1, "notBreaching"), name
        assert alarm["Period"] == (15 * 60 if name == "QuarantineRate" else 5 * 60), name
        assert alarm["AlarmDescription"], name


@every_stage
def test_metrics_of_the_event_source_are_switched_on_since_alarms_need_them(template: TemplateOf, stage: str) -> None:
    mapping = template(stage).properties("StreamAnalyticsSourceMapping")
    assert mapping["MetricsConfig"] == {"Metrics": ["EventCount"]}


@every_stage
def test_alarms_watch_the_namespace_and_service_that_the_function_writes(template: TemplateOf, stage: str) -> None:
    environment = template(stage).properties("StreamAnalyticsAnalyzeFunction")["Environment"]["Variables"]
    for name in ("RetriedBatches", "QuarantineRate"):
        alarm = _alarms(template(stage))[name]
        assert alarm["Namespace"] == environment["METRICS_NAMESPACE"]
        assert alarm["Dimensions"] == [{"Name": "service", "Value": environment["SERVICE"]}]


def test_users_decide_what_is_late_and_what_is_too_much(impatient: Template) -> None:
    assert _alarms(impatient)["IteratorAge"]["Threshold"] == 30_000
    assert _alarms(impatient)["QuarantineRate"]["Threshold"] == 0.5


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
        f"${{StreamAnalyticsAlarms{name}.Arn}}" for name in _alarms(template(stage))
    )
    assert [name for name in Metric if f'"{name}"' not in shown] == []
    for name in ("IteratorAge", "IncomingRecords", "IncomingBytes", "OnFailureDestinationDeliveredEventCount"):
        assert f'"{name}"' in shown


@every_stage
def test_dashboard_shows_how_long_a_batch_takes_and_not_only_on_average(template: TemplateOf, stage: str) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    widgets = [each["properties"] for each in dashboard["DashboardBody"]["widgets"]]
    rows = [row for widget in widgets for row in widget.get("metrics", []) if Metric.BATCH_TIME in row]
    assert [row[-1]["stat"] for row in rows] == ["p50", "p95", "p99"]
