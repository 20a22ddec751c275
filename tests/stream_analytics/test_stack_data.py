"""How stream analytics keeps its data: its stream's capacity, keys of tables, privacy, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.common.tables.metrics import layout
from lambdas.stream_analytics import contract
from stacks.config import STAGES
from stacks.stream_analytics.construct import StreamAnalyticsConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]

BUCKETS = {"StreamAnalyticsArchive", "StreamAnalyticsQuarantine", "StreamAnalyticsFailures"}


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["StreamAnalytics"]


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage whose user decided on capacity and on how long things are kept."""
    config = StreamAnalyticsConfig(shards=39, retention_hours=48, archive_days=400, quarantine_days=30, index_days=7)
    stage = replace(STAGES["dev"], stream_analytics=config)
    return synthesize(stage, tmp_path_factory.mktemp("tuned")).templates["StreamAnalytics"]


# --- stream ---------------------------------------------------------------------------------------------------------

ENCRYPTED = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_stream_grows_by_itself_and_is_encrypted(template: TemplateOf, stage: str) -> None:
    assert list(template(stage).of_type("AWS::Kinesis::Stream").values()) == [
        {
            "RetentionPeriodHours": 24,
            "StreamEncryption": ENCRYPTED,
            "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
        }
    ]


def test_stream_takes_as_many_shards_as_its_user_pays_for(tuned: Template) -> None:
    assert list(tuned.of_type("AWS::Kinesis::Stream").values()) == [
        {
            "RetentionPeriodHours": 48,
            "ShardCount": 39,
            "StreamEncryption": ENCRYPTED,
            "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        }
    ]


# --- tables ---------------------------------------------------------------------------------------------------------


def _tables(template: Template) -> dict[str, dict[str, Any]]:
    tables = template.of_type("AWS::DynamoDB::GlobalTable")
    return {name.removeprefix("StreamAnalytics"): table for name, table in tables.items()}


@every_stage
def test_tables_have_the_keys_of_the_contract(template: TemplateOf, stage: str) -> None:
    keys = {
        name: [(each["AttributeName"], each["KeyType"]) for each in table["KeySchema"]]
        for name, table in _tables(template(stage)).items()
    }
    assert keys == {
        "Metrics": [(layout.METRIC, "HASH"), (layout.PERIOD_AND_SHARD, "RANGE")],
        "Progress": [(contract.SHARD_ID, "HASH"), (contract.ENTRY, "RANGE")],
        "Orders": [(contract.ORDER_ID, "HASH")],
        "Index": [(contract.ENTITY, "HASH"), (contract.TIME_AND_ORIGIN, "RANGE")],
    }
    for table in _tables(template(stage)).values():
        assert {each["AttributeType"] for each in table["AttributeDefinitions"]} == {"S"}


@every_stage
def test_everything_expires_but_orders_which_must_never_count_twice(template: TemplateOf, stage: str) -> None:
    expiring = {name: table.get("TimeToLiveSpecification") for name, table in _tables(template(stage)).items()}
    assert expiring == {
        "Metrics": {"AttributeName": layout.EXPIRES_AT, "Enabled": True},
        "Progress": {"AttributeName": contract.EXPIRES_AT, "Enabled": True},
        "Index": {"AttributeName": contract.EXPIRES_AT, "Enabled": True},
        "Orders": None,
    }


@in_the_cloud
def test_tables_are_paid_by_request_and_can_be_restored_to_any_second(template: TemplateOf, stage: str) -> None:
    for name, table in _tables(template(stage)).items():
        [replica] = table["Replicas"]
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name


# --- buckets --------------------------------------------------------------------------------------------------------


@in_the_cloud
def test_buckets_are_private_and_encrypted(template: TemplateOf, stage: str) -> None:
    buckets = template(stage).of_type("AWS::S3::Bucket")
    assert set(buckets) == BUCKETS
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


@in_the_cloud
def test_buckets_refuse_everything_but_tls(template: TemplateOf, stage: str) -> None:
    policies = template(stage).of_type("AWS::S3::BucketPolicy").values()
    assert {policy["Bucket"] for policy in policies} == {f"${{{name}}}" for name in BUCKETS}
    for policy in policies:
        statements = policy["PolicyDocument"]["Statement"]
        assert {each["Effect"] for each in statements} == {"Deny"}
        assert {"Bool": {"aws:SecureTransport": "false"}} in [each["Condition"] for each in statements]


def _expirations(template: Template) -> dict[str, list[int]]:
    return {
        name.removeprefix("StreamAnalytics"): [
            rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule
        ]
        for name, bucket in template.of_type("AWS::S3::Bucket").items()
    }


@every_stage
def test_archive_stays_and_what_waits_for_redrive_goes_after_three_months(template: TemplateOf, stage: str) -> None:
    assert _expirations(template(stage)) == {"Archive": [], "Quarantine": [90], "Failures": [90]}


def test_users_decide_how_long_objects_are_kept(tuned: Template) -> None:
    assert _expirations(tuned) == {"Archive": [400], "Quarantine": [30], "Failures": [30]}


@every_stage
def test_redriven_events_are_remembered_longer_than_they_can_be_redriven(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    environment = made.properties("StreamAnalyticsAnalyzeFunction")["Environment"]["Variables"]
    [stream] = made.of_type("AWS::Kinesis::Stream").values()
    longest = max(days for bucket in ("Quarantine", "Failures") for days in _expirations(made)[bucket])
    assert int(environment["PROGRESS_DAYS"]) > longest + stream["RetentionPeriodHours"] / 24


def test_function_is_told_how_long_items_are_kept(tuned: Template) -> None:
    environment = tuned.properties("StreamAnalyticsAnalyzeFunction")["Environment"]["Variables"]
    days = {name: value for name, value in environment.items() if name.endswith("_DAYS")}
    assert days == {"METRICS_DAYS": "90", "INDEX_DAYS": "7", "PROGRESS_DAYS": "120"}


# --- secret, and what outlives its stack ----------------------------------------------------------------------------


@every_stage
def test_key_of_pseudonyms_is_made_by_aws_and_is_too_long_to_guess(template: TemplateOf, stage: str) -> None:
    [secret] = template(stage).of_type("AWS::SecretsManager::Secret").values()
    assert secret["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
    assert "SecretString" not in secret


@pytest.mark.parametrize(("stage", "policy"), [("local", "Delete"), ("dev", "Delete"), ("prod", "Retain")])
def test_data_outlives_its_stack_in_prod_alone(template: TemplateOf, stage: str, policy: str) -> None:
    resources = template(stage).resources
    tables = {f"StreamAnalytics{name}" for name in ("Metrics", "Progress", "Orders", "Index")}
    others = {"StreamAnalyticsEvents", "StreamAnalyticsPseudonymKey", "StreamAnalyticsAnalyzeLogs"}
    for name in BUCKETS | tables | others:
        assert (resources[name]["DeletionPolicy"], resources[name]["UpdateReplacePolicy"]) == (policy, policy), name
    for name in tables:
        [replica] = resources[name]["Properties"]["Replicas"]
        assert replica["DeletionProtectionEnabled"] is (stage == "prod"), name


@pytest.mark.parametrize(("stage", "days"), [("local", 1), ("dev", 14), ("prod", 90)])
def test_logs_are_kept_for_as_long_as_the_stage_says(template: TemplateOf, stage: str, days: int) -> None:
    assert template(stage).of_type("AWS::Logs::LogGroup") == {"StreamAnalyticsAnalyzeLogs": {"RetentionInDays": days}}
