"""The ETL demo's comparison: nothing to tell of a right run, and each thing that is wrong is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lambdas.table_etl.contract import FilePosition, Form, Quarantined, ReasonCode
from local.use_cases.table_etl import checks
from local.use_cases.table_etl.journey import Found
from local.use_cases.table_etl.shop import Key
from tests.local.etl import ran

Damage = Callable[[Found], Found]
CENT = Decimal("0.01")


def told_of(found: Found) -> list[checks.Problem]:
    return found.problems(ran().told)


def test_a_right_run_has_no_problems() -> None:
    assert told_of(ran().found) == []


def test_lines_of_quarantine_may_be_there_twice() -> None:
    found = ran().found
    assert told_of(replace(found, quarantined=[*found.quarantined] * 2)) == []


# --- read model -----------------------------------------------------------------------------------------------------


def key_of(dataset: str, wanted: Callable[[Any], bool] = lambda _: True) -> Key:
    """The first item of a dataset that is shown in the read model, such as is wanted."""
    stored = ran().found.stored
    return next(key for key, each in sorted(stored.items()) if each.view and each.dataset == dataset and wanted(each))


def stored(key: Key, change: Callable[[Any], Any]) -> Damage:
    return lambda found: replace(found, stored={**found.stored, key: change(found.stored[key])})


def with_field(name: str, value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda each: each._replace(fields={**each.fields, name: value(each.fields[name])})


def a_deleted_one_is_shown(found: Found) -> Found:
    key = next(key for key, each in found.stored.items() if not each.view)
    shown = found.stored[key_of("orders")]
    revived = shown._replace(version=found.stored[key].version)
    return replace(found, stored={**found.stored, key: revived})


def history_wins(found: Found) -> Found:
    """A row whose last live change is lost behind a file's row."""
    key = key_of("orders", lambda each: each.version.startswith("1#"))
    return stored(key, lambda each: each._replace(version="0#00000001795600800000#12345678#000000000001"))(found)


def in_another_order(found: Found) -> Found:
    view = next(view for view, rows in sorted(found.views.items()) if len(rows) > 1)
    return replace(found, views={**found.views, view: [*reversed(found.views[view])]})


def a_total_moved(found: Found) -> Found:
    key, amounts = next((key, each) for key, each in found.totals.items() if "revenue" in each)
    return replace(found, totals={**found.totals, key: {**amounts, "revenue": amounts["revenue"] + CENT}})


READ_MODEL: Mapping[str, Damage] = {
    "a row is lost": lambda found: replace(found, stored=without(found.stored, key_of("orders"))),
    "a row is there that nobody put": lambda found: replace(
        found, stored={**found.stored, ("nobody", "profile"): found.stored[key_of("customers")]}
    ),
    "a total of a row is a cent too high": stored(key_of("orders"), with_field("total", lambda each: each + CENT)),
    "lines are in another order": stored(
        key_of("orders", lambda each: len(each.fields["lines"]) > 1), with_field("lines", lambda each: each[::-1])
    ),
    "a digit of a long number is lost": stored(
        key_of("orders", lambda each: "attributes" in each.fields),
        with_field("attributes", lambda each: {**each, "exact": each["exact"] + Decimal("1e-9")}),
    ),
    "a field that has no value has one": stored(
        key_of("returns", lambda each: each.fields["reason"] is None), with_field("reason", lambda _: "")
    ),
    "a row is of another dataset": stored(key_of("orders"), lambda each: each._replace(dataset="returns")),
    "a row is of another version": stored(key_of("orders"), lambda each: each._replace(version="1#")),
    "history wins": history_wins,
    "a deleted row is shown": a_deleted_one_is_shown,
    "a view is in another order": in_another_order,
    "a view is lost": lambda found: replace(found, views=without(found.views, min(found.views))),
    "a view is there of nobody": lambda found: replace(found, views={**found.views, "customer#nobody#orders": [{}]}),
}
TOTALS: Mapping[str, Damage] = {
    "a total is a cent too high": a_total_moved,
    "a total is lost": lambda found: replace(found, totals=without(found.totals, min(found.totals))),
    "a total is there of nobody": lambda found: replace(
        found, totals={**found.totals, ("customer#nobody#totals", "2026-11-25#EUR"): {"orders": Decimal(1)}}
    ),
}

# --- lake and events ------------------------------------------------------------------------------------------------


def in_lake(dataset: str, change: Callable[[list[Any]], list[Any]]) -> Damage:
    return lambda found: replace(found, lake={**found.lake, dataset: change(list(found.lake[dataset]))})


def with_column(name: str, value: Callable[[Any], Any]) -> Callable[[list[Any]], list[Any]]:
    """Of the first row that has it."""

    def change(rows: list[Any]) -> list[Any]:
        at = next(at for at, row in enumerate(rows) if row.fields[name] is not None)
        rows[at] = rows[at]._replace(fields={**rows[at].fields, name: value(rows[at].fields[name])})
        return rows

    return change


def of_another_version(rows: list[Any]) -> list[Any]:
    at = next(at for at, row in enumerate(rows) if row.version.startswith("1#"))
    rows[at] = rows[at]._replace(version="0#")
    return rows


