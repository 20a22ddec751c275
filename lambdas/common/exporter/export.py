"""Makes an export, data file by data file, so that it can be killed and continued anywhere.

After each data file the progress object tells of it. What was written and not told of yet is written anew, under the
same key. So each item that stays in the table is in one data file, exactly once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.exporter import layout, progress
from lambdas.common.exporter.files import DataWriter
from lambdas.common.exporter.layout import FOLDER, DataFile, Place, Table
from lambdas.common.exporter.progress import Progress, Segment
from lambdas.common.exporter.scan import Pace, Scan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

THREADS = 32
"""At the most; further segments wait for their turn."""

Tell = Callable[[int, int, int], None]
"""Called with the numbers of items, of bytes as DynamoDB counts them, and of segments that are done."""


class ExportError(Exception):
    """An export cannot be continued; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """Exports one table into one bucket."""

    dynamodb: DynamoDBClient
    s3: S3Client
    table: str
    bucket: str
    prefix: str = ""
    """Of all keys; ends in ``/`` where there is one."""
    segments: int = 4
    """Read side by side; an export that has begun keeps its number."""
    pace: Pace | None = None
    """Of read capacity units."""
    max_items: int = 50_000
    max_bytes: int = 32 * 1024 * 1024
    """Of a data file, unpacked. The page of 1 MB that goes beyond is its last one."""
    tell: Tell = lambda items, size, done: None  # noqa: ARG005  silent unless asked to tell
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep

    def begin(self) -> Export:
        """A new export. Raises UnavailableError."""
        return self._begun(self._described(), self.now())

    def at(self, began: datetime) -> Export:
        """The export that began at this moment, or begins now in its name. Raises ExportError, UnavailableError."""
        table = self._described()
        found = self._progress(Place(self.bucket, self.prefix, layout.export_id(began, table)).progress)
        return self._export(found) if found else self._begun(table, began)

    def _begun(self, table: Table, began: datetime) -> Export:
        segments = [Segment() for _ in range(self.segments)]
        export = self._export(Progress(table, layout.export_id(began, table), began, segments))
        export.put(f"{export.place.root}_started", b"")
        export.save()
        return export

    def unfinished(self) -> Export | None:
        """The newest export of this table, if it was not finished.

        Raises:
            ExportError: the progress of an export cannot be read.
            UnavailableError: ask again.
        """
        table = self._described()
        for export_id in sorted(self._export_ids(), reverse=True):
            found = self._progress(Place(self.bucket, self.prefix, export_id).progress)
            if found and found.table == table:
                return None if found.complete else self._export(found)
        return None

    def _export(self, found: Progress) -> Export:
        scan = Scan(self.dynamodb, self.table, len(found.segments), self.pace, self.sleep)
        return Export(self, Place(self.bucket, self.prefix, found.export_id), found, scan)

    def _described(self) -> Table:
        with aws_call(f"describe {self.table}"):
            described = self.dynamodb.describe_table(TableName=self.table)["Table"]
        # Not every emulator knows ids of tables.
        return Table(described["TableName"], described["TableArn"], described.get("TableId", ""))

    def _export_ids(self) -> Iterator[str]:
        folder = f"{self.prefix}{FOLDER}"
        for answer in self.listed(Prefix=folder, Delimiter="/"):
            for each in answer.get("CommonPrefixes", []):
                yield each["Prefix"].removeprefix(folder).removesuffix("/")

    def _progress(self, key: str) -> Progress | None:
        with aws_call("read the progress of an export"):
            try:
                content = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if has_code(error, {"NoSuchKey"}):
                    return None  # an export that DynamoDB made
                raise
        try:
            return progress.decode(content)
        except msgspec.DecodeError as error:
            raise ExportError(
                f"s3://{self.bucket}/{key} is no progress of an export: {error}. Delete it, or start a new export."
            ) from error

    def listed(self, **question: Any) -> Iterator[Any]:
        """Answers of ListObjectsV2 until the list is complete."""
        while True:
            with aws_call("list exports"):
                answer = self.s3.list_objects_v2(Bucket=self.bucket, **question)
            yield answer
            if "NextContinuationToken" not in answer:
                return
            question["ContinuationToken"] = answer["NextContinuationToken"]


