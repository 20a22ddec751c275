"""How image processing keeps its data: private, encrypted, restorable, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.common.tables.pictures.layout import Listed
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

TemplateOf = Callable[[str], Template]

BUCKETS = {"ImageProcessingUploads", "ImageProcessingRenditions", "ImageProcessingQuarantine"}


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["ImageProcessing"]


@in_the_cloud
def test_buckets_are_private_and_encrypted(template: TemplateOf, stage: str) -> None:
    buckets = template(stage).of_type("AWS::S3::Bucket")
    assert set(buckets) == BUCKETS
    for bucket in buckets.values():
        block = dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )
        assert bucket["PublicAccessBlockConfiguration"] == block
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def _denied(policy: dict[str, Any]) -> list[tuple[str, Any, Any, Any]]:
    """Who may not do what, and when, by the deny statements of a resource's policy."""
    return [
        (each["Action"], each["Principal"], each["Resource"], each["Condition"])
        for each in policy["PolicyDocument"]["Statement"]
        if each["Effect"] == "Deny"
    ]


@in_the_cloud
def test_buckets_refuse_everything_but_tls_1_2(template: TemplateOf, stage: str) -> None:
    policies = template(stage).of_type("AWS::S3::BucketPolicy").values()
    assert {policy["Bucket"] for policy in policies} == {f"${{{name}}}" for name in BUCKETS}
    for policy in policies:
        arn = policy["Bucket"].replace("}", ".Arn}")
        everyone, all_of_it = {"AWS": "*"}, [arn, f"{arn}/*"]
        assert _denied(policy) == [
            ("s3:*", everyone, all_of_it, {"Bool": {"aws:SecureTransport": "false"}}),
            ("s3:*", everyone, all_of_it, {"NumericLessThan": {"s3:TlsVersion": 1.2}}),
        ]
        let_in = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
        assert not let_in or policy["Bucket"] == "${ImageProcessingRenditions}", "which websites serve"


@in_the_cloud
def test_failure_queue_refuses_everything_but_tls(template: TemplateOf, stage: str) -> None:
    [policy] = template(stage).of_type("AWS::SQS::QueuePolicy").values()
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    assert policy["Queues"] == ["${ImageProcessingFailures}"]
    assert _denied(policy) == [("sqs:*", {"AWS": "*"}, "${ImageProcessingFailures.Arn}", insecure)]


@in_the_cloud
def test_replaced_and_deleted_uploads_can_be_restored_for_a_month(template: TemplateOf, stage: str) -> None:
    uploads = template(stage).properties("ImageProcessingUploads")
    assert uploads["VersioningConfiguration"] == {"Status": "Enabled"}
    assert uploads["LifecycleConfiguration"]["Rules"] == [
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Status": "Enabled"},
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}, "Status": "Enabled"},
        {"ExpiredObjectDeleteMarker": True, "Status": "Enabled"},
    ]


@in_the_cloud
def test_quarantine_forgets_after_three_months_and_renditions_stay(template: TemplateOf, stage: str) -> None:
    expirations = {
        name: [days for rule in bucket["LifecycleConfiguration"]["Rules"] if (days := rule.get("ExpirationInDays"))]
        for name, bucket in template(stage).of_type("AWS::S3::Bucket").items()
    }
    assert expirations == {
        "ImageProcessingUploads": [],
        "ImageProcessingRenditions": [],
        "ImageProcessingQuarantine": [90],
    }


@in_the_cloud
def test_failure_queue_is_encrypted_and_keeps_events_for_two_weeks(template: TemplateOf, stage: str) -> None:
    two_weeks = 14 * 24 * 60 * 60
    assert template(stage).of_type("AWS::SQS::Queue") == {
        "ImageProcessingFailures": {"MessageRetentionPeriod": two_weeks, "SqsManagedSseEnabled": True}
    }


@in_the_cloud
def test_catalog_is_found_by_picture_by_status_and_time_and_by_bands_of_the_hash(
    template: TemplateOf, stage: str
) -> None:
    [table] = template(stage).of_type("AWS::DynamoDB::GlobalTable").values()
    assert _keys(table) == ["picture_id"]
    assert {index["IndexName"]: _keys(index) for index in table["GlobalSecondaryIndexes"]} == {
        "by-status-and-time": ["status_day", "updated_at"],
        "by-hash-band-0": ["hash_band_0", "updated_at"],
        "by-hash-band-1": ["hash_band_1", "updated_at"],
        "by-hash-band-2": ["hash_band_2", "updated_at"],
        "by-hash-band-3": ["hash_band_3", "updated_at"],
    }


@in_the_cloud
def test_every_index_answers_with_all_that_is_listed(template: TemplateOf, stage: str) -> None:
    [table] = template(stage).of_type("AWS::DynamoDB::GlobalTable").values()
    for index in table["GlobalSecondaryIndexes"]:
        projected = {*index["Projection"]["NonKeyAttributes"], *_keys(index), *_keys(table)}
        assert set(Listed.__struct_fields__) <= projected, index["IndexName"]


@in_the_cloud
def test_catalog_is_paid_by_request_and_can_be_restored_to_any_second(template: TemplateOf, stage: str) -> None:
    [table] = template(stage).of_type("AWS::DynamoDB::GlobalTable").values()
    [replica] = table["Replicas"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize(("stage", "policy"), [("local", "Delete"), ("dev", "Delete"), ("prod", "Retain")])
def test_data_outlives_its_stack_in_prod_alone(template: TemplateOf, stage: str, policy: str) -> None:
    resources = template(stage).resources
    kept = {*BUCKETS, "ImageProcessingCatalog", "ImageProcessingRenderLogs"}
    for name in kept:
        assert (resources[name]["DeletionPolicy"], resources[name]["UpdateReplacePolicy"]) == (policy, policy), name
    [replica] = resources["ImageProcessingCatalog"]["Properties"]["Replicas"]
    assert replica["DeletionProtectionEnabled"] is (stage == "prod")


def _keys(described: dict[str, Any]) -> list[str]:
    return [each["AttributeName"] for each in described["KeySchema"]]
