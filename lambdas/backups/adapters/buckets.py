"""Buckets: which have the tag, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.backups.adapters.copying import Copier, CopyOutcome
from lambdas.backups.adapters.refusals import refused
from lambdas.backups.contract import TAG
from lambdas.backups.contract.records import Copied, Kind, Marker, Resource
from lambdas.backups.ports import MOST_FOUND, Copies, Looked, MoreTime, Page, RefusedError, Version
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.side_by_side import Together

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

_UNTAGGED = {"NoSuchTagSet", "NoSuchBucket"}
_GROUP = 64
_GROUP_BYTES = 8 * 1024**3
"""Objects, and bytes of more than one, that are copied before it is asked whether there is time for more."""


@dataclass(frozen=True)
class S3Buckets:
    """The `Resources` and the `Buckets` of S3."""

    client: S3Client
    vault: str
    copier: Copier
    together: Together

    def look(self, policy: str, after: str | None) -> Looked:
        """Lists all buckets each time, in all regions, and asks for the tags of some of them."""
        with aws_call("list buckets"):
            names = sorted(each["Name"] for each in self.client.list_buckets()["Buckets"])
        left = [name for name in names if name != self.vault and (after is None or name > after)]
        looked_at = left[:MOST_FOUND]
        found, unreadable = [], []
        for name in looked_at:
            resource = Resource(Kind.BUCKET, f"arn:aws:s3:::{name}")
            try:
                if self._tag(name) == policy:
                    found.append(resource)
            except RefusedError:
                unreadable.append(resource)
        return Looked(found, looked_at[-1] if len(looked_at) < len(left) else None, unreadable)

    def _tag(self, bucket: str) -> str | None:
        """Raises RefusedError if the bucket's own policy forbids it: that must not hide all other buckets."""
        with aws_call(f"read the tags of {bucket}"), refused({"AccessDenied"}, f"{bucket} hides its tags"):
            try:
                tags = self.client.get_bucket_tagging(Bucket=bucket)["TagSet"]
            except ClientError as error:
                if has_code(error, _UNTAGGED):
                    return None
                raise
        return {tag["Key"]: tag["Value"] for tag in tags}.get(TAG)

    def page(self, bucket: str, marker: Marker | None) -> Page:
        """Of up to 1,000 versions those that are current: a deleted object has none."""
        start: Any = {"KeyMarker": marker.key, "VersionIdMarker": marker.version} if marker else {}
        with aws_call(f"list {bucket}"), refused({"NoSuchBucket"}, f"there is no bucket {bucket} any longer"):
            answer = self.client.list_object_versions(Bucket=bucket, **start)
        versions = [
            Version(each["Key"], each["VersionId"], each["Size"], each["ETag"].strip('"'), each["LastModified"])
            for each in answer.get("Versions", [])
            if each["IsLatest"]
        ]
        if not answer["IsTruncated"]:
            return Page(versions, None)
        return Page(versions, Marker(answer["NextKeyMarker"], answer["NextVersionIdMarker"]))

    def copy(self, bucket: str, versions: Sequence[Version], until: datetime | None, more: MoreTime) -> Copies | None:
        """Some at the same time. What is copied already takes one request each, with a lock another one."""
        copied: list[Copied] = []
        skipped = 0
        for group in _groups(versions):
            if not more():
                return None
            for each in self._outcomes(bucket, group, until, more):
                if each.unfinished:
                    return None
                skipped += each.archived
                if each.copied:
                    copied.append(each.copied)
        return Copies(sorted(copied, key=lambda each: each.key), skipped)

    def _outcomes(
        self, bucket: str, versions: Sequence[Version], until: datetime | None, more: MoreTime
    ) -> Iterator[CopyOutcome]:
        """Large ones one by one: their parts are copied at the same time already."""
        small = [version for version in versions if version.size <= self.copier.largest]
        yield from self.together(lambda version: self.copier.copy(bucket, version, until, more), small)
        for version in versions:
            if version.size > self.copier.largest:
                yield self.copier.copy(bucket, version, until, more)


def _groups(versions: Sequence[Version]) -> Iterator[Sequence[Version]]:
    group: list[Version] = []
    size = 0
    for version in versions:
        if group and (len(group) == _GROUP or size + version.size > _GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(version)
        size += version.size
    if group:
        yield group
