"""What backups watch, and whom they tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.backups.contract import POLICY_DIMENSION, Cadence, Metric, Policy
from stacks.backups.config import BackupsConfig
from stacks.config import STAGES, BackupsTags
from tests.backups.stacks import BACKUP, CHECK, TemplateOf, told_of_backups, told_of_checks
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

Watched = tuple[Any, ...]
SERVICE = {"service": "Backups"}
HOUR = 60 * 60


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["Backups"]


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage with a policy and an address of its own."""
    policy = Policy(name="ledger-1", cadence=Cadence(every="hour"), max_age_hours=3)
    shared = replace(STAGES["dev"].shared, alarm_email="alarms@example.com")
    stage = replace(
        STAGES["dev"],
        shared=shared,
        backups=BackupsConfig(policies=(policy,)),
        backups_tags=BackupsTags(items=None, source=None),
    )
    return synthesize(stage, tmp_path_factory.mktemp("hourly")).templates["Backups"]


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    prefix = "BackupsMonitoring"
    return {name.removeprefix(prefix): alarm for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()}


def _dimensions(alarm: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


def _of(function: str, metric: str) -> Watched:
    return ("AWS/Lambda", metric, "Sum", {"FunctionName": f"${{{function}}}"}, 0)


def _undelivered(function: str) -> Watched:
    queue = {"QueueName": f"${{Backups{function}ScheduleUndelivered.QueueName}}"}
    return ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", queue, 0)


def _own(metric: Metric) -> Watched:
    return ("Backups", metric, "Sum", SERVICE, 0)


def _age(policy: str, hours: int) -> Watched:
    return ("Backups", Metric.AGE, "Maximum", {**SERVICE, POLICY_DIMENSION: policy}, hours)


@every_stage
def test_alarms_watch_every_way_that_a_backup_can_be_missing_or_wrong(template: TemplateOf, stage: str) -> None:
    watched = {
        name: (each["Namespace"], each["MetricName"], each["Statistic"], _dimensions(each), each["Threshold"])
        for name, each in _alarms(template(stage)).items()
    }
    assert watched == {
        "BackupAlarmsErrors": _of(BACKUP, "Errors"),
        "BackupAlarmsThrottles": _of(BACKUP, "Throttles"),
        "BackupAlarmsUndelivered": _undelivered("Backup"),
        "BackupAlarmsDailyBackupAge": _age("daily", 30),
        "BackupAlarmsWeeklyBackupAge": _age("weekly", 7 * 24 + 6),
        "BackupAlarmsFailedBackups": _own(Metric.FAILED),
        "BackupAlarmsMissedSlots": _own(Metric.MISSED),
        "RestoreCheckAlarmsErrors": _of(CHECK, "Errors"),
        "RestoreCheckAlarmsThrottles": _of(CHECK, "Throttles"),
        "RestoreCheckAlarmsUndelivered": _undelivered("RestoreCheck"),
        "RestoreCheckAlarmsDifferentRestores": _own(Metric.DIFFERENT),
        "RestoreCheckAlarmsFailedRestoreChecks": _own(Metric.CHECKS_FAILED),
    }


@every_stage
def test_alarms_are_raised_by_the_first_breach_and_that_of_age_by_silence_too(template: TemplateOf, stage: str) -> None:
    for name, alarm in _alarms(template(stage)).items():
        of_age = name.endswith("BackupAge")
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["Period"], alarm["TreatMissingData"])
        silence = "breaching" if of_age else "notBreaching"
        assert how == ("GreaterThanThreshold", 1, HOUR if of_age else 5 * 60, silence), name
        assert alarm["AlarmDescription"], name


@every_stage
def test_alarms_watch_what_the_functions_write(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    own = [each for each in _alarms(made).values() if not each["Namespace"].startswith("AWS/")]
    for told in (told_of_backups(made), told_of_checks(made)):
        assert {each["Namespace"] for each in own} == {told.metrics_namespace}
        assert {_dimensions(each)["service"] for each in own} == {told.service}


def test_every_policy_has_an_alarm_of_its_own_age(hourly: Template) -> None:
    [alarm] = [each for name, each in _alarms(hourly).items() if name.endswith("BackupAge")]
    assert (_dimensions(alarm)[POLICY_DIMENSION], alarm["Threshold"]) == ("ledger-1", 3)


def test_with_an_address_every_alarm_is_mailed_to_it(hourly: Template) -> None:
    for name, alarm in _alarms(hourly).items():
        assert alarm["AlarmActions"] == ["${AlarmTopic}"], name


@every_stage
def test_dashboard_shows_every_alarm_and_every_metric_of_the_functions(template: TemplateOf, stage: str) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    [alarms] = [each for each in dashboard["DashboardBody"]["widgets"] if each["type"] == "alarm"]
    shown = json.dumps(dashboard["DashboardBody"])
    assert sorted(alarms["properties"]["alarms"]) == sorted(
        f"${{BackupsMonitoring{name}.Arn}}" for name in _alarms(template(stage))
    )
    assert [name for name in Metric if f'"{name}"' not in shown] == []
