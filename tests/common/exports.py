"""A table that can be scanned and a bucket, with a fault at any call, and what an export in it holds."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.common.dynamodb import item_size
from lambdas.common.exporter.export import Export, Exporter
from tests.support.fake_aws import FakeS3, Fault, Item, Outside

BEGAN = datetime(2026, 11, 20, 7, 28, 34, 28_123, tzinfo=UTC)


class Amazon(Outside):
    """Calls of several threads; once one is killed, the process makes no more."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        with self._lock:
            return super().call(name, effect)

    def kill(self, at: int, fault: Fault) -> None:
        """Kills the process at a call, counted from now."""
        numbers = iter(range(10**6))
        dead = False

        def decide(_: str) -> Fault:
            nonlocal dead
            if dead:
                return Fault.KILL_BEFORE
            dead = next(numbers) == at
            return fault if dead else Fault.NONE

        self.decide = decide

    def revive(self) -> None:
        """A new process may call as it likes."""
        self.decide = lambda _: Fault.NONE


@dataclass
class Scanned:
    """A table with the partition key ``id`` of any type."""

    outside: Outside
    name: str = "shop"
    id: str = "table-1"
    page: int = 3
    """Items; stands for 1 MB."""
    items: list[Item] = field(default_factory=list)
    scanned: list[tuple[int, float]] = field(default_factory=list)
    """Of each page its items and its read capacity units."""

    def describe_table(self, *, TableName: str) -> Any:  # noqa: N803  boto3's names
        assert TableName == self.name
        arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{self.name}"
        described = {"TableName": self.name, "TableArn": arn, "TableId": self.id, "ItemCount": 0}
        return self.outside.call("DescribeTable", lambda _: {"Table": described})

    def scan(
        self,
        *,
        TableName: str,  # noqa: N803
        Segment: int,  # noqa: N803
        TotalSegments: int,  # noqa: N803
        ConsistentRead: bool,  # noqa: N803
        ReturnConsumedCapacity: str,  # noqa: N803
        Limit: int = 10**6,  # noqa: N803
        ExclusiveStartKey: Any = None,  # noqa: N803
    ) -> Any:
        assert (TableName, ConsistentRead, ReturnConsumedCapacity) == (self.name, True, "TOTAL")
        assert Limit >= 1

        def effect(_: bool) -> Any:  # noqa: FBT001
            mine = [each for each in self.items if _place(each["id"]) % TotalSegments == Segment]
            mine.sort(key=lambda each: _place(each["id"]))
            if ExclusiveStartKey is not None:
                assert set(ExclusiveStartKey) == {"id"}
                mine = [each for each in mine if _place(each["id"]) > _place(ExclusiveStartKey["id"])]
            read = mine[: min(Limit, self.page)]
            units = float(-(-sum(map(item_size, read)) // 4096))
            self.scanned.append((len(read), units))
            more = {"LastEvaluatedKey": {"id": read[-1]["id"]}} if len(read) < len(mine) else {}
            return {"Items": read, "ConsumedCapacity": {"CapacityUnits": units}, **more}

        return self.outside.call("Scan", effect)


def _place(key: Mapping[str, Any]) -> int:
    """Where a partition is: hashes of a type other than that of its attribute would be elsewhere."""
    return zlib.crc32(repr(sorted(key.items())).encode())


class Objects(FakeS3):
    """A bucket whose objects are replaced, and listed as S3 lists them."""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            self.buckets[Bucket][Key] = bytes(Body)
            return {"ETag": _etag(Body)}

        return self.outside.call("PutObject", effect)

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        Delimiter: str | None = None,  # noqa: N803
        ContinuationToken: str = "",  # noqa: N803
        **others: Any,
    ) -> Any:
        assert not others
        names: dict[str, Any] = {}
        for key, body in sorted(self.buckets[Bucket].items()):
            head, found, _ = key.removeprefix(Prefix).partition(Delimiter) if Delimiter else (key, "", "")
            if key.startswith(Prefix):
                names[f"{Prefix}{head}{found}" if found else key] = None if found else _etag(body)
        page = [each for each in names.items() if each[0] > ContinuationToken]
        answer: dict[str, Any] = {"NextContinuationToken": page[1][0]} if len(page) > 2 else {}
        answer["CommonPrefixes"] = [{"Prefix": name} for name, etag in page[:2] if etag is None]
        answer["Contents"] = [{"Key": name, "ETag": etag} for name, etag in page[:2] if etag is not None]
        return self.outside.call("ListObjectsV2", lambda _: answer)


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


class Shop:
    """A table, a bucket, and exports from one into the other."""

    def __init__(self, items: int = 0) -> None:
        self.outside = Amazon()
        self.table = Scanned(self.outside, items=[item(number) for number in range(items)])
        self.s3 = Objects(self.outside)
        self.naps: list[float] = []
        self.moments = (BEGAN + timedelta(seconds=number) for number in range(10**6))

    def exporter(self, **options: Any) -> Exporter:
        """Of small data files."""
        given: Any = {"segments": 2, "max_items": 5, "sleep": self.naps.append, "now": lambda: next(self.moments)}
        clients: Any = {"dynamodb": self.table, "s3": self.s3}
        return Exporter(table=self.table.name, bucket="exports", **clients, **given | options)

    def goes_on(self, **options: Any) -> Export:
        """As a command does that is run again."""
        exporter = self.exporter(**options)
        return exporter.unfinished() or exporter.begin()

    @property
    def objects(self) -> dict[str, bytes]:
        return self.s3.buckets["exports"]

    def lines(self) -> list[Any]:
        """What the data files in the bucket's manifests hold."""
        return [line for summary in summaries(self.objects) for line in lines(self.objects, summary)]


def item(number: int) -> Item:
    return {"id": {"S": f"item-{number}"}, "size": {"N": str(number)}}


def summaries(objects: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    """Manifests of the exports that are complete."""
    for key, body in objects.items():
        if key.endswith("manifest-summary.json"):
            yield json.loads(body)


def lines(objects: Mapping[str, bytes], summary: Mapping[str, Any]) -> list[Any]:
    """Items of an export, all that its manifests say being checked on the way."""
    root = summary["manifestFilesS3Key"].removesuffix("manifest-files.json")
    for name in ("files", "summary"):
        assert objects[f"{root}manifest-{name}.md5"].decode() == checksum(objects[f"{root}manifest-{name}.json"])
    found: list[Any] = []
    files = [json.loads(line) for line in objects[summary["manifestFilesS3Key"]].splitlines()]
    for file in files:
        body = objects[file["dataFileS3Key"]]
        assert file["md5Checksum"] == checksum(body)
        assert file["etag"] == _etag(body).strip('"')
        some = [json.loads(line) for line in gzip.decompress(body).splitlines()]
        assert file["itemCount"] == len(some)
        found += [each["Item"] for each in some]
    assert {file["dataFileS3Key"] for file in files} == {key for key in objects if key.startswith(f"{root}data/")}
    assert summary["itemCount"] == len(found)
    return found


def checksum(body: bytes) -> str:
    return b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def by_id(items: list[Any]) -> list[Any]:
    """In the order of their keys."""
    return sorted(items, key=lambda each: json.dumps(each["id"]))
