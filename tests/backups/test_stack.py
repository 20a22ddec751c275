"""What is deployed for backups: functions, schedules, what is kept, and what the stack tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from lambdas.backups.contract import (
    ENTRY,
    EXPIRES_AT,
    PARTITION,
    SCHEDULED_TIME,
    BackupEvent,
    Cadence,
    Lock,
    Policy,
    RestoreCheckEvent,
)
from stacks.backups.config import BackupsConfig
from stacks.config import STAGES
from tests.backups.stacks import (
    BACKUP,
    BACKUP_ROLE,
    CHECK,
    REPORTS,
    STATUS,
    VAULT,
    TemplateOf,
    configured,
    told_of_backups,
    told_of_checks,
)
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["Backups"]


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of a user with one policy, locks, and a check every day."""
    config = BackupsConfig(
        policies=(Policy(name="ledger-1", cadence=Cadence(every="hour", at="00:30"), max_age_hours=3),),
        check=Cadence(every="day", at="09:15"),
        lock=Lock(days=7, mode="COMPLIANCE"),
    )
    return configured(config, tmp_path_factory.mktemp("hourly"))


# --- functions --------------------------------------------------------------------------------------------------------


@in_the_cloud
@pytest.mark.parametrize(
    ("function", "module", "layers"),
    [
        (BACKUP, "backup", ["${CommonLayer}"]),
        (CHECK, "restore_check", ["${CommonLayer}", "${RestoreCheckLayer}"]),
    ],
)
def test_function_runs_as_experts_would_run_it(
    template: TemplateOf, stage: str, function: str, module: str, layers: list[str]
) -> None:
    properties = template(stage).properties(function)
    assert {name: properties[name] for name in properties if name not in {"Code", "Environment", "Description"}} == {
        "Architectures": ["arm64"],
        "Handler": f"lambdas.backups.{module}.handler",
        "Layers": layers,
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"${{{function.removesuffix('Function')}Logs}}"},
        "MemorySize": 1769,
        "Role": f"${{{function.removesuffix('Function')}Role.Arn}}",
        "Runtime": "python3.13",
        "Timeout": 900,
        "TracingConfig": {"Mode": "Active"},
    }


@every_stage
@pytest.mark.parametrize(("function", "told"), [(BACKUP, told_of_backups), (CHECK, told_of_checks)])
def test_lease_outlasts_whoever_holds_it(
    template: TemplateOf, stage: str, function: str, told: Callable[[Template], Any]
) -> None:
    made = template(stage)
    assert told(made).lease_seconds > made.properties(function)["Timeout"]


@pytest.mark.parametrize(
    ("stage", "exporter", "restore_from"),
    [
        ("local", "scan", "on_demand_backup"),
        ("dev", "dynamodb", "point_in_time"),
        ("prod", "dynamodb", "point_in_time"),
    ],
)
def test_export_and_restore_are_as_of_one_second_but_where_aws_is_emulated(
    template: TemplateOf, stage: str, exporter: str, restore_from: str
) -> None:
    made = template(stage)
    assert (told_of_backups(made).exporter, told_of_checks(made).restore_from) == (exporter, restore_from)


@every_stage
def test_volumes_are_named_as_ec2_names_them_elsewhere(template: TemplateOf, stage: str) -> None:
    prefix = told_of_backups(template(stage)).volume_arn_prefix
    assert prefix == "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:volume/"


# --- schedules --------------------------------------------------------------------------------------------------------


def _schedules(template: Template, function: str) -> dict[str, Any]:
    """Events by expression, of one function; None where there is no input."""
    return {
        each["ScheduleExpression"]: msgspec.json.decode(each["Target"]["Input"]) if "Input" in each["Target"] else None
        for each in template.of_type("AWS::Scheduler::Schedule").values()
        if each["Target"]["Arn"] == f"${{{function}.Arn}}"
    }


