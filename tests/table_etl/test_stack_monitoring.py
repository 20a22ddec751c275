"""What table ETL watches, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.table_etl.contract import Metric
from stacks.config import STAGES
from stacks.table_etl.config import TableEtlConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template
from tests.table_etl.stacks import BACKFILL, COMPACT, LOAD, PLAN, environment

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]

SOURCE = [{"Name": "EventSourceMappingUUID", "Value": "${TableEtlChangesMapping}"}]
OWN = [{"Name": "service", "Value": "TableEtl"}]
READ_MODEL = [{"Name": "TableName", "Value": "${TableEtlTargetsReadModel}"}]
MINUTE = 60 * 1000


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["TableEtl"]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage with thresholds and an address of its own."""
    config = TableEtlConfig(max_lag_seconds=30, quarantine_alarm_percent=0.5, max_staged_age_minutes=20)
    shared = replace(STAGES["dev"].shared, alarm_email="alarms@example.com")
    stage = replace(STAGES["dev"], shared=shared, table_etl=config)
    return synthesize(stage, tmp_path_factory.mktemp("impatient")).templates["TableEtl"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    prefix = "TableEtlMonitoring"
    return {name.removeprefix(prefix): alarm for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()}


def _of(function: str, metric: str, statistic: str = "Sum", threshold: float = 0) -> tuple[Any, ...]:
    return ("AWS/Lambda", metric, statistic, [{"Name": "FunctionName", "Value": f"${{{function}}}"}], threshold)


def _waiting(queue: str) -> tuple[Any, ...]:
    name = [{"Name": "QueueName", "Value": f"${{{queue}.QueueName}}"}]
    return ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", name, 0)


OLDEST_TASK = (
    "AWS/SQS",
    "ApproximateAgeOfOldestMessage",
    "Maximum",
    [{"Name": "QueueName", "Value": "${TableEtlHistoryTasks.QueueName}"}],
    5 * 24 * 60 * 60,
)


@every_stage
def test_alarms_watch_every_way_that_a_change_a_file_or_a_row_can_be_late_rejected_or_lost(
    template: TemplateOf, stage: str
) -> None:
    watched = {
        name: tuple(alarm[key] for key in ("Namespace", "MetricName", "Statistic", "Dimensions", "Threshold"))
        for name, alarm in _alarms(template(stage)).items()
    }
    assert watched == {
        "LoadAlarmsErrors": _of(LOAD, "Errors"),
        "LoadAlarmsThrottles": _of(LOAD, "Throttles"),
        "LoadAlarmsIteratorAge": _of(LOAD, "IteratorAge", "Maximum", 5 * MINUTE),
        "LoadAlarmsRecordsGivenUp": ("AWS/Lambda", "OnFailureDestinationDeliveredEventCount", "Sum", SOURCE, 0),
        "LoadAlarmsLostRecords": ("AWS/Lambda", "DroppedEventCount", "Sum", SOURCE, 0),
        "LoadAlarmsFailedDeliveries": _of(LOAD, "DestinationDeliveryFailures"),
        "LoadAlarmsRetriedBatches": ("TableEtl", Metric.RETRIED, "Sum", OWN, 0),
        "LoadAlarmsQuarantineRate": ("TableEtl", Metric.REJECTED_SHARE, "Average", OWN, 5),
        "LoadAlarmsReadModelThrottles": ("AWS/DynamoDB", "WriteThrottleEvents", "Sum", READ_MODEL, 0),
        "PlanAlarmsErrors": _of(PLAN, "Errors"),
        "PlanAlarmsThrottles": _of(PLAN, "Throttles"),
        "PlanAlarmsDroppedEvents": _of(PLAN, "AsyncEventsDropped"),
        "PlanAlarmsLostEvents": _of(PLAN, "DestinationDeliveryFailures"),
        "PlanAlarmsFailureQueueDepth": _waiting("TableEtlHistoryPlanFailures"),
        "BackfillAlarmsErrors": _of(BACKFILL, "Errors"),
        "BackfillAlarmsThrottles": _of(BACKFILL, "Throttles"),
        "BackfillAlarmsWaitingWork": OLDEST_TASK,
        "BackfillAlarmsDeadLetters": _waiting("TableEtlHistoryDeadLetters"),
        "CompactAlarmsErrors": _of(COMPACT, "Errors"),
        "CompactAlarmsThrottles": _of(COMPACT, "Throttles"),
        "CompactAlarmsUndelivered": _waiting("TableEtlCompactionScheduleUndelivered"),
        "CompactAlarmsStagedAge": ("TableEtl", Metric.STAGED_AGE, "Maximum", OWN, 60 * MINUTE),
    }


SLOW = {"LoadAlarmsQuarantineRate", "CompactAlarmsStagedAge"}


@every_stage
def test_alarms_are_raised_by_the_first_breach_and_not_by_silence(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["TreatMissingData"])
        assert how == ("GreaterThanThreshold", 1, "notBreaching"), name
        assert alarm["Period"] == (15 * 60 if name in SLOW else 5 * 60), name
        assert alarm["AlarmDescription"], name


@every_stage
def test_unfinished_work_is_told_of_long_before_its_queue_forgets_it(template: TemplateOf, stage: str) -> None:
    kept = template(stage).properties("TableEtlHistoryTasks")["MessageRetentionPeriod"]
    assert _alarms(template(stage))["BackfillAlarmsWaitingWork"]["Threshold"] == kept / 2


@every_stage
@pytest.mark.parametrize("function", [LOAD, PLAN, BACKFILL, COMPACT])
def test_alarms_watch_the_namespace_and_service_that_functions_write(
    template: TemplateOf, stage: str, function: str
) -> None:
    told = environment(template(stage), function)
    for name in ("LoadAlarmsRetriedBatches", "LoadAlarmsQuarantineRate", "CompactAlarmsStagedAge"):
        alarm = _alarms(template(stage))[name]
        assert alarm["Namespace"] == told["METRICS_NAMESPACE"]
        assert alarm["Dimensions"] == [{"Name": "service", "Value": told["SERVICE"]}]


def test_users_decide_what_is_late_and_what_is_too_much(impatient: Template) -> None:
    alarms = _alarms(impatient)
    assert alarms["LoadAlarmsIteratorAge"]["Threshold"] == 30_000
    assert alarms["LoadAlarmsQuarantineRate"]["Threshold"] == 0.5
    assert alarms["CompactAlarmsStagedAge"]["Threshold"] == 20 * MINUTE


def test_with_an_address_every_alarm_is_mailed_to_it(impatient: Template) -> None:
    [subscription] = impatient.of_type("AWS::SNS::Subscription").values()
    assert subscription["Endpoint"] == "alarms@example.com"
    for name, alarm in _alarms(impatient).items():
        assert alarm["AlarmActions"] == ["${AlarmTopic}"], name


@every_stage
def test_dashboard_shows_every_alarm_and_every_metric_of_the_functions(template: TemplateOf, stage: str) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    [alarms] = [each for each in dashboard["DashboardBody"]["widgets"] if each["type"] == "alarm"]
    shown = json.dumps(dashboard["DashboardBody"])
    assert sorted(alarms["properties"]["alarms"]) == sorted(
        f"${{TableEtlMonitoring{name}.Arn}}" for name in _alarms(template(stage))
    )
    assert [name for name in Metric if f'"{name}"' not in shown] == []
    for name in ("IteratorAge", "OnFailureDestinationDeliveredEventCount", "WriteThrottleEvents"):
        assert f'"{name}"' in shown


@every_stage
@pytest.mark.parametrize("metric", [Metric.BATCH_TIME, Metric.COMPACTION_TIME])
def test_dashboard_shows_how_long_work_takes_and_not_only_on_average(
    template: TemplateOf, stage: str, metric: Metric
) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    widgets = [each["properties"] for each in dashboard["DashboardBody"]["widgets"]]
    rows = [row for widget in widgets for row in widget.get("metrics", []) if metric in row]
    assert [row[-1]["stat"] for row in rows] == ["p50", "p95", "p99"]
