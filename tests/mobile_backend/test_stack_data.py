"""What the mobile backend keeps: devices, the audit trail, the mail provider's key, logs; and whose they are."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest

from lambdas.mobile_backend import contract
from stacks.config import STAGES
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]
DEVICES, AUDIT_TRAIL = "MobileBackendDevices", "MobileBackendAuditTrail"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["MobileBackend"]


# --- tables ---------------------------------------------------------------------------------------------------------


@every_stage
@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (DEVICES, [(contract.USER_ID, "HASH"), (contract.ENTRY, "RANGE")]),
        (AUDIT_TRAIL, [(contract.RECIPIENT, "HASH"), (contract.NOTIFICATION_ID, "RANGE")]),
    ],
)
def test_table_has_the_keys_of_the_contract(
    template: TemplateOf, stage: str, table: str, keys: list[tuple[str, str]]
) -> None:
    made = template(stage).properties(table)
    assert [(each["AttributeName"], each["KeyType"]) for each in made["KeySchema"]] == keys
    assert {each["AttributeType"] for each in made["AttributeDefinitions"]} == {"S"}


@every_stage
def test_entries_beside_devices_expire_and_the_audit_trail_does_not(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    expiring = {"AttributeName": contract.EXPIRES_AT, "Enabled": True}
    assert made.properties(DEVICES)["TimeToLiveSpecification"] == expiring
    assert "TimeToLiveSpecification" not in made.properties(AUDIT_TRAIL)


@every_stage
@pytest.mark.parametrize("table", [DEVICES, AUDIT_TRAIL])
def test_table_is_paid_by_request_and_can_be_restored_to_any_second(
    template: TemplateOf, stage: str, table: str
) -> None:
    made = template(stage).properties(table)
    [replica] = made["Replicas"]
    assert made["BillingMode"] == "PAY_PER_REQUEST"
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


# --- the mail provider ----------------------------------------------------------------------------------------------


@every_stage
def test_secret_begins_with_the_fields_to_be_filled_in_which_nobody_takes_for_filled_in(
    template: TemplateOf, stage: str
) -> None:
    generated = template(stage).properties("MobileBackendMailProvider")["GenerateSecretString"]
    begun = json.loads(generated["SecretStringTemplate"])
    assert sorted([*begun, generated["GenerateStringKey"]]) == sorted(contract.MailProvider.__struct_fields__)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(begun | {generated["GenerateStringKey"]: "random"}, contract.MailProvider)


# --- users ----------------------------------------------------------------------------------------------------------


@every_stage
def test_there_is_a_group_of_those_who_may_notify_others(template: TemplateOf, stage: str) -> None:
    [group] = template(stage).of_type("AWS::Cognito::UserPoolGroup").values()
    assert (group["GroupName"], group["UserPoolId"]) == (contract.NOTIFIERS, "${MobileBackendUsersPool}")


# --- what outlives its stack ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "policy"), [("local", "Delete"), ("dev", "Delete"), ("prod", "Retain")])
def test_data_outlives_its_stack_in_prod_alone(template: TemplateOf, stage: str, policy: str) -> None:
    resources = template(stage).resources
    logs = {name for name in resources if name.endswith("Logs")}
    assert len(logs) == 5
    for name in logs | {DEVICES, AUDIT_TRAIL, "MobileBackendMailProvider", "MobileBackendUsersPool"}:
        assert (resources[name]["DeletionPolicy"], resources[name]["UpdateReplacePolicy"]) == (policy, policy), name
    for name in (DEVICES, AUDIT_TRAIL):
        [replica] = resources[name]["Properties"]["Replicas"]
        assert replica["DeletionProtectionEnabled"] is (stage == "prod"), name


@pytest.mark.parametrize(("stage", "days"), [("local", 1), ("dev", 14), ("prod", 90)])
def test_logs_are_kept_for_as_long_as_the_stage_says(template: TemplateOf, stage: str, days: int) -> None:
    groups = template(stage).of_type("AWS::Logs::LogGroup").values()
    assert [each["RetentionInDays"] for each in groups] == [days] * 5
