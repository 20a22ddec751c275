"""What the demo has backed up, and what it has not: tables, buckets and volumes, with the tag and without."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from lambdas.backups.contract import TAG
from local.use_cases.backups.visit import Visit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""In DynamoDB's JSON, as boto3's client has it."""

EVERY_TYPE: Item = {
    "pk": {"S": "every type"},
    "text": {"S": "Grüße, 世界 \N{GRINNING FACE}"},
    "empty_text": {"S": ""},
    "whole": {"N": "-42"},
    "digits": {"N": "12345678901234567890123456789012345678"},
    "large": {"N": "9.9999999999999999999999999999999999999E+125"},
    "small": {"N": "-1E-130"},
    "binary": {"B": bytes(range(256))},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "list": {"L": [{"S": "a"}, {"N": "1.50"}, {"L": []}, {"M": {}}]},
    "map": {"M": {"ключ": {"B": b"\x00"}, "inner": {"M": {"deep": {"NULL": True}}}}},
    "texts": {"SS": ["b", "a", "ä"]},
    "numbers": {"NS": ["2", "-1", "0.5"]},
    "binaries": {"BS": [b"\xff", b"a"]},
}
MANY = 5_000
OBJECTS = 40
MARKERS = 1_000
"""Of deleted objects: they fill the first page of the bucket's listing by themselves."""
_BATCH = 25
"""Items that DynamoDB takes at a time."""
_AT_A_TIME = 8


@dataclass
class Samples:
    """Names of what was made, and what is in it."""

    token: str = field(default_factory=lambda: secrets.token_hex(3))
    """Tells it from what was made before."""
    items: dict[str, list[Item]] = field(default_factory=dict)
    """By table."""
    objects: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """By bucket: current contents, by key."""
    volume: str = ""
    untagged_volume: str = ""

    @property
    def types(self) -> str:
        """A table with every type."""
        return f"types-{self.token}"

    @property
    def empty(self) -> str:
        """A table without items."""
        return f"empty-{self.token}"

    @property
    def many(self) -> str:
        """A table of many items."""
        return f"many-{self.token}"

    @property
    def history(self) -> str:
        """A table and a bucket of the weekly policy."""
        return f"history-{self.token}"

    @property
    def pictures(self) -> str:
        """A bucket with more versions than a page of its listing has."""
        return f"pictures-{self.token}"

    @property
    def private(self) -> str:
        """A table and a bucket without the tag."""
        return f"private-{self.token}"

    @property
    def names(self) -> set[str]:
        """Of all of it, tagged or not."""
        return {*self.items, *self.objects, self.volume, self.untagged_volume}

    @property
    def daily_tables(self) -> tuple[str, str, str]:
        """Tables of the daily policy."""
        return self.types, self.empty, self.many


def make(visit: Visit) -> Samples:
    """Makes all of it."""
    samples = Samples()
    few = [{"pk": {"S": f"item {number}"}, "n": {"N": f"{number}"}} for number in range(3)]
    many = [{"pk": {"S": f"{number:05d}"}, "n": {"N": f"{number}"}, "text": {"S": "x" * 60}} for number in range(MANY)]
    _table(visit.dynamodb, samples, samples.types, "daily", [EVERY_TYPE, *few])
    _table(visit.dynamodb, samples, samples.empty, "daily", [])
    _table(visit.dynamodb, samples, samples.many, "daily", many)
    _table(visit.dynamodb, samples, samples.history, "weekly", few)
    _table(visit.dynamodb, samples, samples.private, None, few)
    _bucket(visit, samples, samples.pictures, "daily", {f"{n:02d}.txt": b"picture %d" % n for n in range(OBJECTS)})
    _bucket(
        visit,
        samples,
        samples.history,
        "weekly",
        {"log.txt": b"begun", "note.txt": b"a note", "plan.txt": b"sow in May"},
    )
    _bucket(visit, samples, samples.private, None, {"diary.txt": b"nobody's business"})
    _many_versions(visit, samples)
    samples.volume, samples.untagged_volume = _volume(visit, "daily"), _volume(visit, None)
    return samples


def _tags(policy: str | None) -> Any:
    return [{"Key": TAG, "Value": policy}] if policy else []


def _table(dynamodb: DynamoDBClient, samples: Samples, name: str, policy: str | None, items: Sequence[Item]) -> None:
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=_tags(policy),
    )
    put(dynamodb, name, items)
    samples.items[name] = list(items)


def put(dynamodb: DynamoDBClient, table: str, items: Sequence[Item]) -> None:
    """Writes items, some at the same time."""

    def write(batch: Sequence[Item]) -> None:
        requests: Any = [{"PutRequest": {"Item": item}} for item in batch]
        dynamodb.batch_write_item(RequestItems={table: requests})

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        list(pool.map(write, _batches(items)))


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _bucket(visit: Visit, samples: Samples, name: str, policy: str | None, objects: Mapping[str, bytes]) -> None:
    visit.s3.create_bucket(Bucket=name)
    visit.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if policy:
        visit.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _tags(policy)})
    samples.objects[name] = {}
    for key, content in objects.items():
        write(visit, samples, name, key, content)


def write(visit: Visit, samples: Samples, bucket: str, key: str, content: bytes) -> None:
    """Writes an object, over what is there."""
    visit.s3.put_object(Bucket=bucket, Key=key, Body=content)
    samples.objects[bucket][key] = content


def delete(visit: Visit, samples: Samples, bucket: str, key: str) -> None:
    """Deletes an object; its versions stay."""
    visit.s3.delete_object(Bucket=bucket, Key=key)
    del samples.objects[bucket][key]


def _many_versions(visit: Visit, samples: Samples) -> None:
    """One object is overwritten, one is deleted, and before them in the listing are many that were deleted long ago."""
    write(visit, samples, samples.pictures, "07.txt", b"picture 7, painted over")
    delete(visit, samples, samples.pictures, "13.txt")
    visit.s3.delete_objects(
        Bucket=samples.pictures, Delete={"Objects": [{"Key": f"-/{number:04d}"} for number in range(MARKERS)]}
    )


def _volume(visit: Visit, policy: str | None) -> str:
    specifications: Any = [{"ResourceType": "volume", "Tags": _tags(policy)}] if policy else []
    return visit.ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, TagSpecifications=specifications)["VolumeId"]
