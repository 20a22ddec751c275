"""S3 with versions and notifications, and SQS, as far as the adapters call them; see `tests.support.fake_aws`."""

from __future__ import annotations

import io
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.events import s3
from tests.support.fake_aws import Outside, client_error
from tests.support.schedule import scheduled

INBOX, PRODUCTS, QUARANTINE = "inbox", "products", "quarantine"
ARRIVALS, INDEX = "arrivals", "index"


class Stepped(Outside):
    """Each call is a step of the schedule, and may fail as `Outside` has it, too."""

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        answer = super().call
        return scheduled(lambda: answer(name, effect))


@dataclass(frozen=True)
class Stored:
    """One version of an object; ``data`` is None for a delete marker."""

    version_id: str
    data: bytes | None
    modified: datetime


class FakeObjects:
    """The versioned inbox, which tells the arrivals queue of its changes, and two buckets without versions.

    Nothing but equal bytes may be written under a key that is taken: code that overwrites others is wrong here.
    """

    def __init__(self, outside: Outside, sqs: FakeQueues) -> None:
        self.outside, self.sqs = outside, sqs
        self.inbox: dict[str, list[Stored]] = defaultdict(list)
        self.buckets: dict[str, dict[str, bytes]] = {PRODUCTS: {}, QUARANTINE: {}}
        self.now = datetime(2026, 11, 26, 12, tzinfo=UTC)
        self.page = 1000
        self._ids = itertools.count(1)

    # --- what users do ----------------------------------------------------------------------------------------------

    def upload(self, key: str, data: bytes) -> None:
        """A user uploads."""
        self._add("ObjectCreated:Put", key, data)

    def delete(self, key: str) -> None:
        """A user, or a lifecycle rule, deletes: the bucket puts a delete marker on top."""
        self._add("ObjectRemoved:DeleteMarkerCreated", key, None)

    def delete_version(self, key: str, index: int) -> None:
        """Somebody removes one version, or one delete marker, for good."""
        if self.inbox[key]:
            gone = self.inbox[key].pop(index % len(self.inbox[key]))
            self._notify("ObjectRemoved:Delete", key, gone)

    def visible(self, key: str) -> Stored | None:
        """What a plain GET shows."""
        versions = self.inbox[key]
        return versions[-1] if versions and versions[-1].data is not None else None

    def _add(self, name: str, key: str, data: bytes | None) -> None:
        stored = Stored(f"v{next(self._ids)}", data, self.now)
        self.inbox[key].append(stored)
        self._notify(name, key, stored)

    def _notify(self, name: str, key: str, stored: Stored) -> None:
        # Digits vary in length, as S3's do: right-padding must still order them.
        sequencer = f"{next(self._ids):06X}".rstrip("0") or "0"
        record = s3.record(name, INBOX, key, sequencer=sequencer, version_id=stored.version_id)
        self.sqs.queues[ARRIVALS].append(json.dumps(s3.notification(record)))

    # --- what functions do ------------------------------------------------------------------------------------------

    def head_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803  boto3's names
        def effect(_: bool) -> Any:  # noqa: FBT001
            assert Bucket == INBOX
            visible = self.visible(Key)
            if visible is None:
                raise client_error("HeadObject", "404")
            return {"VersionId": visible.version_id}

        return self.outside.call("HeadObject", effect)

    def get_object(self, *, Bucket: str, Key: str, VersionId: str = "", Range: str = "") -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            data, modified = self._find("GetObject", Bucket, Key, VersionId)
            if Range:
                first, last = Range.removeprefix("bytes=").split("-")
                data = data[int(first) : int(last) + 1]
            return {"Body": _Body(data), "ContentLength": len(data), "LastModified": modified}

        return self.outside.call("GetObject", effect)

    def download_fileobj(self, Bucket: str, Key: str, Fileobj: Any, ExtraArgs: Mapping[str, str]) -> None:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            Fileobj.write(self._find("HeadObject", Bucket, Key, ExtraArgs.get("VersionId", ""))[0])

        self.outside.call("GetObject", effect)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        assert ContentType
        self.outside.call("PutObject", lambda _: self._write(Bucket, Key, Body))

    def upload_fileobj(self, Fileobj: Any, Bucket: str, Key: str, ExtraArgs: Mapping[str, str]) -> None:  # noqa: N803
        assert set(ExtraArgs) == {"ContentType"}
        data = Fileobj.read()
        self.outside.call("PutObject", lambda _: self._write(Bucket, Key, data))

    def copy(self, CopySource: Mapping[str, str], Bucket: str, Key: str, **_: Any) -> None:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self._find("HeadObject", CopySource["Bucket"], CopySource["Key"], CopySource.get("VersionId", ""))
            self._write(Bucket, Key, found[0])

        self.outside.call("CopyObject", effect)

    def list_objects_v2(self, *, Bucket: str, Prefix: str, ContinuationToken: str = "") -> Any:  # noqa: N803
        """A token is the last key of the page before."""

        def effect(_: bool) -> Any:  # noqa: FBT001
            taken = self.buckets[Bucket]
            keys = sorted(key for key in taken if key.startswith(Prefix) and key > ContinuationToken)
            found = [{"Key": key, "Size": len(taken[key])} for key in keys[: self.page]]
            if len(keys) <= self.page:
                return {"Contents": found, "IsTruncated": False} if found else {"IsTruncated": False}
            return {"Contents": found, "IsTruncated": True, "NextContinuationToken": found[-1]["Key"]}

        return self.outside.call("ListObjectsV2", effect)

    def delete_objects(self, *, Bucket: str, Delete: Mapping[str, Any]) -> Any:  # noqa: N803
        keys = [each["Key"] for each in Delete["Objects"]]
        assert 1 <= len(keys) <= 1000
        assert Delete["Quiet"]

        def effect(partial: bool) -> Any:  # noqa: FBT001
            done = keys[:1] if partial else keys
            for key in done:
                self.buckets[Bucket].pop(key, None)
            left = [{"Key": key, "Code": "InternalError", "Message": ""} for key in keys[len(done) :]]
            return {"Errors": left} if left else {}

        return self.outside.call("DeleteObjects", effect)

    def _find(self, call: str, bucket: str, key: str, version_id: str) -> tuple[bytes, datetime]:
        if bucket != INBOX:
            assert not version_id
            if key in self.buckets[bucket]:
                return self.buckets[bucket][key], self.now
        assert version_id or bucket != INBOX, "what is visible may be another version by now"
        for each in self.inbox[key] if bucket == INBOX else ():
            if each.version_id == version_id and each.data is not None:
                return each.data, each.modified
        raise client_error(call, "404" if call == "HeadObject" else "NoSuchVersion" if version_id else "NoSuchKey")

    def _write(self, bucket: str, key: str, data: bytes) -> None:
        present = self.buckets[bucket].get(key)
        assert present in {None, data}, f"{key} was written with other bytes"
        self.buckets[bucket][key] = data


