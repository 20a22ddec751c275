"""Whether every target, and quarantine, is exactly what the producers' own account makes it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from boto3.dynamodb.types import TypeDeserializer

from lambdas.table_etl.contract import FilePosition, Form, Quarantined
from local.use_cases.table_etl.lake import DATASETS, LakeRow
from local.use_cases.table_etl.shop import Key, plain
from local.use_cases.table_etl.store import Stored
from local.use_cases.table_etl.subscriber import Event
from local.use_cases.table_etl.tally import Bad, Place, State, Totals, shown

READ_MODEL, TOTALS, LAKE, EVENTS, QUARANTINE, FAILURES = (
    "read model", "totals", "lake", "events", "quarantine", "failures",
)  # fmt: skip
_OPEN = "attributes"
"""The field that holds values of any type."""
_SORTED_BY = {
    "customers": ("customer_id",),
    "orders": ("customer_id", "placed_at", "order_id"),
    "returns": ("customer_id", "returned_at", "return_id"),
}


class Problem(NamedTuple):
    """Something that is not as the producers tell."""

    where: str
    text: str


# --- read model -----------------------------------------------------------------------------------------------------


def check_rows(states: Mapping[Key, State], stored: Mapping[Key, Stored]) -> Iterator[Problem]:
    """The read model has each row as its last state makes it, in that version, and nothing of what is not shown."""
    for key in sorted(states.keys() | stored.keys()):
        found, wanted = stored.get(key), states.get(key)
        if wanted is None:
            yield Problem(READ_MODEL, f"{_named(key)} is there as {found}, but nobody put it")
        elif found is None:
            if wanted.row:
                yield Problem(READ_MODEL, f"{_named(key)} is missing")
        elif not found.version.startswith(wanted.version):
            yield Problem(READ_MODEL, f"{_named(key)} is of version {found.version} instead of {wanted.version}")
        elif wanted.row is None:
            if found.fields or found.view:
                yield Problem(READ_MODEL, f"{_named(key)} is still shown, as {found.fields} in {found.view!r}")
        elif (found.dataset, found.fields) != (wanted.row.dataset, _as_item(wanted.row.fields)):
            yield Problem(READ_MODEL, f"{_named(key)} is {found.fields} instead of {dict(wanted.row.fields)}")


def check_views(wanted: Mapping[str, list[Any]], found: Mapping[str, list[Any]]) -> Iterator[Problem]:
    """Whoever asks for a view gets its rows, the newest first, and nothing else."""
    for view in sorted(wanted.keys() | found.keys()):
        rows, there = [_as_item(each) for each in wanted.get(view, [])], found.get(view, [])
        if rows != there:
            yield Problem(
                READ_MODEL, f"{view} has {len(there)} rows, other ones or in another order than the {len(rows)}"
            )


def check_totals(wanted: Totals, found: Totals) -> Iterator[Problem]:
    """To the last digit."""
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            yield Problem(TOTALS, f"{' '.join(key)} is {found.get(key)} instead of {wanted.get(key)}")


# --- lake and events ------------------------------------------------------------------------------------------------


def check_lake(states: Mapping[Key, State], lake: Mapping[str, Iterable[LakeRow]]) -> Iterator[Problem]:
    """The Parquet has each row once, in the file of its day, sorted, every value exact, and no others."""
    left = shown(states)
    for dataset in DATASETS:
        before: tuple[Any, ...] | None = None
        for found in lake[dataset]:
            wanted = left.pop(found.key, None)
            if wanted is None:
                yield Problem(LAKE, f"{dataset} has {_named(found.key)}, which is not to be there, or is there twice")
                continue
            if (dataset, found.day) != (wanted.dataset, wanted.day):
                place = f"{wanted.dataset}, {wanted.day}"
                yield Problem(LAKE, f"{_named(found.key)} is in {dataset}, {found.day} instead of {place}")
            if _columns(found.fields) != _as_columns(wanted.fields, found.fields):
                yield Problem(LAKE, f"{_named(found.key)} is {found.fields} instead of {dict(wanted.fields)}")
            if not found.version.startswith(states[found.key].version):
                text = f"is of version {found.version} instead of {states[found.key].version}"
                yield Problem(LAKE, f"{_named(found.key)} {text}")
            place_in_file = (found.day, *(found.fields[name] for name in _SORTED_BY[dataset]))
            if before and before > place_in_file:
                yield Problem(LAKE, f"{_named(found.key)} of {dataset} stands after what is to be behind it")
            before = place_in_file
    for key in left:
        yield Problem(LAKE, f"{_named(key)} is missing")


def check_events(states: Mapping[Key, State], events: Mapping[Key, Event]) -> Iterator[Problem]:
    """A service that keeps the greatest version of each key has exactly the rows."""
    for key in sorted(states.keys() | events.keys()):
        found, wanted = events.get(key), states.get(key)
        if wanted is None:
            yield Problem(EVENTS, f"{_named(key)} is told of as {found}, but nobody put it")
        elif found is None:
            if wanted.row:
                yield Problem(EVENTS, f"{_named(key)} is never told of")
        elif not found.version.startswith(wanted.version):
            yield Problem(EVENTS, f"{_named(key)} is told of in version {found.version} instead of {wanted.version}")
        elif wanted.row is None:
            if (found.kind, found.row) != ("row deleted", None):
                yield Problem(EVENTS, f"{_named(key)} is told of as {found}, but is not to be shown")
        elif (found.kind, found.dataset) != ("row loaded", wanted.row.dataset):
            yield Problem(EVENTS, f"{_named(key)} is told of as {found}")
        elif _opened(found.row) != _as_told(wanted.row.fields):
            yield Problem(EVENTS, f"{_named(key)} is told of as {found.row} instead of {dict(wanted.row.fields)}")


# --- quarantine and failures ----------------------------------------------------------------------------------------


def check_quarantine(bad: Mapping[Place, Bad], quarantined: Iterable[Quarantined]) -> Iterator[Problem]:
    """Everything bad is there, with its payload and the reason, and nothing else."""
    found = {_place(line): line for line in quarantined}
    for place in sorted(bad.keys() | found.keys()):
        wanted, line = bad.get(place), found.get(place)
        named = " ".join(place)
        if wanted is None:
            yield Problem(QUARANTINE, f"{named} is there, though it is good: {line and line.message}")
        elif line is None:
            yield Problem(QUARANTINE, f"{named} is missing, {wanted.reason}")
        elif line.reason != wanted.reason:
            yield Problem(QUARANTINE, f"{named} is there as {line.reason} instead of {wanted.reason}: {line.message}")
        elif not line.complete or _content(line) != wanted.payload:
            text = f"is kept as {line.payload[:200]!r} instead of {str(wanted.payload)[:200]}"
            yield Problem(QUARANTINE, f"{named} {text}")


def check_failures(waiting: Mapping[str, int]) -> Iterator[Problem]:
    """Nothing waits, and nothing was given up."""
    for meaning, count in waiting.items():
        if count:
            yield Problem(FAILURES, f"there are {meaning}: {count}")


def _place(line: Quarantined) -> Place:
    position = line.position
    if not isinstance(position, FilePosition):
        return "stream", position.sequence_number
    if line.form is Form.EXPORT:
        item = _content(line)
        return "export", position.key.split("/")[1], item["pk"], item["sk"]
    return "file", position.key, position.version_id, str(position.row)


def _content(line: Quarantined) -> Any:
    match line.form:
        case Form.STREAM_RECORD:
            return _item(json.loads(line.payload)["dynamodb"]["NewImage"])
        case Form.EXPORT:
            return _item(json.loads(line.payload)["Item"])
        case Form.CSV:
            try:
                return json.loads(line.payload)
            except ValueError:
                return line.payload
    return line.payload


# --- one value in three forms ---------------------------------------------------------------------------------------


def _as_item(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As the read model has them."""
    return {name: _time_text(value) for name, value in fields.items()}


