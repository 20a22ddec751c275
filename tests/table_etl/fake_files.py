"""Backfill bucket, tasks queue and targets in memory, where every call, and every read of a file, can fail."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from lambdas.common.calls import Patience, aws_call
from lambdas.table_etl.adapters.files import S3Files
from lambdas.table_etl.adapters.quarantine import S3Quarantine
from lambdas.table_etl.adapters.tasks import SqsTasks
from lambdas.table_etl.contract import Limits, Quarantined, Task
from lambdas.table_etl.domain.history.files import tasked
from lambdas.table_etl.domain.transform import Loaded, Transformer
from lambdas.table_etl.pipelines.orders import PIPELINE
from lambdas.table_etl.workflow.backfilling import Backfiller
from lambdas.table_etl.workflow.loading import Loader
from lambdas.table_etl.workflow.planning import Planner
from tests.support.fake_aws import FakeS3, Outside, client_error

EXPORT = "old/AWSDynamoDB/01693685827463-2d8752fd/"
SUMMARY = f"{EXPORT}manifest-summary.json"


class Backfill(FakeS3):
    """Objects that are dropped, by key and version id, too, and read piece by piece."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.versions: dict[tuple[str, str | None], bytes] = {}

    def drop(self, key: str, content: bytes, version_id: str = "v-1") -> None:
        """A new object."""
        self.versions[key, version_id] = self.versions[key, None] = content

    def get_object(self, *, Bucket: str, Key: str, VersionId: str | None = None, **_: Any) -> Any:  # noqa: N803
        assert Bucket == "backfill"

        def effect(_: bool) -> Any:  # noqa: FBT001
            content = self.versions.get((Key, VersionId))
            if content is None:
                raise client_error("GetObject", "NoSuchVersion" if VersionId else "NoSuchKey")
            return {"Body": _Body(self.outside, content), "ContentLength": len(content)}

        return self.outside.call("GetObject", effect)


class _Body(io.BytesIO):
    def __init__(self, outside: Outside, content: bytes) -> None:
        super().__init__(content)
        self._outside = outside

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self._outside.call("Read", lambda _: self.read(size)):
            yield chunk


class Queue:
    """What SQS takes."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.bodies: list[str] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Any]) -> Any:  # noqa: N803
        assert QueueUrl == "tasks"
        assert 1 <= len(Entries) <= 10
        assert len({each["Id"] for each in Entries}) == len(Entries)

        def effect(partial: bool) -> Any:  # noqa: FBT001
            taken = Entries[:1] if partial else Entries
            self.bodies += [each["MessageBody"] for each in taken]
            return {"Failed": [{"Id": each["Id"]} for each in Entries[len(taken) :]]}

        return self.outside.call("SendMessageBatch", effect)

    @property
    def tasks(self) -> list[Task]:
        """All that was sent, as often as it was."""
        return [tasked({"body": body}) for body in self.bodies]


class Recording:
    """A target that remembers what was loaded."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.batches: list[list[Loaded]] = []
        self.days: set[date] = set()

    def load(self, loaded: Sequence[Loaded], arrived: date) -> None:
        """Takes them."""

        def effect(_: bool) -> None:  # noqa: FBT001
            self.batches.append(list(loaded))
            self.days.add(arrived)

        with aws_call("load rows"):
            self.outside.call("Load", effect)

    @property
    def versions(self) -> Counter[tuple[str, str]]:
        """How often each version of each row came."""
        return Counter((each.key, each.version) for batch in self.batches for each in batch)


@dataclass
class Slice:
    """Planner and backfiller over all of it."""

    outside: Outside = field(default_factory=Outside)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.bucket: Any = Backfill(self.outside)
        self.quarantine: Any = FakeS3(self.outside)
        self.queue: Any = Queue(self.outside)
        self.target = Recording(self.outside)
        clients: dict[str, Any] = {"bucket": self.bucket, "quarantine": self.quarantine, "queue": self.queue}
        files, quarantine = S3Files(clients["bucket"]), S3Quarantine(clients["quarantine"], "quarantine")
        self.planner = Planner(files, SqsTasks(clients["queue"], "tasks", Patience(lambda _: None)), quarantine)
        loader = Loader(Transformer(PIPELINE, self.limits), [self.target], quarantine)
        self.backfiller = Backfiller(files, loader)

    def quarantined(self) -> list[Quarantined]:
        """Every line of every object, in the order of the rows."""
        found = [
            line
            for body in self.quarantine.buckets["quarantine"].values()
            for line in msgspec.json.Decoder(Quarantined).decode_lines(body)
        ]
        return sorted(found, key=lambda line: (line.position.row, line.reason))  # type: ignore[union-attr]

    def export(self, *files: tuple[str, list[bytes]], **changes: Any) -> None:
        """Drops a full export: data files by name, with their lines."""
        listing = []
        for name, lines in files:
            key = f"{EXPORT}data/{name}.json.gz"
            self.bucket.drop(key, gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0))
            listing.append({"itemCount": len(lines), "md5Checksum": "…", "etag": "…", "dataFileS3Key": key})
        self.bucket.drop(f"{EXPORT}manifest-files.json", "\n".join(map(json.dumps, listing)).encode())
        self.bucket.drop(SUMMARY, json.dumps(summary(**changes)).encode())


def summary(**changes: Any) -> dict[str, Any]:
    """``manifest-summary.json`` of a full export, as the Developer Guide shows it; None leaves a field out."""
    content = {
        "version": "2020-06-30",
        "exportArn": "arn:aws:dynamodb:us-east-1:123456789012:table/Shop/export/01693685827463-2d8752fd",
        "startTime": "2026-11-20T07:28:34.028Z",
        "endTime": "2026-11-20T07:33:43.897Z",
        "tableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/Shop",
        "tableId": "12345a12-abcd-123a-ab12-1234abc12345",
        "exportTime": "2026-11-20T07:28:34.028Z",
        "s3Bucket": "backfill",
        "s3Prefix": "old",
        "s3SseAlgorithm": "AES256",
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{EXPORT}manifest-files.json",
        "billedSizeBytes": 0,
        "itemCount": 8,
        "outputFormat": "DYNAMODB_JSON",
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}
