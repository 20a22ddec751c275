"""What file processing watches, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.file_processing.contract import Lane, Metric
from lambdas.file_processing.contract.limits import IndexLimits
from stacks.config import STAGES
from stacks.file_processing.config import FileProcessingConfig
from tests.file_processing.stacks import (
    ARRIVALS,
    FAILURES,
    FINISH,
    INDEX,
    INDEX_FAILURES,
    INDEX_QUEUE,
    LANE_QUEUES,
    LANES,
    RECOGNIZE,
    SEARCH,
    TemplateOf,
    environment,
)
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

OWN = [{"Name": "service", "Value": "FileProcessing"}]
HOUR = 60 * 60
INDEX_BYTES = 0.8 * 1024 * 1024 * 1024

FUNCTIONS = {
    "Recognize": RECOGNIZE,
    **{lane.title(): LANES[lane] for lane in Lane},
    "Finish": FINISH,
    "Index": INDEX,
    "Search": SEARCH,
}
QUEUES = {"Recognize": ARRIVALS, **{lane.title(): LANE_QUEUES[lane] for lane in Lane}}


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["FileProcessing"]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage with thresholds and an address of its own."""
    config = FileProcessingConfig(
        quarantine_alarm_percent=0.5,
        max_wait_minutes=5,
        max_index_lag_minutes=2,
        index_limits=IndexLimits(max_bytes=1_000_000),
        index_alarm_percent=60.0,
    )
    shared = replace(STAGES["dev"].shared, alarm_email="alarms@example.com")
    stage = replace(STAGES["dev"], shared=shared, file_processing=config)
    return synthesize(stage, tmp_path_factory.mktemp("impatient")).templates["FileProcessing"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    prefix = "FileProcessingMonitoring"
    return {name.removeprefix(prefix): alarm for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()}


def _of(function: str, metric: str) -> tuple[Any, ...]:
    return ("AWS/Lambda", metric, "Sum", [{"Name": "FunctionName", "Value": f"${{{function}}}"}], 0)


def _queue(queue: str, metric: str, threshold: float) -> tuple[Any, ...]:
    return ("AWS/SQS", metric, "Maximum", [{"Name": "QueueName", "Value": f"${{{queue}.QueueName}}"}], threshold)


@in_the_cloud
def test_alarms_watch_every_way_that_a_file_can_be_late_rejected_or_lost(template: TemplateOf, stage: str) -> None:
    watched = {
        name: tuple(alarm[key] for key in ("Namespace", "MetricName", "Statistic", "Dimensions", "Threshold"))
        for name, alarm in _alarms(template(stage)).items()
    }
    waiting, oldest = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
    assert watched == {
        **{f"{name}AlarmsErrors": _of(each, "Errors") for name, each in FUNCTIONS.items()},
        **{f"{name}AlarmsThrottles": _of(each, "Throttles") for name, each in FUNCTIONS.items()},
        **{f"{name}AlarmsWaitingFiles": _queue(each, oldest, HOUR) for name, each in QUEUES.items()},
        "FinishAlarmsDroppedEvents": _of(FINISH, "AsyncEventsDropped"),
        "FinishAlarmsLostEvents": _of(FINISH, "DestinationDeliveryFailures"),
        "FilesAlarmsFailureQueueDepth": _queue(FAILURES, waiting, 0),
        "FilesAlarmsQuarantineRate": ("FileProcessing", Metric.REJECTED_SHARE, "Average", OWN, 20),
        "FilesAlarmsRetriedMessages": ("FileProcessing", Metric.RETRIED, "Sum", OWN, 0),
        "FilesAlarmsMediaConvertFailures": ("FileProcessing", Metric.JOBS_FAILED, "Sum", OWN, 0),
        "IndexContentAlarmsFailureQueueDepth": _queue(INDEX_FAILURES, waiting, 0),
        "IndexContentAlarmsLag": _queue(INDEX_QUEUE, oldest, HOUR / 2),
        "IndexContentAlarmsConflicts": ("FileProcessing", Metric.INDEX_CONFLICTS, "Sum", OWN, 0),
        "IndexContentAlarmsBytes": ("FileProcessing", Metric.INDEX_BYTES, "Maximum", OWN, pytest.approx(INDEX_BYTES)),
        "IndexContentAlarmsTextsLeftOut": ("FileProcessing", Metric.TEXTS_LEFT_OUT, "Sum", OWN, 0),
    }


OF_MEDIACONVERT = {f"FinishAlarms{name}" for name in ("Errors", "Throttles", "DroppedEvents", "LostEvents")} | {
    "FilesAlarmsMediaConvertFailures"
}


def test_on_the_laptop_all_the_same_is_watched_but_mediaconvert(template: TemplateOf) -> None:
    assert set(_alarms(template("local"))) == set(_alarms(template("dev"))) - OF_MEDIACONVERT


@every_stage
def test_alarms_are_raised_by_the_first_breach_and_not_by_silence(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["TreatMissingData"])
        assert how == ("GreaterThanThreshold", 1, "notBreaching"), name
        assert alarm["Period"] == (15 * 60 if name == "FilesAlarmsQuarantineRate" else 5 * 60), name
        assert alarm["AlarmDescription"], name


@every_stage
def test_alarms_watch_the_namespace_and_service_that_functions_write(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    own = [alarm for alarm in _alarms(made).values() if not alarm["Namespace"].startswith("AWS/")]
    assert own
    for function in set(FUNCTIONS.values()) & set(made.resources):
        told = environment(made, function)
        for alarm in own:
            assert alarm["Namespace"] == told["METRICS_NAMESPACE"]
            assert alarm["Dimensions"] == [{"Name": "service", "Value": told["SERVICE"]}]


def test_users_decide_what_is_late_and_what_is_too_much(impatient: Template) -> None:
    alarms = _alarms(impatient)
    assert {alarms[f"{name}AlarmsWaitingFiles"]["Threshold"] for name in QUEUES} == {5 * 60}
    assert alarms["IndexContentAlarmsLag"]["Threshold"] == 2 * 60
    assert alarms["FilesAlarmsQuarantineRate"]["Threshold"] == 0.5


def test_index_that_is_soon_full_raises_an_alarm_before_texts_are_left_out(impatient: Template) -> None:
    assert _alarms(impatient)["IndexContentAlarmsBytes"]["Threshold"] == 600_000


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
        f"${{FileProcessingMonitoring{name}.Arn}}" for name in _alarms(template(stage))
    )
    assert [name for name in Metric if f'"{name}"' not in shown] == []


@every_stage
@pytest.mark.parametrize("metric", [Metric.HANDLING_TIME, Metric.SEARCH_TIME])
def test_dashboard_shows_how_long_work_takes_and_not_only_on_average(
    template: TemplateOf, stage: str, metric: Metric
) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    widgets = [each["properties"] for each in dashboard["DashboardBody"]["widgets"]]
    rows = [row for widget in widgets for row in widget.get("metrics", []) if metric in row]
    assert [row[-1]["stat"] for row in rows] == ["p50", "p95", "p99"]
