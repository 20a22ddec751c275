"""What is read of originals, and what is written to products and quarantine."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.response import StreamingBody

from lambdas.common.calls import Patience
from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.objects import S3Originals, S3Products, S3Quarantine
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import Current, Source
from lambdas.file_processing.domain.processing import HEAD_BYTES, Rejected
from lambdas.file_processing.ports import Content, GoneError
from tests.file_processing.conftest import Cloud
from tests.file_processing.fakes import PRODUCTS, FakeObjects, FakeQueues
from tests.support.fake_aws import Fault, Outside

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MEGABYTE = 1024 * 1024


def source(version_id: str | None, key: str = "a") -> Source:
    return Source(bucket="inbox", key=key, version_id=version_id)


def content(cloud: Cloud, data: bytes) -> Content:
    found = S3Originals(cloud.s3).look(source(cloud.upload("a", data)), 10 * MEGABYTE).content
    assert found
    return found


def test_the_visible_version_is_what_a_plain_get_shows(cloud: Cloud) -> None:
    originals = S3Originals(cloud.s3)
    assert originals.visible_version("inbox", "a") is None
    first = cloud.upload("a", b"1")
    assert originals.visible_version("inbox", "a") == first
    marker = cloud.s3.delete_object(Bucket="inbox", Key="a")["VersionId"]
    assert originals.visible_version("inbox", "a") is None
    cloud.s3.delete_object(Bucket="inbox", Key="a", VersionId=marker)
    assert originals.visible_version("inbox", "a") == first


def test_a_file_is_seen_with_its_size_digest_and_beginning(cloud: Cloud) -> None:
    data = bytes(range(256)) * 10_000
    version_id = cloud.upload("a", data)
    cloud.upload("a", b"newer")
    seen = S3Originals(cloud.s3).look(source(version_id), 10 * MEGABYTE)
    assert seen.content
    assert (seen.size, seen.content.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (seen.content.head.data, seen.content.head.whole) == (data[:HEAD_BYTES], False)
    assert seen.modified.tzinfo


def test_a_small_file_is_seen_whole(cloud: Cloud) -> None:
    head = content(cloud, b"short").head
    assert (head.data, head.size, head.whole) == (b"short", 5, True)


def test_of_a_gzipped_file_what_is_in_it_is_seen(cloud: Cloud) -> None:
    head = content(cloud, gzip.compress(b"date time\n" * 100)).head
    assert (head.encoding, head.data, head.whole) == ("gzip", b"date time\n" * 100, True)


def test_names_in_an_archive_are_read_from_its_directory_at_the_end(cloud: Cloud) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("large.bin", b"\0" * 5 * MEGABYTE)
        archive.writestr("word/document.xml", b"<xml/>")
    assert content(cloud, packed.getvalue()).head.members == ("large.bin", "word/document.xml")


def test_what_is_too_big_is_not_read(cloud: Cloud) -> None:
    seen = S3Originals(cloud.s3).look(source(cloud.upload("a", b"12345")), 4)
    assert (seen.size, seen.content) == (5, None)


class Endless:
    """S3 with one object of so many megabytes, which come as they are asked for."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes

    def get_object(self, **_: Any) -> Any:
        return {"Body": self, "ContentLength": self.megabytes * MEGABYTE, "LastModified": None}

    def close(self) -> None: ...

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        return (b"x" * size for _ in range(self.megabytes * MEGABYTE // size))


@dataclass(frozen=True)
class CutOff:
    """S3 whose connection ends early: of every answer as boto3 gives it the last byte is missing."""

    s3: S3Client
    only_ranges: bool = False

    def get_object(self, **request: Any) -> Any:
        answer: Any = self.s3.get_object(**request)
        if "Range" in request or not self.only_ranges:
            answer["Body"] = StreamingBody(io.BytesIO(answer["Body"].read()[:-1]), answer["ContentLength"])
        return answer


def test_a_file_of_which_not_all_comes_is_an_outage_and_not_a_shorter_file(cloud: Cloud) -> None:
    version_id = cloud.upload("a", b"12345")
    client: Any = CutOff(cloud.s3)
    with pytest.raises(UnavailableError, match="read 'a'"):
        S3Originals(client).look(source(version_id), 10)


def test_a_zip_directory_of_which_not_all_comes_is_an_outage(cloud: Cloud) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("large.bin", b"\0" * MEGABYTE)
    version_id = cloud.upload("a", packed.getvalue())
    client: Any = CutOff(cloud.s3, only_ranges=True)
    with pytest.raises(UnavailableError, match="read 'a'"):
        S3Originals(client).look(source(version_id), 10 * MEGABYTE)


def test_a_product_of_which_not_all_comes_is_an_outage_and_not_a_shorter_product(cloud: Cloud) -> None:
    cloud.s3.put_object(Bucket="products", Key="p", Body=b"[1, 2]")
    client: Any = CutOff(cloud.s3)
    with pytest.raises(UnavailableError, match="read p"):
        S3Products(client, "products", Patience(lambda _: None)).read("p")


def test_memory_does_not_grow_with_the_file() -> None:
    client: Any = Endless(200)
    tracemalloc.start()
    try:
        S3Originals(client).look(source("v"), 1000 * MEGABYTE)
        assert tracemalloc.get_traced_memory()[1] < 5 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_version_that_is_gone_is_told_from_an_outage(cloud: Cloud, tmp_path: Path) -> None:
    version_id = cloud.upload("a", b"1")
    cloud.s3.delete_object(Bucket="inbox", Key="a", VersionId=version_id)
    with pytest.raises(GoneError):
        S3Originals(cloud.s3).look(source(version_id), 10)
    with pytest.raises(GoneError):
        S3Originals(cloud.s3).download(source(version_id), tmp_path / "a")
    with pytest.raises(UnavailableError):
        S3Originals(cloud.s3).look(Source(bucket="no-such-bucket", key="a", version_id="v"), 10)


def test_the_version_that_is_shown_is_downloaded(cloud: Cloud, tmp_path: Path) -> None:
    version_id = cloud.upload("a", b"old")
    cloud.upload("a", b"new")
    S3Originals(cloud.s3).download(source(version_id), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_members_are_read_without_a_version(cloud: Cloud, tmp_path: Path) -> None:
    cloud.s3.put_object(Bucket="products", Key="m", Body=b"member")
    S3Originals(cloud.s3).download(Source(bucket="products", key="m", version_id=None), tmp_path / "m")
    assert (tmp_path / "m").read_bytes() == b"member"


@pytest.fixture
def products(cloud: Cloud) -> S3Products:
    return S3Products(cloud.s3, "products", Patience(lambda _: None))


def test_a_product_has_its_content_type(cloud: Cloud, products: S3Products, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"<p>")
    products.put("products/1/p", tmp_path / "p", "text/html")
    found = cloud.s3.get_object(Bucket="products", Key="products/1/p")
    assert (found["Body"].read(), found["ContentType"]) == (b"<p>", "text/html")


def test_what_is_small_is_written_and_read_at_once(products: S3Products) -> None:
    products.write("products/1/m.json", b"[]", "application/json")
    assert (products.read("products/1/m.json"), products.read("products/1/none")) == (b"[]", None)


def test_only_what_is_under_the_prefix_is_discarded(cloud: Cloud, products: S3Products) -> None:
    for key in ("products/1/2-a/x", "products/1/2-a/y/z", "products/1/2-ab/x"):
        products.write(key, b"", "text/plain")
    products.discard("products/1/2-a/")
    products.discard("products/1/2-a/")
    assert set(cloud.objects("products")) == {"products/1/2-ab/x"}


def many() -> tuple[Outside, S3Products]:
    """Products of which a page lists two."""
    outside = Outside()
    s3: Any = FakeObjects(outside, FakeQueues(outside))
    s3.page = 2
    s3.buckets[PRODUCTS] |= {f"p/{at}": b"x" for at in range(5)}
    return outside, S3Products(s3, PRODUCTS, Patience(lambda _: None))


def test_a_listing_of_many_pages_is_complete() -> None:
    assert [key for key, _ in many()[1].listed("p/")] == [f"p/{at}" for at in range(5)]


def test_many_pages_are_discarded_although_parts_of_calls_fail() -> None:
    outside, products = many()
    outside.decide = lambda name: Fault.PARTIAL if len(outside.calls) % 2 and name == "DeleteObjects" else Fault.NONE
    products.discard("p/")
    assert list(products.listed("p/")) == []


def file(version_id: str) -> Current:
    return Current(
        file_id="f", bucket="inbox", object_key="a", name="a", sequencer="1", status=Status.PROCESSING,
        version_id=version_id, generation="1-0", kind="html",
    )  # fmt: skip


def test_a_rejected_original_is_kept_with_the_reason_and_never_served_as_what_it_says(cloud: Cloud) -> None:
    stored = cloud.s3.put_object(
        Bucket="inbox", Key="a", Body=b"<script>", ContentType="text/html", Metadata={"who": "me"}, Tagging="a=b"
    )
    S3Quarantine(cloud.s3, "quarantine").keep("f/1-0/", file(stored["VersionId"]), Rejected("bad", "it is bad"))
    kept = cloud.s3.get_object(Bucket="quarantine", Key="f/1-0/original")
    assert (kept["Body"].read(), kept["ContentType"], kept["Metadata"]) == (
        b"<script>",
        "application/octet-stream",
        {},
    )
    reason = json.loads(cloud.objects("quarantine")["f/1-0/reason.json"])
    assert (reason["code"], reason["message"], reason["version_id"]) == ("bad", "it is bad", stored["VersionId"])


def test_an_original_that_is_gone_cannot_be_kept(cloud: Cloud) -> None:
    version_id = cloud.upload("a", b"1")
    cloud.s3.delete_object(Bucket="inbox", Key="a", VersionId=version_id)
    with pytest.raises(GoneError):
        S3Quarantine(cloud.s3, "quarantine").keep("f/1-0/", file(version_id), Rejected("bad", "it is bad"))
    assert cloud.objects("quarantine") == {}
