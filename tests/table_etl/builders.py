"""Items of the shop, and the forms in which changes of items come in: stream records, export lines, JSON, CSV."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from lambdas.table_etl.contract import FilePosition, Form, Limits, Quarantined, history_version
from lambdas.table_etl.domain.changes import Change, FileRow, StreamChange
from lambdas.table_etl.domain.marshalling import marshal
from lambdas.table_etl.domain.pipeline import Pipeline
from lambdas.table_etl.domain.transform import Content, Loaded, Transformed, Transformer
from lambdas.table_etl.pipelines.orders import PIPELINE
from tests.events import dynamodb

Item = dict[str, Any]

SHOP_KEYS = ("pk", "sk")
MOMENT = datetime(2026, 11, 25, 12, tzinfo=UTC)
NUMBERS = msgspec.json.Encoder(decimal_format="number")
POSITION = FilePosition("backfill", "shop/2026.jsonl", "version", 1)


def order(**changed: Any) -> Item:
    """A placed order of 3.00 EUR; ``...`` leaves a field out."""
    return _changed(
        {
            "pk": "customer#c-1",
            "sk": "order#2026-11-25T10:00:00.000Z#o-1",
            "schema_version": 3,
            "order_id": "o-1",
            "placed_at": "2026-11-25T10:00:00Z",
            "status": "placed",
            "currency": "EUR",
            "lines": [{"sku": "cup", "quantity": 2, "unit_price": 1}, {"sku": "tea", "quantity": 1, "unit_price": 1}],
            "total": 3,
        },
        changed,
    )


def customer(**changed: Any) -> Item:
    """A customer in Germany."""
    return _changed(
        {
            "pk": "customer#c-1",
            "sk": "profile",
            "schema_version": 1,
            "name": "Ada",
            "email": "ada@mail.example",
            "country": "DE",
            "since": "2024-02-29",
        },
        changed,
    )


def returned(**changed: Any) -> Item:
    """A return of one cup."""
    return _changed(
        {
            "pk": "customer#c-1",
            "sk": "return#2026-11-26T09:30:00.000Z#r-1",
            "schema_version": 1,
            "return_id": "r-1",
            "order_id": "o-1",
            "returned_at": "2026-11-26T09:30:00Z",
            "currency": "EUR",
            "sku": "cup",
            "quantity": 1,
            "refund": 1,
        },
        changed,
    )


def _changed(item: Item, changed: Item) -> Item:
    return {name: value for name, value in (item | changed).items() if value is not ...}


def carried(typed: Any) -> Any:
    """DynamoDB's types as JSON carries them: binary values in base64, numbers in plain digits."""
    match typed:
        case {"B": bytes(value)}:
            return {"B": b64encode(value).decode()}
        case {"BS": values}:
            return {"BS": [b64encode(value).decode() for value in values]}
        case {"N": text}:
            return {"N": _digits(text)}
        case {"NS": texts}:
            return {"NS": [_digits(text) for text in texts]}
        case {"M": fields}:
            return {"M": {name: carried(each) for name, each in fields.items()}}
        case {"L": elements}:
            return {"L": [carried(each) for each in elements]}
    return typed


def _digits(text: str) -> str:
    plain = f"{Decimal(text):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def image(item: Mapping[str, Any]) -> dynamodb.Image:
    """An item as streams and exports show it."""
    return {name: carried(marshal(value)) for name, value in item.items()}


def record(new: Item | None, old: Item | None = None, *, number: int = 1, keys: Any = SHOP_KEYS, **more: Any) -> Any:
    """A record of a table's stream, with the sequence number ``number`` (of 21 digits)."""
    known = new or old
    assert known is not None
    return dynamodb.record(
        image({name: known[name] for name in keys if name in known}),
        sequence_number=f"{number:021d}",
        new_image=None if new is None else image(new),
        old_image=None if old is None else image(old),
        **more,
    )


def live(new: Item | None, old: Item | None = None, *, number: int = 1, keys: Any = SHOP_KEYS, **more: Any) -> Change:
    """A change out of the stream."""
    return StreamChange.of(record(new, old, number=number, keys=keys, **more))


def row(form: Form, payload: Any, columns: tuple[str, ...] = (), *, at: int = 1) -> FileRow:
    """Row ``at`` of a file; a payload that is not bytes becomes JSON."""
    line = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    position = msgspec.structs.replace(POSITION, row=at)
    return FileRow(position, form, line, history_version(MOMENT, "file", at), columns)


def json_row(item: Item, *, at: int = 1) -> FileRow:
    """An item in a file of JSON Lines."""
    return row(Form.JSON, NUMBERS.encode(item), at=at)


def export_row(item: Item, *, at: int = 1) -> FileRow:
    """An item in a full export."""
    return row(Form.EXPORT, {"Item": image(item)}, at=at)


def csv_row(cells: Mapping[str, str], *, at: int = 1) -> FileRow:
    """A row of a CSV file, by column."""
    return row(Form.CSV, list(cells.values()), tuple(cells), at=at)


def cells(item: Item) -> dict[str, str]:
    """An item as spreadsheets have it: text as it is, the rest as JSON."""
    return {name: each if isinstance(each, str) else NUMBERS.encode(each).decode() for name, each in item.items()}


def run(*changes: Change, pipeline: Pipeline = PIPELINE, limits: Limits | None = None) -> Transformed:
    """What becomes of changes."""
    return Transformer(pipeline, limits or Limits()).run(changes)


def loaded(change: Change, pipeline: Pipeline = PIPELINE) -> Loaded:
    """What becomes of a change that is loaded."""
    done = run(change, pipeline=pipeline)
    assert not done.rejected, done.rejected[0].message
    assert len(done.loaded) == 1, f"{done.ignored} ignored"
    return done.loaded[0]


def content(change: Change, pipeline: Pipeline = PIPELINE) -> Content:
    """The row of a change that has one."""
    found = loaded(change, pipeline).content
    assert found is not None, "it was deleted, or filtered out"
    return found


def rejected(change: Change, pipeline: Pipeline = PIPELINE) -> Quarantined:
    """What quarantine gets of a change that is rejected."""
    done = run(change, pipeline=pipeline)
    assert [len(done.loaded), len(done.rejected)] == [0, 1], done
    return done.rejected[0]