@dataclass
class Export:
    """An export that has begun. Finish it by `run`, or, where time is short, by `step` until it is complete."""

    exporter: Exporter
    place: Place
    progress: Progress
    scan: Scan
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Held by who changes progress."""

    def __post_init__(self) -> None:
        self._items, self._size = self.progress.items, self.progress.size

    def run(self) -> None:
        """Writes what is left, all segments side by side.

        Raises:
            ExportError, UnavailableError: what is written stays written; an unfinished export can be continued.
        """
        left = [number for number, segment in enumerate(self.progress.segments) if not segment.done]
        stop = threading.Event()
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                for each in as_completed([pool.submit(self._rest, number, stop) for number in left]):
                    each.result()
            finally:
                stop.set()
        self._finish()

    def step(self) -> bool:
        """Writes the next data file, or else the manifests; whether the export is complete now. Raises as `run`."""
        for number, segment in enumerate(self.progress.segments):
            if not segment.done:
                self._write_file(number, threading.Event())
                return False
        self._finish()
        return True

    def _rest(self, number: int, stop: threading.Event) -> None:
        while not self.progress.segments[number].done and not stop.is_set():
            self._write_file(number, stop)

    def _write_file(self, number: int, stop: threading.Event) -> None:
        """Writes the next data file of a segment, though it be empty: what a killed run left there is gone then."""
        segment = self.progress.segments[number]
        writer = DataWriter()
        for page in self.scan.pages(number, segment.last):
            if stop.is_set():
                return
            before = writer.size
            writer.add(page.items)
            self._tell(len(page.items), writer.size - before)
            if writer.items >= self.exporter.max_items or writer.unpacked >= self.exporter.max_bytes:
                break
        body = writer.close()
        key = self.place.data_key(number, len(segment.files))
        etag = self.put(key, body)
        with self._lock:
            segment.add(DataFile(writer.items, layout.checksum(body), etag, key), writer.size, page.last)
            self.save()
        self._tell(0, 0)

    def _tell(self, items: int, size: int) -> None:
        with self._lock:
            self._items += items
            self._size += size
            self.exporter.tell(self._items, self._size, self.progress.done)

    def _finish(self) -> None:
        """Manifests, of which readers wait for the last one; equal ones if they are written again."""
        self._check_files()
        if self.progress.ended is None:
            self.progress.ended = self.exporter.now()
            self.save()
        ended, table, began = self.progress.ended, self.progress.table, self.progress.began
        content = layout.summary(self.place, table, began, ended, self.progress.items, self.progress.size)
        summary = msgspec.json.encode(content)
        files = msgspec.json.Encoder().encode_lines(self.progress.files)
        root = self.place.root
        self.put(f"{root}manifest-files.json", files)
        self.put(f"{root}manifest-files.md5", layout.checksum(files).encode())
        self.put(f"{root}manifest-summary.md5", layout.checksum(summary).encode())
        self.put(f"{root}manifest-summary.json", summary)
        self.progress.complete = True
        self.save()

    def _check_files(self) -> None:
        """Two runs at once write the same keys; then what one knows of is not what is there."""
        there = {
            each["Key"]: each["ETag"].strip('"')
            for answer in self.exporter.listed(Prefix=self.place.data)
            for each in answer.get("Contents", [])
        }
        if there != {file.key: file.etag for file in self.progress.files}:
            raise ExportError(
                f"The data files under s3://{self.place.bucket}/{self.place.data} are not those that this export "
                f"wrote: somebody else changed them, or continued it at the same time. Start a new one."
            )

    def save(self) -> None:
        """Writes the progress. Raises UnavailableError."""
        self.put(self.place.progress, self.progress.encode())

    def put(self, key: str, body: bytes) -> str:
        """Writes an object and returns its ETag. Raises UnavailableError."""
        with aws_call(f"write {key}"):
            return self.exporter.s3.put_object(Bucket=self.place.bucket, Key=key, Body=body)["ETag"].strip('"')
