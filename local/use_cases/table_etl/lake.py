"""The lake's Parquet as Athena reads it: of each day the object that its pointer names; here by DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from lambdas.table_etl.contract import LAKE_KEY, LAKE_VERSION, pointer_key, table_location
from local.use_cases.table_etl.shop import Key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DATASETS = ("customers", "orders", "returns")


class LakeRow(NamedTuple):
    """A row as it was read."""

    key: Key
    version: str
    day: str
    fields: dict[str, Any]
    """By column."""


@dataclass
class Lake:
    """Copies of the current Parquet objects, and a database over them."""

    directory: Path
    files: dict[str, list[Path]] = field(default_factory=dict)
    """By dataset, one for each day."""

    @classmethod
    def copied(cls, s3: S3Client, bucket: str, directory: Path) -> Lake:
        """Follows every pointer."""
        lake = cls(directory)
        for dataset in DATASETS:
            lake.files[dataset] = []
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=table_location(dataset)):
                for each in page.get("Contents", []):
                    lake._copy(s3, bucket, dataset, each["Key"])
        return lake

    def _copy(self, s3: S3Client, bucket: str, dataset: str, pointer: str) -> None:
        day = pointer.split("/")[-2].removeprefix("day=")
        if pointer != pointer_key(dataset, day):
            raise ValueError(f"{pointer} is no pointer")
        address = s3.get_object(Bucket=bucket, Key=pointer)["Body"].read().decode().strip()
        path = self.directory / dataset / f"day={day}" / "rows.parquet"
        path.parent.mkdir(parents=True)
        path.write_bytes(s3.get_object(Bucket=bucket, Key=address.removeprefix(f"s3://{bucket}/"))["Body"].read())
        self.files[dataset].append(path)

    @property
    def size(self) -> int:
        """Bytes of Parquet."""
        return sum(path.stat().st_size for paths in self.files.values() for path in paths)

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """The answer to SQL; each dataset is a table, with the day as its last column, as in Athena."""
        with duckdb.connect() as database:
            for dataset, paths in self.files.items():
                read = database.read_parquet([str(path) for path in paths], hive_partitioning=True)
                read.project("* REPLACE (CAST(day AS VARCHAR) AS day)").create_view(dataset)
            return database.execute(query).fetchall()

    def rows(self, dataset: str) -> Iterator[LakeRow]:
        """All rows of a dataset, day by day, in their order in the file."""
        for path in self.files[dataset]:
            with duckdb.connect() as database:
                found = database.read_parquet(str(path), hive_partitioning=False)
                for values in found.fetchall():
                    fields = dict(zip(found.columns, values, strict=True))
                    partition, sort = json.loads(fields.pop(LAKE_KEY))
                    day = path.parent.name.removeprefix("day=")
                    yield LakeRow((partition, sort), fields.pop(LAKE_VERSION), day, fields)
