"""How table ETL keeps its data: keys of tables, privacy of buckets, and for how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdas.common.tables.read_model import layout
from lambdas.table_etl.pipelines.orders import PIPELINE
from stacks.config import STAGES
from stacks.table_etl.config import TableEtlConfig
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.table_etl.stacks import configured

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]

BUCKETS = {f"TableEtl{name}" for name in ("Backfill", "Failures", "Quarantine", "TargetsLakeBucket")}


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["TableEtl"]


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of a user who decided on how long things are kept."""
    return configured(TableEtlConfig(quarantine_days=30, backfill_days=7), tmp_path_factory.mktemp("tuned"))


# --- tables ---------------------------------------------------------------------------------------------------------


def _keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(each["AttributeName"], each["KeyType"]) for each in schema]


@every_stage
def test_source_has_the_keys_of_the_pipeline_and_tells_of_items_before_and_after(
    template: TemplateOf, stage: str
) -> None:
    source = template(stage).properties("TableEtlSource")
    assert _keys(source["KeySchema"]) == list(zip(PIPELINE.keys, ("HASH", "RANGE"), strict=True))
    assert source["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert {each["AttributeType"] for each in source["AttributeDefinitions"]} == {"S"}


@every_stage
def test_read_model_is_found_by_its_views_too(template: TemplateOf, stage: str) -> None:
    read_model = template(stage).properties("TableEtlTargetsReadModel")
    assert _keys(read_model["KeySchema"]) == [(layout.PARTITION, "HASH"), (layout.SORT, "RANGE")]
    [index] = read_model["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]) == (layout.VIEW_INDEX, {"ProjectionType": "ALL"})
    assert _keys(index["KeySchema"]) == [(layout.VIEW, "HASH"), (layout.VIEW_SORT, "RANGE")]
    assert {each["AttributeType"] for each in read_model["AttributeDefinitions"]} == {"S"}


@every_stage
def test_nothing_in_the_read_model_expires_or_is_streamed(template: TemplateOf, stage: str) -> None:
    """A tombstone that expired would let an older version bring its row back."""
    read_model = template(stage).properties("TableEtlTargetsReadModel")
    assert not read_model.keys() & {"TimeToLiveSpecification", "StreamSpecification"}


@in_the_cloud
def test_tables_are_paid_by_request_and_can_be_restored_to_any_second(template: TemplateOf, stage: str) -> None:
    for name, table in template(stage).of_type("AWS::DynamoDB::GlobalTable").items():
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
def test_files_that_are_dropped_again_do_not_take_the_place_of_those_that_are_being_loaded(
    template: TemplateOf, stage: str
) -> None:
    versioned = {
        name for name, each in template(stage).of_type("AWS::S3::Bucket").items() if "VersioningConfiguration" in each
    }
    assert versioned == {"TableEtlBackfill"}


def _expirations(template: Template) -> dict[str, list[tuple[str, int]]]:
    return {
        name.removeprefix("TableEtl"): [
            (rule.get("Prefix", ""), rule["ExpirationInDays"])
            for rule in bucket["LifecycleConfiguration"]["Rules"]
            if "ExpirationInDays" in rule
        ]
        for name, bucket in template.of_type("AWS::S3::Bucket").items()
    }


RESULTS = ("athena-results/", 7)


@every_stage
def test_lake_and_files_stay_and_what_waits_for_redrive_goes_after_three_months(
    template: TemplateOf, stage: str
) -> None:
    assert _expirations(template(stage)) == {
        "Backfill": [],
        "Quarantine": [("", 90)],
        "Failures": [("", 90)],
        "TargetsLakeBucket": [RESULTS],
    }


def test_users_decide_how_long_objects_are_kept(tuned: Template) -> None:
    assert _expirations(tuned) == {
        "Backfill": [("", 7)],
        "Quarantine": [("", 30)],
        "Failures": [("", 30)],
        "TargetsLakeBucket": [RESULTS],
    }


def test_replaced_files_and_what_is_left_of_deleted_ones_go_as_well(tuned: Template) -> None:
    rules = tuned.properties("TableEtlBackfill")["LifecycleConfiguration"]["Rules"]
    assert [each["NoncurrentVersionExpiration"] for each in rules if "NoncurrentVersionExpiration" in each] == [
        {"NoncurrentDays": 7}
    ]
    assert [each for each in rules if each.get("ExpiredObjectDeleteMarker")]


# --- what outlives its stack ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "policy"), [("local", "Delete"), ("dev", "Delete"), ("prod", "Retain")])
def test_data_outlives_its_stack_in_prod_alone(template: TemplateOf, stage: str, policy: str) -> None:
    resources = template(stage).resources
    tables = {"TableEtlSource", "TableEtlTargetsReadModel"}
    logs = {name for name in resources if name.endswith("Logs")}
    assert len(logs) == 4
    for name in BUCKETS | tables | logs | {"TableEtlTargetsLakeDatabase"}:
        assert (resources[name]["DeletionPolicy"], resources[name]["UpdateReplacePolicy"]) == (policy, policy), name
    for name in tables:
        [replica] = resources[name]["Properties"]["Replicas"]
        assert replica["DeletionProtectionEnabled"] is (stage == "prod"), name


@pytest.mark.parametrize(("stage", "days"), [("local", 1), ("dev", 14), ("prod", 90)])
def test_logs_are_kept_for_as_long_as_the_stage_says(template: TemplateOf, stage: str, days: int) -> None:
    groups = template(stage).of_type("AWS::Logs::LogGroup").values()
    assert [each["RetentionInDays"] for each in groups] == [days] * 4
