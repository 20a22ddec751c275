"""What the adapters ask of AWS, and what they make of the answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from lambdas.common.tables.pictures.layout import Facts, Label, ReasonCode, Source, Status, picture_id
from lambdas.image_processing.adapters.catalog import CatalogQueries, DynamoCatalog
from lambdas.image_processing.adapters.rekognition import RekognitionRecognizer
from lambdas.image_processing.adapters.s3 import S3Quarantine, S3Renditions, S3Uploads
from lambdas.image_processing.contract import Reason, Recognition
from lambdas.image_processing.domain.catalog import Entry
from lambdas.image_processing.domain.rejection import Rejected
from lambdas.image_processing.ports import NewObject, VersionGoneError
from tests.image_processing.conftest import Cloud

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

FACTS = Facts(
    width=4000,
    height=3000,
    bytes=5_000_000,
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    format="jpeg",
    frames=1,
    dominant_color="#a0b0c0",
    perceptual_hash="00ff00ff00ff00ff",
)


def entry(key: str, **changes: object) -> Entry:
    base = Entry(
        picture_id=picture_id("uploads", key),
        bucket="uploads",
        key=key,
        sequencer="01",
        version_id="v1",
        status=Status.READY,
        updated_at="2026-11-21T12:00:00.000Z",
        generation=f"renditions/{picture_id('uploads', key)}/01/",
        stale=frozenset({"a/1/", "a/2/"}),
        facts=FACTS,
        recognition=Recognition(state="done", labels=(Label(name="Cat", confidence=98.27),)),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def with_hash(key: str, perceptual_hash: str) -> Entry:
    values = {name: getattr(FACTS, name) for name in FACTS.__struct_fields__}
    return entry(key, facts=Facts(**values | {"perceptual_hash": perceptual_hash}))


@pytest.fixture
def catalog(cloud: Cloud) -> DynamoCatalog:
    return DynamoCatalog(cloud.dynamodb, "catalog")


@pytest.fixture
def queries(cloud: Cloud) -> CatalogQueries:
    return CatalogQueries(cloud.dynamodb, "catalog")


def test_an_entry_comes_back_as_it_was_written(catalog: DynamoCatalog) -> None:
    written = entry("été 🏝.jpg")
    assert catalog.commit(written, None)
    assert catalog.get(written.picture_id) == written


def test_only_one_of_two_writers_that_read_the_same_entry_wins(catalog: DynamoCatalog) -> None:
    first = entry("a.jpg")
    assert catalog.commit(first, None)
    assert not catalog.commit(replace(first, sequencer="02"), None)
    assert catalog.commit(replace(first, sequencer="03"), first)
    assert not catalog.commit(replace(first, sequencer="04"), first)
    stored = catalog.get(first.picture_id)
    assert stored is not None
    assert stored.sequencer == "03"


def test_stale_prefixes_are_forgotten_by_their_owner_alone(catalog: DynamoCatalog) -> None:
    old, new = entry("a.jpg"), entry("a.jpg", sequencer="02")
    catalog.commit(old, None)
    catalog.commit(new, old)
    catalog.forget_stale(old)
    assert catalog.get(new.picture_id) == new
    catalog.forget_stale(new)
    assert catalog.get(new.picture_id) == replace(new, stale=frozenset())


def test_pictures_are_found_by_status_and_day_in_order_of_time(catalog: DynamoCatalog, queries: CatalogQueries) -> None:
    for key, time in (("late", "2026-11-21T23:59:59.999Z"), ("early", "2026-11-21T00:00:00.000Z")):
        catalog.commit(entry(key, updated_at=time), None)
    catalog.commit(entry("next day", updated_at="2026-11-22T00:00:00.000Z"), None)
    catalog.commit(entry("rejected", status=Status.REJECTED), None)
    assert [each.object_key for each in queries.with_status(Status.READY, "2026-11-21")] == ["early", "late"]


@pytest.mark.parametrize("bits", [(0, 1, 2), (0, 17, 40), (15, 31, 63)], ids=["one band", "three bands", "band ends"])
def test_near_duplicates_are_found_wherever_their_three_bits_differ(
    catalog: DynamoCatalog, queries: CatalogQueries, bits: tuple[int, ...]
) -> None:
    near = int(FACTS.perceptual_hash, 16)
    for bit in bits:
        near ^= 1 << bit
    catalog.commit(entry("original"), None)
    catalog.commit(with_hash("near", f"{near:016x}"), None)
    catalog.commit(with_hash("other", "ff00ff00ff00ff00"), None)
    catalog.commit(with_hash("same band only", "00ffaaaaaaaaaaaa"), None)
    found = [(distance, each.object_key) for distance, each in queries.similar(FACTS.perceptual_hash)]
    assert found == [(0, "original"), (3, "near")]


def test_deleted_pictures_are_no_duplicates(catalog: DynamoCatalog, queries: CatalogQueries) -> None:
    ready = entry("a.jpg")
    catalog.commit(ready, None)
    catalog.commit(entry("a.jpg", status=Status.DELETED, sequencer="02", facts=None), ready)
    assert queries.similar(FACTS.perceptual_hash) == []


def source(cloud: Cloud, data: bytes) -> Source:
    return Source(bucket="uploads", key="a b.png", version_id=cloud.put("a b.png", data), sequencer="01")


def test_fetch_reads_the_version_that_was_asked_for(cloud: Cloud) -> None:
    old = source(cloud, b"old")
    cloud.put("a b.png", b"new")
    assert S3Uploads(cloud.s3).fetch(old, 10) == b"old"


def test_fetch_refuses_more_bytes_than_allowed(cloud: Cloud) -> None:
    big = source(cloud, bytes(11))
    with pytest.raises(Rejected, match="11 bytes; at most 10") as raised:
        S3Uploads(cloud.s3).fetch(big, 10)
    assert raised.value.code is ReasonCode.TOO_MANY_BYTES


def test_a_version_that_is_gone_is_told_from_an_error(cloud: Cloud) -> None:
    gone = source(cloud, b"data")
    cloud.s3.delete_object(Bucket="uploads", Key=gone.key, VersionId=gone.version_id)
    reason = Reason(code=ReasonCode.MALFORMED, message="bad", source=gone)
    with pytest.raises(VersionGoneError):
        S3Uploads(cloud.s3).fetch(gone, 10)
    with pytest.raises(VersionGoneError):
        S3Quarantine(cloud.s3, "quarantine").keep("p/", reason)
    with pytest.raises(ClientError, match="NoSuchBucket"):
        S3Renditions(cloud.s3, "no-such-bucket").put([NewObject("k", b"", "image/jpeg")])


def test_the_visible_version_is_what_a_plain_get_shows(cloud: Cloud) -> None:
    uploads = S3Uploads(cloud.s3)
    assert uploads.visible_version("uploads", "a b.png") is None
    newest = source(cloud, b"data")
    assert uploads.visible_version("uploads", newest.key) == newest.version_id
    cloud.s3.delete_object(Bucket="uploads", Key=newest.key)
    assert uploads.visible_version("uploads", newest.key) is None


def test_discard_empties_its_prefix_and_nothing_else(cloud: Cloud) -> None:
    for number in range(12):
        cloud.s3.put_object(Bucket="renditions", Key=f"p/1/{number}", Body=b"")
    cloud.s3.put_object(Bucket="renditions", Key="p/10/other", Body=b"")
    cloud.s3.put_object(Bucket="renditions", Key="p/1/kept/1", Body=b"")
    S3Renditions(cloud.s3, "renditions").discard("p/1/", keep="p/1/kept/")
    assert list(cloud.objects("renditions")) == ["p/1/kept/1", "p/10/other"]


@pytest.fixture
def rekognition() -> RekognitionClient:
    """A client that sends nothing; its stub checks requests and answers against botocore's model of the service."""
    client: RekognitionClient = boto3.client(
        "rekognition", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    return client


def test_recognition_asks_for_labels_and_moderation_of_the_bytes(rekognition: RekognitionClient) -> None:
    with Stubber(rekognition) as stub:
        stub.add_response(
            "detect_labels",
            {
                "Labels": [{"Name": "Cat", "Confidence": 98.5, "Instances": [], "Parents": [{"Name": "Animal"}]}],
                "LabelModelVersion": "3.0",
            },
            {"Image": {"Bytes": b"jpeg"}, "MaxLabels": 7},
        )
        stub.add_response(
            "detect_moderation_labels",
            {
                "ModerationLabels": [{"Name": "Weapons", "ParentName": "Violence", "Confidence": 91.25}],
                "ModerationModelVersion": "7.0",
            },
            {"Image": {"Bytes": b"jpeg"}, "MinConfidence": 30.0},
        )
        seen = RekognitionRecognizer(rekognition, 7, 30.0).look(b"jpeg")
        stub.assert_no_pending_responses()
    assert seen == Recognition(
        state="done",
        labels=(Label(name="Cat", confidence=98.5),),
        moderation=(Label(name="Weapons", confidence=91.25),),
    )


def test_a_throttled_recognition_is_raised_to_be_retried(rekognition: RekognitionClient) -> None:
    with Stubber(rekognition) as stub:
        stub.add_client_error("detect_labels", "ThrottlingException")
        with pytest.raises(ClientError, match="ThrottlingException"):
            RekognitionRecognizer(rekognition, 7, 80.0).look(b"jpeg")
