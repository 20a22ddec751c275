"""S3 with versions and locks, as a vault and as buckets that are backed up."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support.fake_aws import Outside, client_error


@dataclass
class Stored:
    """A version of an object, or a delete marker (without content)."""

    version: str
    content: bytes | None
    modified: datetime
    until: datetime | None = None
    archived: str = ""
    """What S3 says to who would copy it."""

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content or b"", usedforsecurity=False).hexdigest()}"'


@dataclass
class Bucket:
    """Versions by key, newest last."""

    versioned: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    hidden: bool = False
    """Whether nobody may read the tags."""
    objects: dict[str, list[Stored]] = field(default_factory=dict)

    def current(self, key: str) -> Stored | None:
        versions = self.objects.get(key, [])
        return versions[-1] if versions and versions[-1].content is not None else None

    def version(self, key: str, version: str | None) -> Stored | None:
        if version is None:
            return self.current(key)
        return next((each for each in self.objects.get(key, []) if each.version == version), None)

    def put(self, key: str, stored: Stored) -> None:
        if self.versioned:
            self.objects.setdefault(key, []).append(stored)
        else:
            self.objects[key] = [stored]


class FakeVersionedS3:
    """Buckets, of which listings tell pages of ``page`` versions."""

    def __init__(self, outside: Outside, now: Callable[[], datetime]) -> None:
        self.outside, self.now = outside, now
        self.buckets: dict[str, Bucket] = {}
        self.page = 1000
        self.versions = 0

    def store(self, bucket: str, key: str, content: bytes | None, until: datetime | None = None) -> Stored:
        """Writes an object, or a delete marker, without a call."""
        self.versions += 1
        version = f"v{self.versions}" if self.buckets[bucket].versioned else "null"
        stored = Stored(version, content, self.now(), until)
        self.buckets[bucket].put(key, stored)
        return stored

    def list_buckets(self) -> Any:
        return self.outside.call("ListBuckets", lambda _: {"Buckets": [{"Name": name} for name in self.buckets]})

    def get_bucket_tagging(self, *, Bucket: str) -> Any:  # noqa: N803  boto3's names
        def effect(_: bool) -> Any:  # noqa: FBT001
            if self._bucket("GetBucketTagging", Bucket).hidden:
                raise client_error("GetBucketTagging", "AccessDenied")
            tags = self.buckets[Bucket].tags
            if not tags:
                raise client_error("GetBucketTagging", "NoSuchTagSet")
            return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}

        return self.outside.call("GetBucketTagging", effect)

    def _bucket(self, call: str, name: str) -> Bucket:
        if name not in self.buckets:
            raise client_error(call, "NoSuchBucket")
        return self.buckets[name]

    # --- objects ----------------------------------------------------------------------------------------------------

    def put_object(self, *, Bucket: str, Key: str, Body: Any, **lock: Any) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            stored = self.store(Bucket, Key, bytes(Body), lock.get("ObjectLockRetainUntilDate"))
            return {"ETag": stored.etag}

        return self.outside.call("PutObject", effect)

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self.buckets[Bucket].current(Key)
            if found is None:
                raise client_error("GetObject", "NoSuchKey")
            return {"Body": io.BytesIO(found.content or b"")}

        return self.outside.call("GetObject", effect)

    def head_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self.buckets[Bucket].current(Key)
            if found is None:
                raise client_error("HeadObject", "404")
            lock = {"ObjectLockRetainUntilDate": found.until} if found.until else {}
            return {
                "ETag": found.etag,
                "ContentLength": len(found.content or b""),
                "LastModified": found.modified,
                **lock,
            }

        return self.outside.call("HeadObject", effect)

    def copy_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        CopySource: Mapping[str, str],  # noqa: N803
        CopySourceIfMatch: str | None = None,  # noqa: N803
    ) -> Any:
        def effect(_: bool) -> Any:  # noqa: FBT001
            source = self.buckets[CopySource["Bucket"]].version(CopySource["Key"], CopySource.get("VersionId"))
            if source is None:
                raise client_error("CopyObject", "NoSuchVersion" if "VersionId" in CopySource else "NoSuchKey")
            if CopySourceIfMatch not in {None, source.etag}:
                raise client_error("CopyObject", "PreconditionFailed")
            if source.archived:
                raise client_error("CopyObject", source.archived)
            self.store(Bucket, Key, source.content)
            return {}

        return self.outside.call("CopyObject", effect)

    def put_object_retention(self, *, Bucket: str, Key: str, Retention: Mapping[str, Any]) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self.buckets[Bucket].current(Key)
            assert found
            if found.until and Retention["RetainUntilDate"] < found.until:
                raise client_error("PutObjectRetention", "AccessDenied")
            found.until = Retention["RetainUntilDate"]
            return {}

        return self.outside.call("PutObjectRetention", effect)

    # --- listings ---------------------------------------------------------------------------------------------------

    def list_objects_v2(self, *, Bucket: str, Prefix: str, ContinuationToken: str = "") -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            bucket = self.buckets[Bucket]
            keys = sorted(
                key
                for key in bucket.objects
                if key.startswith(Prefix) and key > ContinuationToken and bucket.current(key)
            )
            found = {"Contents": [{"Key": key} for key in keys[: self.page]]}
            if len(keys) <= self.page:
                return {**found, "IsTruncated": False}
            return {**found, "IsTruncated": True, "NextContinuationToken": keys[self.page - 1]}

        return self.outside.call("ListObjectsV2", effect)

    def list_object_versions(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        KeyMarker: str = "",  # noqa: N803
        VersionIdMarker: str = "",  # noqa: N803
    ) -> Any:
        def effect(_: bool) -> Any:  # noqa: FBT001
            listed = list(self._listed(self._bucket("ListObjectVersions", Bucket), Prefix))
            if KeyMarker:
                # A marker that is deleted meanwhile is where the listing goes on all the same.
                at = [(key, stored.version) for key, stored, _ in listed]
                marker = (KeyMarker, VersionIdMarker)
                after = at.index(marker) + 1 if marker in at else sum(key <= KeyMarker for key, _ in at)
                listed = listed[after:]
            page = listed[: self.page]
            answer: dict[str, Any] = {
                "Versions": [_version(*each) for each in page if each[1].content is not None],
                "DeleteMarkers": [_version(*each) for each in page if each[1].content is None],
                "IsTruncated": len(listed) > len(page),
            }
            if answer["IsTruncated"]:
                answer |= {"NextKeyMarker": page[-1][0], "NextVersionIdMarker": page[-1][1].version}
            return answer

        return self.outside.call("ListObjectVersions", effect)

    @staticmethod
    def _listed(bucket: Bucket, prefix: str) -> Iterator[tuple[str, Stored, bool]]:
        for key in sorted(key for key in bucket.objects if key.startswith(prefix)):
            versions = bucket.objects[key]
            for stored in reversed(versions):
                yield key, stored, stored is versions[-1]

    def delete_objects(self, *, Bucket: str, Delete: Mapping[str, Any]) -> Any:  # noqa: N803
        doomed = Delete["Objects"]
        assert 1 <= len(doomed) <= 1000

        def effect(partial: bool) -> Any:  # noqa: FBT001
            done = doomed[:1] if partial else doomed
            errors = [{"Key": each["Key"], "Code": "InternalError"} for each in doomed[len(done) :]]
            for each in done:
                versions = self.buckets[Bucket].objects.get(each["Key"], [])
                stored = next((stored for stored in versions if stored.version == each["VersionId"]), None)
                if stored and stored.until and stored.until > self.now():
                    errors.append({"Key": each["Key"], "Code": "AccessDenied"})
                elif stored:
                    versions.remove(stored)
                    if not versions:
                        del self.buckets[Bucket].objects[each["Key"]]
            return {"Errors": errors} if errors else {}

        return self.outside.call("DeleteObjects", effect)


def _version(key: str, stored: Stored, latest: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "Key": key,
        "VersionId": stored.version,
        "IsLatest": latest,
        "Size": len(stored.content or b""),
        "ETag": stored.etag,
        "LastModified": stored.modified,
    }