def _as_columns(fields: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """As the lake has them: a column for every field, times in UTC, sets sorted."""
    return {name: _column(fields.get(name)) for name in columns}


def _column(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case set():
            return sorted(value)
    return value


def _columns(found: Mapping[str, Any]) -> dict[str, Any]:
    value = found.get(_OPEN)
    return {**found, _OPEN: _value(json.loads(value))} if value else dict(found)


def _as_told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As events have them."""
    return {name: value if name == _OPEN else _told(value) for name, value in fields.items()}


def _told(value: Any) -> Any:
    match value:
        case Decimal():
            return plain(value)
        case set():
            return sorted(value)
        case list():
            return [_told(each) for each in value]
        case dict():
            return {name: _told(each) for name, each in value.items()}
    return _time_text(value)


def _opened(row: Any) -> Any:
    return {**row, _OPEN: _value(row[_OPEN])} if row and _OPEN in row else row


def _time_text(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
    return value


_deserialize = TypeDeserializer().deserialize


def _item(image: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(typed) for name, typed in image.items()}


def _value(typed: Any) -> Any:
    """A value out of DynamoDB's JSON, in which binary ones are base64."""
    return _deserialize(_binary(typed))


def _binary(typed: Any) -> Any:
    ((kind, value),) = typed.items()
    match kind:
        case "B":
            return {kind: b64decode(value)}
        case "BS":
            return {kind: [b64decode(each) for each in value]}
        case "M":
            return {kind: {name: _binary(each) for name, each in value.items()}}
        case "L":
            return {kind: [_binary(each) for each in value]}
    return typed


def _named(key: Key) -> str:
    return " ".join(key)
