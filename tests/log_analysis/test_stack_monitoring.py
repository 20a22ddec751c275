"""What log analysis watches of itself, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.log_analysis.contract import Metric
from stacks.config import STAGES
from tests.log_analysis.stacks import ANALYZE, TemplateOf
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

FUNCTION = [{"Name": "FunctionName", "Value": f"${{{ANALYZE}}}"}]
QUEUE = [{"Name": "QueueName", "Value": "${LogAnalysisFailures.QueueName}"}]
TABLE = [{"Name": "TableName", "Value": "${LogAnalysisSignatures}"}]
OWN = [{"Name": "service", "Value": "LogAnalysis"}]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["LogAnalysis"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    prefix = "LogAnalysisMonitoringAlarms"
    return {name.removeprefix(prefix): alarm for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()}


@every_stage
def test_alarms_watch_every_way_that_a_line_can_be_late_or_lost(template: TemplateOf, stage: str) -> None:
    alarms = _alarms(template(stage))
    alarms.pop("UndeliveredLines", None)
    watched = {
        name: (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"], alarm["Dimensions"], alarm["Period"])
        for name, alarm in alarms.items()
    }
    assert watched == {
        "Errors": ("AWS/Lambda", "Errors", "Sum", FUNCTION, 300),
        "Throttles": ("AWS/Lambda", "Throttles", "Sum", FUNCTION, 300),
        "DroppedEvents": ("AWS/Lambda", "AsyncEventsDropped", "Sum", FUNCTION, 300),
        "LostEvents": ("AWS/Lambda", "DestinationDeliveryFailures", "Sum", FUNCTION, 300),
        "FailureQueueDepth": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", QUEUE, 300),
        "TooManySignatures": ("LogAnalysis", Metric.UNNAMED, "Sum", OWN, 300),
        "SignaturesWriteThrottles": ("AWS/DynamoDB", "WriteThrottleEvents", "Sum", TABLE, 300),
    }


@in_the_cloud
def test_alarm_of_undelivered_lines_watches_every_filter_of_the_stack(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    [metric] = _alarms(made)["UndeliveredLines"]["Metrics"]
    assert "SUM(DeliveryErrors)" in metric["Expression"]
    filters = made.of_type("AWS::Logs::SubscriptionFilter").values()
    assert filters
    for each in filters:
        assert metric["Expression"].endswith(f"WHERE FilterName = '{each['FilterName']}'")


@every_stage
def test_alarms_are_raised_by_the_first_breach_and_not_by_silence(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["TreatMissingData"], alarm["Threshold"])
        assert how == ("GreaterThanThreshold", 1, "notBreaching", 0), name
        assert alarm["AlarmDescription"], name


@every_stage
def test_alarm_of_signatures_watches_what_the_function_writes(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    alarm, told = _alarms(made)["TooManySignatures"], made.properties(ANALYZE)["Environment"]["Variables"]
    assert alarm["Namespace"] == told["METRICS_NAMESPACE"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": told["SERVICE"]}]


def test_with_an_address_every_alarm_is_mailed_to_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    shared = replace(STAGES["dev"].shared, alarm_email="alarms@example.com")
    made = synthesize(replace(STAGES["dev"], shared=shared), tmp_path_factory.mktemp("mailed"))
    for name, alarm in _alarms(made.templates["LogAnalysis"]).items():
        assert alarm["AlarmActions"] == ["${AlarmTopic}"], name


@every_stage
def test_dashboard_shows_every_alarm_and_every_metric_of_the_function(template: TemplateOf, stage: str) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    [alarms] = [each for each in dashboard["DashboardBody"]["widgets"] if each["type"] == "alarm"]
    shown = json.dumps(dashboard["DashboardBody"])
    assert sorted(alarms["properties"]["alarms"]) == sorted(
        f"${{LogAnalysisMonitoringAlarms{name}.Arn}}" for name in _alarms(template(stage))
    )
    assert [name for name in Metric if f'"{name}"' not in shown] == []
