"""The lake's staging area in S3: each batch's rows as one object for each dataset, to be compacted later."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import msgspec
from isal import isal_zlib

from lambdas.common.calls import aws_call
from lambdas.table_etl.contract import NO_ROW, StagedRow, staged_key
from lambdas.table_etl.domain.transform import Loaded, latest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GZIP = 31
"""The ``wbits`` that ask for a gzip header; it holds no time, so that equal rows give equal bytes."""
_LEVEL = 1
_JSON = msgspec.json.Encoder()


@dataclass(frozen=True)
class S3Lake:
    """A `Target`: compaction keeps of each row the last version."""

    client: S3Client
    bucket: str

    def load(self, loaded: Sequence[Loaded], arrived: date) -> None:
        """One gzip-compressed object for each dataset."""
        datasets: dict[str, list[Loaded]] = {}
        for each in latest(loaded):
            datasets.setdefault(each.flow.name, []).append(each)
        for dataset, rows in datasets.items():
            content = _JSON.encode_lines(_staged(rows))
            key = staged_key(dataset, arrived, hashlib.sha256(content).hexdigest()[:32])
            body = isal_zlib.compress(content, _LEVEL, _GZIP)
            with aws_call("stage rows for the lake"):
                self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/gzip")


def _staged(rows: Iterable[Loaded]) -> list[StagedRow]:
    return [
        StagedRow(each.key, each.version, each.day, msgspec.Raw(each.content.json) if each.content else NO_ROW)
        for each in rows
    ]