LAKE: Mapping[str, Damage] = {
    "a row is lost": in_lake("orders", lambda rows: rows[1:]),
    "two rows are in another order": in_lake("customers", lambda rows: [rows[1], rows[0], *rows[2:]]),
    "a row is there twice": in_lake("orders", lambda rows: [rows[0], *rows]),
    "a row is of another day": in_lake("orders", lambda rows: [rows[0]._replace(day="2026-01-01"), *rows[1:]]),
    "a row is of another version": in_lake("orders", of_another_version),
    "a decimal is rounded": in_lake("orders", with_column("total", lambda each: each + Decimal("1e-9"))),
    "a time is an hour late": in_lake("orders", with_column("placed_at", lambda each: each.replace(microsecond=1))),
    "a nested price is another": in_lake(
        "orders", with_column("lines", lambda each: [each[0] | {"unit_price": each[0]["unit_price"] + CENT}, *each[1:]])
    ),
    "an open value has lost a type": in_lake(
        "orders", with_column("attributes", lambda each: each.replace('"NS"', '"SS"'))
    ),
    "tags are others": in_lake("orders", with_column("tags", lambda each: [*each, "z"])),
    "a column has a value that is none": in_lake("customers", with_column("name", lambda _: "")),
}


def told(key: Key, change: Callable[[Any], Any]) -> Damage:
    return lambda found: replace(found, events={**found.events, key: change(found.events[key])})


def row_told(name: str, value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda each: each._replace(row={**each.row, name: value(each.row[name])})


def a_deletion_is_not_told_of(found: Found) -> Found:
    key = next(key for key, each in found.events.items() if each.row is None)
    return told(key, lambda each: each._replace(kind="row loaded", row={}))(found)


EVENTS: Mapping[str, Damage] = {
    "a row is never told of": lambda found: replace(found, events=without(found.events, key_of("orders"))),
    "a row is told of that nobody put": lambda found: replace(
        found, events={**found.events, ("nobody", "profile"): found.events[key_of("customers")]}
    ),
    "a price is a number": told(key_of("orders"), row_told("total", float)),
    "a time has another zone": told(key_of("orders"), row_told("placed_at", lambda each: each.replace("Z", "+01:00"))),
    "the last version is missing": told(key_of("orders"), lambda each: each._replace(version="1#0")),
    "a row is told of as deleted": told(key_of("orders"), lambda each: each._replace(kind="row deleted", row=None)),
    "an event is of another dataset": told(key_of("orders"), lambda each: each._replace(dataset="returns")),
    "a deletion is not told of": a_deletion_is_not_told_of,
}

# --- quarantine and failures ----------------------------------------------------------------------------------------


def rejected(form: Form, change: Callable[[Quarantined], Quarantined | None]) -> Damage:
    """The first line of a form is another one, or lost."""

    def damage(found: Found) -> Found:
        line = next(each for each in found.quarantined if each.form is form)
        others = [each for each in found.quarantined if each is not line]
        changed = change(line)
        return replace(found, quarantined=[*others, changed] if changed else others)

    return damage


def with_image(line: Quarantined) -> Quarantined:
    record = json.loads(line.payload)
    record["dynamodb"]["NewImage"]["total"] = {"N": "1"}
    return msgspec.structs.replace(line, payload=json.dumps(record).encode())


def good_ones_too(found: Found) -> Found:
    line = next(each for each in found.quarantined if each.form is Form.CSV)
    position = line.position
    assert isinstance(position, FilePosition)
    return replace(
        found,
        quarantined=[
            *found.quarantined,
            msgspec.structs.replace(line, position=msgspec.structs.replace(position, row=10_000)),
        ],
    )


QUARANTINE: Mapping[str, Damage] = {
    **{f"a bad one of {form} is lost": rejected(form, lambda _: None) for form in Form},
    **{
        f"the reason of {form} is another": rejected(
            form, lambda line: msgspec.structs.replace(line, reason=ReasonCode.STEP_ERROR)
        )
        for form in Form
    },
    "an image is another": rejected(Form.STREAM_RECORD, with_image),
    "a cell is lost": rejected(
        Form.CSV, lambda line: msgspec.structs.replace(line, payload=json.dumps(json.loads(line.payload)[1:]).encode())
    ),
    "a line is cut": rejected(Form.JSON, lambda line: msgspec.structs.replace(line, payload=line.payload[:-1])),
    "a line is not complete": rejected(Form.JSON, lambda line: msgspec.structs.replace(line, complete=False)),
    "a good row is rejected": good_ones_too,
}
FAILURES: Mapping[str, Damage] = {
    "something was given up": lambda found: replace(found, waiting={"batches of changes that were given up": 1}),
}


def without(mapping: Mapping[Any, Any], key: Any) -> dict[Any, Any]:
    assert key in mapping
    return {name: value for name, value in mapping.items() if name != key}


ALL = {
    checks.READ_MODEL: READ_MODEL,
    checks.TOTALS: TOTALS,
    checks.LAKE: LAKE,
    checks.EVENTS: EVENTS,
    checks.QUARANTINE: QUARANTINE,
    checks.FAILURES: FAILURES,
}
CASES = [(where, name) for where, damages in ALL.items() for name in damages]


@pytest.mark.parametrize(("where", "name"), CASES, ids=[f"{where}: {name}" for where, name in CASES])
def test_what_is_wrong_is_told(where: str, name: str) -> None:
    problems = told_of(ALL[where][name](ran().found))
    assert problems
    assert {each.where for each in problems} == {where}
    assert all(each.text for each in problems)
