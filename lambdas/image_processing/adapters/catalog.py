"""The catalog table: one item per picture, written conditionally, read by key and by its indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from lambdas.common.errors import has_code
from lambdas.common.tables.pictures import layout
from lambdas.common.tables.pictures.layout import Facts, Listed, Status
from lambdas.image_processing import contract
from lambdas.image_processing.contract import Recognition
from lambdas.image_processing.domain.catalog import Entry
from lambdas.image_processing.domain.fingerprint import hash_bands, hash_distance

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# All that the table resource of boto3 would be loaded for.
_to_dynamo = TypeSerializer().serialize
_from_dynamo = TypeDeserializer().deserialize


@dataclass(frozen=True)
class DynamoCatalog:
    """The table with one item per picture."""

    client: DynamoDBClient
    table_name: str

    def get(self, picture_id: str) -> Entry | None:
        """The entry as last written (a consistent read)."""
        answer = self.client.get_item(
            TableName=self.table_name, Key={layout.PICTURE_ID: {"S": picture_id}}, ConsistentRead=True
        )
        return _from_item(answer["Item"]) if "Item" in answer else None

    def commit(self, entry: Entry, expected: Entry | None) -> bool:
        """Writes the entry if the catalog still holds ``expected``."""
        condition: dict[str, Any] = {"ConditionExpression": f"attribute_not_exists({layout.PICTURE_ID})"}
        if expected:
            condition = {
                "ConditionExpression": "sequencer = :expected",
                "ExpressionAttributeValues": {":expected": {"S": expected.sequencer}},
            }
        item = {name: _to_dynamo(value) for name, value in _to_item(entry).items()}
        return self._conditionally(lambda: self.client.put_item(TableName=self.table_name, Item=item, **condition))

    def forget_stale(self, entry: Entry) -> None:
        """Empties the list of stale prefixes; a newer entry has taken the list over and will empty it itself."""
        self._conditionally(
            lambda: self.client.update_item(
                TableName=self.table_name,
                Key={layout.PICTURE_ID: {"S": entry.picture_id}},
                UpdateExpression="REMOVE stale",
                ConditionExpression="sequencer = :own",
                ExpressionAttributeValues={":own": {"S": entry.sequencer}},
            )
        )

    def _conditionally(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except ClientError as error:
            if has_code(error, {"ConditionalCheckFailedException"}):
                return False
            raise
        return True


def _to_item(entry: Entry) -> dict[str, Any]:
    """The entry as attributes; what is empty is absent, which keeps it out of the indexes."""
    item: dict[str, Any] = {
        layout.PICTURE_ID: entry.picture_id,
        "bucket": entry.bucket,
        "object_key": entry.key,
        "sequencer": entry.sequencer,
        "version_id": entry.version_id,
        layout.STATUS: str(entry.status),
        layout.STATUS_DAY: entry.status_day,
        layout.UPDATED_AT: entry.updated_at,
        "generation": entry.generation,
        "stale": set(entry.stale),
        layout.MANIFEST_KEY: entry.generation and entry.generation + contract.MANIFEST,
        "recognition": entry.recognition and msgspec.json.encode(entry.recognition).decode(),
        layout.REASON_CODE: entry.reason_code,
        layout.REASON_MESSAGE: entry.reason_message,
    }
    if entry.facts:
        item |= msgspec.structs.asdict(entry.facts)
    item |= {layout.hash_band_attribute(band): part for band, part in enumerate(entry.hash_bands)}
    return {name: value for name, value in item.items() if value}


def _plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: _from_dynamo(value) for name, value in attributes.items()}
    return {name: int(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _from_item(attributes: Mapping[str, Any]) -> Entry:
    item = _plain(attributes)
    recognition = item.get("recognition")
    return Entry(
        picture_id=item[layout.PICTURE_ID],
        bucket=item["bucket"],
        key=item["object_key"],
        sequencer=item["sequencer"],
        version_id=item.get("version_id"),
        status=Status(item[layout.STATUS]),
        updated_at=item[layout.UPDATED_AT],
        generation=item.get("generation"),
        stale=frozenset(item.get("stale", ())),
        facts=msgspec.convert(item, Facts) if "sha256" in item else None,
        recognition=msgspec.json.decode(recognition, type=Recognition) if recognition else None,
        reason_code=item.get(layout.REASON_CODE),
        reason_message=item.get(layout.REASON_MESSAGE),
    )


@dataclass(frozen=True)
class CatalogQueries:
    """What readers ask the catalog: pictures by status and time, and near-duplicates of a picture."""

    client: DynamoDBClient
    table_name: str

    def with_status(self, status: Status, day: str) -> Iterator[Listed]:
        """Pictures of one status whose object changed on one day (``2026-11-21``, UTC), oldest first."""
        return self._query(layout.STATUS_INDEX, layout.STATUS_DAY, f"{status}#{day}")

    def similar(self, perceptual: str) -> list[tuple[int, Listed]]:
        """Pictures whose hash differs in fewer than `layout.HASH_BANDS` bits, with the distance, nearest first."""
        found: dict[str, tuple[int, Listed]] = {}
        for band, part in enumerate(hash_bands(perceptual, layout.HASH_BANDS)):
            for each in self._query(layout.hash_band_index(band), layout.hash_band_attribute(band), part):
                distance = hash_distance(perceptual, each.perceptual_hash or "0")
                if distance < layout.HASH_BANDS:
                    found[each.picture_id] = distance, each
        return sorted(found.values(), key=lambda pair: (pair[0], pair[1].picture_id))

    def _query(self, index: str, attribute: str, value: str) -> Iterator[Listed]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table_name,
            IndexName=index,
            KeyConditionExpression="#partition = :value",
            ExpressionAttributeNames={"#partition": attribute},
            ExpressionAttributeValues={":value": {"S": value}},
        )
        for page in pages:
            yield from (msgspec.convert(_plain(item), Listed) for item in page["Items"])