@every_stage
def test_policies_fire_at_their_slots_and_every_minute_goes_on_with_them(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    assert _schedules(made, BACKUP) == {
        "rate(1 minute)": None,
        "cron(0 3 * * ? *)": {"policy": "daily", "slot": SCHEDULED_TIME},
        "cron(0 4 ? * SUN *)": {"policy": "weekly", "slot": SCHEDULED_TIME},
    }
    assert _schedules(made, CHECK) == {"rate(1 minute)": None, "cron(0 8 ? * MON *)": {"slot": SCHEDULED_TIME}}


def test_users_decide_when_what_is_backed_up_and_checked(hourly: Template) -> None:
    event = {"policy": "ledger-1", "slot": SCHEDULED_TIME}
    assert _schedules(hourly, BACKUP) == {"rate(1 minute)": None, "cron(30 * * * ? *)": event}
    assert _schedules(hourly, CHECK) == {"rate(1 minute)": None, "cron(15 9 * * ? *)": {"slot": SCHEDULED_TIME}}


@every_stage
def test_functions_understand_what_the_schedules_send(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    policies = {each.name for each in told_of_backups(made).policies}
    events = [msgspec.convert(event or {}, BackupEvent) for event in _schedules(made, BACKUP).values()]
    assert {event.policy for event in events} == {None, *policies}
    checks = [msgspec.convert(event or {}, RestoreCheckEvent) for event in _schedules(made, CHECK).values()]
    assert {event.slot for event in checks} == {None, SCHEDULED_TIME}


@every_stage
def test_slots_are_in_utc_to_the_minute_and_what_did_not_come_is_kept(template: TemplateOf, stage: str) -> None:
    for name, each in template(stage).of_type("AWS::Scheduler::Schedule").items():
        function = "RestoreCheck" if name.startswith("BackupsRestoreCheck") else "Backup"
        assert (each["ScheduleExpressionTimezone"], each["FlexibleTimeWindow"]) == ("Etc/UTC", {"Mode": "OFF"}), name
        undelivered = f"${{Backups{function}ScheduleUndelivered.Arn}}"
        assert each["Target"]["DeadLetterConfig"] == {"Arn": undelivered}, name


@every_stage
def test_what_failed_is_not_repeated_but_left_to_the_next_minute(template: TemplateOf, stage: str) -> None:
    configs = template(stage).of_type("AWS::Lambda::EventInvokeConfig").values()
    assert sorted(each["FunctionName"] for each in configs) == [f"${{{BACKUP}}}", f"${{{CHECK}}}"]
    for each in configs:
        assert (each["MaximumRetryAttempts"], each["MaximumEventAgeInSeconds"]) == (0, 60)


# --- what is kept -----------------------------------------------------------------------------------------------------


@every_stage
def test_status_table_has_the_keys_of_the_contract_and_forgets(template: TemplateOf, stage: str) -> None:
    made = template(stage).properties(STATUS)
    keys = [(each["AttributeName"], each["KeyType"]) for each in made["KeySchema"]]
    assert keys == [(PARTITION, "HASH"), (ENTRY, "RANGE")]
    assert {each["AttributeType"] for each in made["AttributeDefinitions"]} == {"S"}
    assert made["TimeToLiveSpecification"] == {"AttributeName": EXPIRES_AT, "Enabled": True}


@every_stage
def test_vault_has_versions_and_can_be_locked_whether_or_not_it_is(template: TemplateOf, stage: str) -> None:
    """Who wants locks later would get another, empty vault otherwise. Nothing is locked unless it is said."""
    made = template(stage).properties(VAULT)
    assert made["ObjectLockEnabled"] is True
    assert made["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "ObjectLockConfiguration" not in made


@every_stage
def test_vault_is_closed_encrypted_and_forgets_nothing_but_uploads_that_were_given_up(
    template: TemplateOf, stage: str
) -> None:
    made = template(stage).properties(VAULT)
    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    assert made["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    [rule] = made["LifecycleConfiguration"]["Rules"]
    assert rule == {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Status": "Enabled"}


@pytest.mark.parametrize(("stage", "lock"), [("local", None), ("dev", None), ("prod", Lock(days=30))])
def test_backups_are_locked_in_prod_alone(template: TemplateOf, stage: str, lock: Lock | None) -> None:
    assert told_of_backups(template(stage)).lock == lock


def test_users_decide_about_locks(hourly: Template) -> None:
    assert told_of_backups(hourly).lock == Lock(days=7, mode="COMPLIANCE")
    actions = {action for statement in hourly.statements(BACKUP_ROLE) for action in statement["Action"]}
    assert {"s3:GetObjectRetention", "s3:PutObjectRetention"} <= actions


@pytest.mark.parametrize(("stage", "kept"), [("local", "Delete"), ("dev", "Delete"), ("prod", "Retain")])
def test_backups_outlive_their_stack_in_prod_alone(template: TemplateOf, stage: str, kept: str) -> None:
    resources = template(stage).resources
    for name in (VAULT, STATUS):
        assert (resources[name]["DeletionPolicy"], resources[name]["UpdateReplacePolicy"]) == (kept, kept), name


@every_stage
def test_topic_of_reports_is_encrypted_and_takes_nothing_but_tls(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    # By name: AWS makes its key for whoever names it first, and for no ARN.
    assert made.properties(REPORTS)["KmsMasterKeyId"] == "alias/aws/sns"
    [policy] = made.of_type("AWS::SNS::TopicPolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


@every_stage
def test_stack_tells_what_its_users_need(template: TemplateOf, stage: str) -> None:
    assert template(stage).outputs == {
        "VaultBucketName": f"${{{VAULT}}}",
        "BackupStatusTableName": f"${{{STATUS}}}",
        "BackupFunctionName": f"${{{BACKUP}}}",
        "RestoreCheckFunctionName": f"${{{CHECK}}}",
        "ReportsTopicArn": f"${{{REPORTS}}}",
    }