class _Body(io.BytesIO):
    """As botocore streams it."""

    def iter_chunks(self, size: int) -> Any:
        return iter(lambda: self.read(size), b"")


class FakeQueues:
    """Queues by their URLs; the index's is FIFO, which drops what has the id of an earlier message."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.queues: dict[str, list[str]] = defaultdict(list)
        self.waits: list[int] = []
        """Seconds after which messages that failed come again, of which schedules take no notice."""
        self._seen: set[str] = set()

    def send_message(self, *, QueueUrl: str, MessageBody: str, **fifo: str) -> Any:  # noqa: N803
        assert set(fifo) == ({"MessageGroupId", "MessageDeduplicationId"} if QueueUrl == INDEX else set())

        def effect(_: bool) -> Any:  # noqa: FBT001
            if not fifo or fifo["MessageDeduplicationId"] not in self._seen:
                self._seen.add(fifo.get("MessageDeduplicationId", ""))
                self.queues[QueueUrl].append(MessageBody)
            return {}

        return self.outside.call("SendMessage", effect)

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, str]]) -> Any:  # noqa: N803
        assert 1 <= len(Entries) <= 10
        assert sum(len(each["MessageBody"].encode()) for each in Entries) <= 256 * 1024

        def effect(partial: bool) -> Any:  # noqa: FBT001
            done = 1 if partial else len(Entries)
            self.queues[QueueUrl] += [each["MessageBody"] for each in Entries[:done]]
            return {"Failed": [{"Id": each["Id"], "Code": "InternalError"} for each in Entries[done:]]}

        return self.outside.call("SendMessageBatch", effect)

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> Any:  # noqa: N803
        assert QueueUrl
        assert 1 <= len(Entries) <= 10

        def effect(partial: bool) -> Any:  # noqa: FBT001
            done = 1 if partial else len(Entries)
            self.waits += [each["VisibilityTimeout"] for each in Entries[:done]]
            left = [{"Id": each["Id"], "Code": "InternalError"} for each in Entries[done:]]
            return {"Failed": left} if left else {}

        return self.outside.call("ChangeMessageVisibilityBatch", effect)
