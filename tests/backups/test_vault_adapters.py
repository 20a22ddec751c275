"""Copies, locks and deletions in an S3 in memory that speaks S3's own protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.backups.adapters.buckets import S3Buckets
from lambdas.backups.adapters.copying import Copier
from lambdas.backups.adapters.locks import Locks
from lambdas.backups.adapters.multipart import MultipartCopy
from lambdas.backups.adapters.vault import S3Vault
from lambdas.backups.contract.records import Copied, Marker
from lambdas.backups.ports import RefusedError
from lambdas.common.failures import UnavailableError
from lambdas.common.side_by_side import side_by_side

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

UNTIL = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
MIB = 1024**2


@dataclass
class Cloud:
    """A vault with object lock, and a bucket with versions."""

    s3: S3Client

    def __post_init__(self) -> None:
        self.s3.create_bucket(Bucket="vault", ObjectLockEnabledForBucket=True)
        self.s3.create_bucket(Bucket="photos")
        self.s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
        self.locks = Locks(self.s3, "vault", "GOVERNANCE")
        self.vault = S3Vault(self.s3, "vault", self.locks, side_by_side)
        self.buckets = self.with_calls_of(5 * 1024**3)

    def with_calls_of(self, largest: int) -> S3Buckets:
        """That copies what is larger part by part, in parts of 5 MiB, which are the smallest that S3 takes."""
        multipart = MultipartCopy(self.s3, "vault", self.locks, side_by_side, part=5 * MIB)
        return S3Buckets(self.s3, "vault", Copier(self.s3, "vault", self.locks, multipart, largest), side_by_side)

    def put(self, key: str, content: bytes, **more: Any) -> None:
        self.s3.put_object(Bucket="photos", Key=key, Body=content, **more)

    def copied(self, buckets: S3Buckets | None = None, until: datetime | None = None) -> list[Copied]:
        """All pages."""
        found: list[Copied] = []
        buckets, marker, first = buckets or self.buckets, None, True
        while first or marker:
            page = buckets.page("photos", marker)
            copies = buckets.copy("photos", page.versions, until, lambda: True)
            assert copies
            found += copies.copied
            marker, first = page.next, False
        return found

    def content(self, line: Copied) -> bytes:
        return self.s3.get_object(Bucket="vault", Key=line.copy)["Body"].read()

    def head(self, line: Copied) -> Any:
        return self.s3.head_object(Bucket="vault", Key=line.copy)

    def keys(self) -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket="vault").get("Contents", [])]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Cloud(boto3.client("s3"))


def test_current_versions_are_copied_with_what_belongs_to_them(cloud: Cloud) -> None:
    cloud.put("a", b"old")
    cloud.put("a", b"new", ContentType="image/png", Metadata={"by": "ada"})
    cloud.put("dir/ö & <b>?", b"odd")
    cloud.put("gone", b"gone")
    cloud.s3.delete_object(Bucket="photos", Key="gone")
    found = cloud.copied()
    assert {line.key: cloud.content(line) for line in found} == {"a": b"new", "dir/ö & <b>?": b"odd"}
    assert (cloud.head(found[0])["ContentType"], cloud.head(found[0])["Metadata"]) == ("image/png", {"by": "ada"})


def test_all_pages_are_copied(cloud: Cloud) -> None:
    cloud.s3.meta.events.register(
        "provide-client-params.s3.ListObjectVersions",
        lambda params, **_: {**params, "MaxKeys": 3},  # type: ignore[arg-type]
    )
    for number in range(1, 6):
        cloud.put(f"k{number}", b"old")
        cloud.put(f"k{number}", b"new")
    assert isinstance(cloud.buckets.page("photos", None).next, Marker)
    assert [line.key for line in cloud.copied()] == [f"k{number}" for number in range(1, 6)]


def test_the_key_of_the_longest_key_fits(cloud: Cloud) -> None:
    cloud.put("k" * 1024, b"long")
    [line] = cloud.copied()
    assert cloud.content(line) == b"long"


def test_a_large_object_is_copied_part_by_part(cloud: Cloud) -> None:
    content = b"0123456789abcdef" * (11 * MIB // 16)
    cloud.put("large", content, ContentType="video/mp4", Metadata={"by": "ada"})
    [line] = cloud.copied(cloud.with_calls_of(MIB), UNTIL)
    head = cloud.head(line)
    assert cloud.content(line) == content
    assert head["ETag"].endswith('-3"')
    assert (head["ContentType"], head["Metadata"]) == ("video/mp4", {"by": "ada"})
    assert head["ObjectLockRetainUntilDate"] == UNTIL


def test_a_large_object_is_gone_on_with_where_it_was(cloud: Cloud) -> None:
    cloud.put("large", b"x" * (42 * MIB))
    buckets = cloud.with_calls_of(MIB)
    page = buckets.page("photos", None)
    time = iter([True, True, False])
    assert buckets.copy("photos", page.versions, None, time.__next__) is None
    [upload] = cloud.s3.list_multipart_uploads(Bucket="vault")["Uploads"]
    parts = cloud.s3.list_parts(Bucket="vault", Key=upload["Key"], UploadId=upload["UploadId"])["Parts"]
    assert len(parts) == 8
    copied: list[str] = []
    cloud.s3.meta.events.register("before-call.s3.UploadPartCopy", lambda **_: copied.append("part"))
    [line] = cloud.copied(buckets)
    assert (len(copied), len(cloud.content(line))) == (1, 42 * MIB)


def test_a_copy_that_is_there_is_locked_for_longer_but_never_for_less(cloud: Cloud) -> None:
    cloud.put("a", b"a")
    for until, expected in [(UNTIL, UNTIL), (UNTIL + timedelta(days=1),) * 2, (UNTIL, UNTIL + timedelta(days=1))]:
        [line] = cloud.copied(until=until)
        assert cloud.head(line)["ObjectLockRetainUntilDate"] == expected


def test_after_each_8_gib_it_is_asked_whether_there_is_time(cloud: Cloud) -> None:
    """A copy of 5 GB takes a minute: 64 of them would outlive the function."""
    for key in "abcd":
        cloud.put(key, b"small in truth")
    versions = [replace(each, size=4 * 1024**3) for each in cloud.buckets.page("photos", None).versions]
    assert cloud.buckets.copy("photos", versions, None, iter([True, False]).__next__) is None
    assert len(cloud.keys()) == 2


def test_a_bucket_that_is_gone_is_refused(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match="there is no bucket nowhere any longer"):
        cloud.buckets.page("nowhere", None)


def test_buckets_are_found_by_their_tag_but_never_the_vault(cloud: Cloud) -> None:
    for bucket, policy in (("vault", "daily"), ("photos", "daily"), ("others", "weekly")):
        if bucket == "others":
            cloud.s3.create_bucket(Bucket="others")
        tags: Any = {"TagSet": [{"Key": "backup", "Value": policy}]}
        cloud.s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)
    cloud.s3.create_bucket(Bucket="untagged")
    looked = cloud.buckets.look("daily", None)
    assert ([each.arn for each in looked.found], looked.after) == (["arn:aws:s3:::photos"], None)


# --- vault ----------------------------------------------------------------------------------------------------------


def test_deleting_takes_all_versions_and_delete_markers(cloud: Cloud) -> None:
    for content in (b"1", b"2"):
        cloud.vault.write("tables/a/1", content, None)
    cloud.vault.write("tables/b/1", b"1", None)
    cloud.s3.delete_object(Bucket="vault", Key="tables/a/1")
    assert cloud.vault.delete("tables/a/")
    listed = cloud.s3.list_object_versions(Bucket="vault")
    assert [each["Key"] for each in listed["Versions"]] == ["tables/b/1"]
    assert listed.get("DeleteMarkers", []) == []


def test_what_is_locked_is_kept_and_told_of(cloud: Cloud) -> None:
    cloud.vault.write("tables/a/1", b"1", UNTIL)
    cloud.vault.write("tables/a/2", b"2", None)
    assert not cloud.vault.delete("tables/a/")
    assert cloud.keys() == ["tables/a/1"]


def test_what_is_to_be_kept_is_kept(cloud: Cloud) -> None:
    for key in ("copies/1", "copies/2", "copies/3"):
        cloud.vault.write(key, b"", None)
    assert cloud.vault.sweep("copies/", None, lambda key: key == "copies/2") is None
    assert cloud.keys() == ["copies/2"]


def test_sweeping_goes_on_behind_its_last_page(cloud: Cloud) -> None:
    keys = [f"copies/{number:04}" for number in range(1002)]
    for key in keys:
        cloud.vault.write(key, b"", None)
    doomed = {keys[0], keys[1000]}
    after = cloud.vault.sweep("copies/", None, lambda key: key not in doomed)
    assert after == keys[999]
    assert cloud.vault.sweep("copies/", after, lambda key: key not in doomed) is None
    left = cloud.s3.get_paginator("list_objects_v2").paginate(Bucket="vault")
    assert [each["Key"] for page in left for each in page["Contents"]] == [*keys[1:1000], keys[1001]]


def test_all_objects_of_a_prefix_are_locked(cloud: Cloud) -> None:
    for key in ("tables/a/1", "tables/a/2", "tables/b/1"):
        cloud.vault.write(key, b"", None)
    cloud.vault.lock("tables/a/", UNTIL)
    assert not cloud.vault.delete("tables/")
    assert cloud.keys() == ["tables/a/1", "tables/a/2"]


def test_a_deletion_that_fails_for_another_reason_is_tried_again(cloud: Cloud) -> None:
    def fail(**_: Any) -> Any:
        return {"Errors": [{"Key": "a", "Code": "InternalError", "Message": "..."}]}

    cloud.vault.write("a", b"", None)
    failing = S3Vault(Failing(cloud.s3, fail), "vault", cloud.locks, side_by_side)  # type: ignore[arg-type]
    with pytest.raises(UnavailableError, match="1 are left, the first for"):
        failing.delete("a")


class Failing:
    """A client of which one call is another one."""

    def __init__(self, client: S3Client, delete_objects: Any) -> None:
        self._client, self.delete_objects = client, delete_objects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)
