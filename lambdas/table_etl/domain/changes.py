"""What comes in: records of a table's stream, and rows of files, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, Protocol, TypeVar

import msgspec

from lambdas.table_etl.contract import (
    FilePosition,
    Form,
    Quarantined,
    ReasonCode,
    StreamPosition,
    live_version,
)
from lambdas.table_etl.domain.attributes import Item, unmarshal
from lambdas.table_etl.domain.columns import essence
from lambdas.table_etl.domain.rejection import Rejected


class State(msgspec.Struct, frozen=True, gc=False):
    """What a change says about a source item."""

    keys: Item
    """The item itself, or its key attributes alone if it is gone."""
    item: Item | None
    """None where it was deleted."""


class Change(Protocol):
    """One state of one source item, with what quarantine would have to know of it."""

    @property
    def version(self) -> str:
        """As of when; see `live_version` and `history_version`."""

    @property
    def strict(self) -> bool:
        """False where numbers come as text."""

    def read(self, models: Models) -> State:
        """Decodes it. Raises Rejected where it is malformed."""

    def quarantined(self, rejected: Rejected) -> Quarantined:
        """As quarantine keeps it."""


class Models(Protocol):
    """Tells the model of an item by its attributes; rows of CSV are typed by it."""

    def model_of(self, item: Mapping[str, Any]) -> type[msgspec.Struct] | None:
        """None for a key that no flow takes. Raises Rejected if there is no key."""


class StreamChange(msgspec.Struct, gc=False):
    """A record of the event that Lambda gets from a table's stream ("Using AWS Lambda with Amazon DynamoDB")."""

    record: Mapping[str, Any]
    version: str
    strict: bool = True

    @staticmethod
    def of(record: Mapping[str, Any]) -> StreamChange:
        """Raises LookupError for what is no such record: it has no sequence number to go by."""
        return StreamChange(record, live_version(record["dynamodb"]["SequenceNumber"]))

    def read(self, _: Models) -> State:
        """The new image; the item is gone where the record says so, be it by Time to Live."""
        change = self.record["dynamodb"]
        if self.record.get("eventName") == "REMOVE":
            return State(_unmarshalled(change.get("Keys")), None)
        if "NewImage" not in change:
            raise Rejected(
                ReasonCode.BAD_RECORD,
                "there is no new image: let the stream have NEW_AND_OLD_IMAGES, and backfill what has changed so far",
            )
        item = _unmarshalled(change["NewImage"])
        return State(item, item)

    def quarantined(self, rejected: Rejected) -> Quarantined:
        """The whole record."""
        return Quarantined(
            reason=rejected.code,
            message=rejected.message,
            position=StreamPosition(self.record["eventSourceARN"], self.record["dynamodb"]["SequenceNumber"]),
            form=Form.STREAM_RECORD,
            payload=msgspec.json.encode(self.record),
            version=self.version,
        )


class FileRow(msgspec.Struct, gc=False):
    """A line of a file, or the cells of a CSV row as a JSON array."""

    position: FilePosition
    form: Form
    payload: bytes
    version: str
    columns: tuple[str, ...] = ()
    """Of CSV."""

    @property
    def strict(self) -> bool:
        """Cells are text."""
        return self.form is not Form.CSV

    def read(self, models: Models) -> State:
        """The item as of the file; an incremental export also tells of deleted ones."""
        if self.form is Form.CSV:
            return self._cells(_decoded(_CELLS, self.payload), models)
        content = _decoded(_OBJECT, self.payload)
        return _exported(content) if self.form is Form.EXPORT else State(content, content)

    def _cells(self, cells: list[str], models: Models) -> State:
        if len(cells) != len(self.columns):
            raise Rejected(ReasonCode.BAD_LINE, f"{len(cells)} cells, but the header names {len(self.columns)} columns")
        texts = {name: cell for name, cell in zip(self.columns, cells, strict=True) if cell}
        model = models.model_of(texts)
        kinds = _kinds(model) if model else {}
        item = {name: _typed(cell, kinds.get(name)) for name, cell in texts.items()}
        return State(item, item)

    def quarantined(self, rejected: Rejected) -> Quarantined:
        """The line, or the cells."""
        return Quarantined(
            reason=rejected.code,
            message=rejected.message,
            position=self.position,
            form=self.form,
            payload=self.payload,
            version=self.version,
            columns=self.columns,
        )


def again(line: Quarantined) -> Change | None:
    """The change that a line of quarantine tells of; None where it does not hold all of it."""
    if line.form is None or not line.complete:
        return None
    if isinstance(line.position, StreamPosition):
        return StreamChange.of(msgspec.json.decode(line.payload))
    return FileRow(line.position, line.form, line.payload, line.version, line.columns)


_JSON = msgspec.json.Decoder(float_hook=Decimal)
_OBJECT = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_CELLS = msgspec.json.Decoder(list[str])

T = TypeVar("T")


def _decoded(decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
    try:
        return decoder.decode(payload)
    except _NO_JSON as error:
        raise Rejected(ReasonCode.BAD_LINE, f"no JSON that a row can be made of: {error}") from error


# The last one is of a number with an exponent of twenty digits.
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation)


def _unmarshalled(image: Any) -> Item:
    if not isinstance(image, Mapping):
        raise Rejected(ReasonCode.BAD_RECORD, "there are neither a new image nor keys")
    try:
        return unmarshal(image)
    except ValueError as error:
        raise Rejected(ReasonCode.BAD_RECORD, str(error)) from error


def _exported(line: Mapping[str, Any]) -> State:
    """A line of a full or an incremental export ("DynamoDB table export output format", Developer Guide)."""
    if "Item" in line:
        item = _unmarshalled(line["Item"])
        return State(item, item)
    if "NewImage" in line:
        item = _unmarshalled(line["NewImage"])
        return State(item, item)
    return State(_unmarshalled(line.get("Keys")), None)


def _typed(cell: str, kind: Any) -> Any:
    """A cell as a value of its field's type; as it stands if it is none, for the model to say what is wrong with it.

    Lists, objects, and fields of several types are JSON, as are those that the model does not (any more) have.
    """
    if isinstance(kind, type) and issubclass(kind, str | bytes | Enum):
        return cell
    try:
        return msgspec.convert(cell, kind, strict=False) if kind in {bool, int, Decimal} else _JSON.decode(cell)
    except _NO_JSON:
        return cell


@cache
def _kinds(model: type[msgspec.Struct]) -> dict[str, Any]:
    """Types of a model's fields, by the names that items have for them."""
    return {each.encode_name: essence(each.type) for each in msgspec.structs.fields(model)}
