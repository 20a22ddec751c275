"""Answers the questions that the read model is laid out for, each with one Query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from lambdas.common.tables.read_model import layout

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Row(Struct, frozen=True):
    """What a source item has become."""

    dataset: str
    version: str
    fields: Mapping[str, Any]
    """In Python types, as boto3's resource has them: numbers are Decimal, binary is `Binary`."""


class Totals(Struct, frozen=True):
    """Sums over the rows of a partition, under one sort key such as a day."""

    sort: str
    amounts: Mapping[str, Decimal]


class ReadModelReader(Struct, frozen=True):
    """Reads the read model."""

    client: DynamoDBClient
    table_name: str

    def newest(self, view: str, *, limit: int = 100) -> Iterator[Row]:
        """At most ``limit`` rows of a view such as ``customer#c-1#orders``, the greatest sort key first.

        Views are an index, which follows the table within a second or so.
        """
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table_name,
            IndexName=layout.VIEW_INDEX,
            KeyConditionExpression="#view = :view",
            ExpressionAttributeNames={"#view": layout.VIEW},
            ExpressionAttributeValues={":view": {"S": view}},
            ScanIndexForward=False,
            PaginationConfig={"MaxItems": limit, "PageSize": limit},
        )
        for page in pages:
            yield from map(_row, page["Items"])

    def totals(self, partition: str, first: str, last: str) -> Iterator[Totals]:
        """Totals of a partition such as ``customer#c-1#totals`` whose sort keys begin from ``first`` to ``last``.

        A consistent read. Days of which all rows have gone again have no totals.
        """
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table_name,
            KeyConditionExpression="#partition = :partition AND #sort BETWEEN :first AND :last",
            ExpressionAttributeNames={"#partition": layout.PARTITION, "#sort": layout.SORT},
            ExpressionAttributeValues={
                ":partition": {"S": partition},
                ":first": {"S": first},
                # The greatest character there is, so that all that begins with ``last`` is in.
                ":last": {"S": f"{last}\U0010ffff"},
            },
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                fields = _fields(item)
                amounts = {name: value for name, value in fields.items() if name not in layout.RESERVED and value}
                if amounts:
                    yield Totals(fields[layout.SORT], amounts)


@cache
def _deserializer() -> Callable[[Any], Any]:
    # A function that has no other use for boto3 loads it for the first row only.
    from boto3.dynamodb.types import TypeDeserializer

    return TypeDeserializer().deserialize


def _fields(item: Mapping[str, Any]) -> dict[str, Any]:
    deserialize = _deserializer()
    return {name: deserialize(value) for name, value in item.items()}


def _row(item: Mapping[str, Any]) -> Row:
    fields = _fields(item)
    own = {name: value for name, value in fields.items() if name not in layout.RESERVED}
    return Row(fields[layout.DATASET], fields[layout.SOURCE_VERSION], own)
