"""How file processing keeps its data: keys of tables, privacy of buckets, and for how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdas.common.tables.metrics import layout
from lambdas.file_processing.contract import tables
from lambdas.file_processing.contract.access_logs import MANIFESTS_PREFIX
from stacks.config import STAGES
from stacks.file_processing.config import FileProcessingConfig
from tests.file_processing.stacks import CATALOG, INBOX, METRICS, PRODUCTS, QUARANTINE, TemplateOf, configured
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

BUCKETS = {INBOX, PRODUCTS, QUARANTINE}


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["FileProcessing"]


# --- tables ---------------------------------------------------------------------------------------------------------


def _keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(each["AttributeName"], each["KeyType"]) for each in schema]


@every_stage
def test_catalog_has_the_keys_of_the_contract_and_forgets_replaced_versions(template: TemplateOf, stage: str) -> None:
    made = template(stage).properties(CATALOG)
    assert _keys(made["KeySchema"]) == [(tables.PARTITION, "HASH"), (tables.SORT, "RANGE")]
    assert {each["AttributeType"] for each in made["AttributeDefinitions"]} == {"S"}
    assert made["TimeToLiveSpecification"] == {"AttributeName": tables.EXPIRES_AT, "Enabled": True}


@every_stage
def test_versions_are_found_by_status_and_time(template: TemplateOf, stage: str) -> None:
    [index] = template(stage).properties(CATALOG)["GlobalSecondaryIndexes"]
    assert index["IndexName"] == tables.STATUS_INDEX
    assert _keys(index["KeySchema"]) == [(tables.STATUS_DAY, "HASH"), (tables.UPDATED_AT, "RANGE")]


@every_stage
def test_metrics_have_the_layout_that_the_common_reader_reads(template: TemplateOf, stage: str) -> None:
    made = template(stage).properties(METRICS)
    assert _keys(made["KeySchema"]) == [(layout.METRIC, "HASH"), (layout.PERIOD_AND_SHARD, "RANGE")]
    assert made["TimeToLiveSpecification"] == {"AttributeName": layout.EXPIRES_AT, "Enabled": True}


@in_the_cloud
def test_tables_are_paid_by_request_and_can_be_restored_to_any_second(template: TemplateOf, stage: str) -> None:
    found = template(stage).of_type("AWS::DynamoDB::GlobalTable")
    assert set(found) == {CATALOG, METRICS}
    for name, table in found.items():
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


@every_stage
def test_the_inbox_keeps_versions_so_that_what_was_announced_is_what_is_read(template: TemplateOf, stage: str) -> None:
    versioned = {
        name for name, each in template(stage).of_type("AWS::S3::Bucket").items() if "VersioningConfiguration" in each
    }
    assert versioned == {INBOX}


def _days(template: Template, bucket: str, key: str) -> list[int]:
    rules = template.properties(bucket)["LifecycleConfiguration"]["Rules"]
    found = [rule.get(key) for rule in rules]
    return [each["NoncurrentDays"] if isinstance(each, dict) else each for each in found if each]


@every_stage
def test_nothing_that_users_put_there_or_that_was_made_of_it_expires(template: TemplateOf, stage: str) -> None:
    assert _days(template(stage), INBOX, "ExpirationInDays") == []
    rules = template(stage).properties(PRODUCTS)["LifecycleConfiguration"]["Rules"]
    expiring = [rule.get("Prefix") for rule in rules if "ExpirationInDays" in rule]
    assert expiring == [MANIFESTS_PREFIX]  # which list metrics that expire, too


def test_users_decide_how_long_old_versions_and_the_quarantine_are_kept(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    config = FileProcessingConfig(noncurrent_days=7, quarantine_days=14, metrics_days=100)
    made = configured(tmp_path_factory.mktemp("tuned"), config).templates["FileProcessing"]
    assert _days(made, INBOX, "NoncurrentVersionExpiration") == [7]
    assert _days(made, QUARANTINE, "ExpirationInDays") == [14]
    assert _days(made, PRODUCTS, "ExpirationInDays") == [100]


@pytest.mark.parametrize(("stage", "kept"), [("local", "Delete"), ("dev", "Delete"), ("prod", "Retain")])
def test_data_stays_in_prod_alone_when_the_stack_goes(template: TemplateOf, stage: str, kept: str) -> None:
    made = template(stage)
    for name in (*BUCKETS, CATALOG, METRICS):
        assert made.resources[name]["DeletionPolicy"] == kept, name
    for name in (CATALOG, METRICS):
        [replica] = made.properties(name)["Replicas"]
        assert replica["DeletionProtectionEnabled"] is (kept == "Retain")
