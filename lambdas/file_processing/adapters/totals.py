"""Reads the running totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.file_processing.contract.tables import PARTITION, SORT, totals_partition
from lambdas.file_processing.domain.totals import Totals, folded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class TotalsReader:
    """Totals of the files that are shown, eventually consistent: what changed within the last second may be missing."""

    client: DynamoDBClient
    table_name: str

    def of(self, day: str) -> dict[str, Totals]:
        """By prefix, of the files that arrived on a day (``2026-11-26``, UTC)."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table_name,
            KeyConditionExpression="#partition = :partition",
            ExpressionAttributeNames={"#partition": PARTITION},
            ExpressionAttributeValues={":partition": {"S": totals_partition(day)}},
        )
        return folded(
            (
                item[SORT]["S"],
                {name: int(value["N"]) for name, value in item.items() if "N" in value},
            )
            for page in pages
            for item in page["Items"]
        )
