"""Items of every schema version that is known become the same rows; others go to quarantine, with payload."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lambdas.table_etl.contract import FilePosition, Form, ReasonCode, StreamPosition
from lambdas.table_etl.domain.changes import Change
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.domain.steps import Steps, validate
from tests.events.dynamodb import STREAM_ARN
from tests.table_etl.builders import cells, content, csv_row, export_row, json_row, live, order, record, rejected

ARTICLES = {"tea": {"quantity": 1, "unit_price": 1}, "cup": {"quantity": 2, "unit_price": 1}}
VERSION_1 = order(schema_version=1, lines=..., currency=..., articles=ARTICLES)
VERSION_2 = order(schema_version=2, lines=..., articles=ARTICLES)


class Note(msgspec.Struct):
    schema_version: int
    told: list[str]


def tells(text: str) -> Any:
    """An upgrade that leaves a mark."""
    return lambda item: {**item, "told": [*item.get("told", []), text]}


def notes(*upgraded: int, version: int = 3) -> Steps[Note]:
    """Steps with upgrades from these versions on."""
    return validate(Note, version=version, upgrades={each: tells(f"{each}") for each in upgraded})


@pytest.mark.parametrize(("version", "told"), [(1, ["1", "2"]), (2, ["2"])])
def test_upgrades_are_applied_one_after_the_other(version: int, told: list[str]) -> None:
    note = notes(1, 2).validate({"schema_version": version}, strict=True)
    assert note == Note(schema_version=3, told=told)


def test_an_item_of_the_current_version_is_not_upgraded() -> None:
    assert notes(1, 2).validate({"schema_version": 3, "told": []}, strict=True).told == []


@pytest.mark.parametrize("upgraded", [(1,), (1, 3), (3,), (2, 4), (4,)])
def test_upgrades_with_a_gap_are_refused_before_anything_runs(upgraded: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="without a gap"):
        notes(*upgraded)


def test_an_upgrade_may_refuse_an_item() -> None:
    def refuse(item: dict[str, Any]) -> dict[str, Any]:
        raise Rejected(ReasonCode.WRONG_SCHEMA, f"{item['told']} is not to be upgraded")

    with pytest.raises(Rejected, match="is not to be upgraded"):
        validate(Note, version=2, upgrades={1: refuse}).validate({"schema_version": 1, "told": ["a"]}, strict=True)


FORMS = [live, export_row, json_row, lambda item: csv_row(cells(item))]
FORM_NAMES = ["live", "export", "json", "csv"]


@pytest.mark.parametrize("old", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
@pytest.mark.parametrize("form", FORMS, ids=FORM_NAMES)
def test_an_order_of_an_old_version_becomes_the_row_of_one_that_is_written_today(form: Any, old: Any) -> None:
    now = order(lines=[{"sku": sku, **line} for sku, line in sorted(ARTICLES.items())])
    assert content(form(old)) == content(form(now))


UNKNOWN = [0, 4, 99, -1, 3.5, 10**30, True, None, ..., "3", "three", [3], {"is": 3}, b"3"]


@pytest.mark.parametrize("form", [live, export_row], ids=FORM_NAMES[:2])
@pytest.mark.parametrize("version", UNKNOWN, ids=repr)
def test_an_unknown_version_goes_to_quarantine(form: Any, version: Any) -> None:
    item = order(schema_version=Decimal("3.5") if version == 3.5 else version)
    assert rejected(form(item)).reason is ReasonCode.UNKNOWN_SCHEMA_VERSION


@pytest.mark.parametrize("version", [each for each in UNKNOWN if not isinstance(each, bytes)], ids=repr)
def test_an_unknown_version_in_json_goes_to_quarantine(version: Any) -> None:
    assert rejected(json_row(order(schema_version=version))).reason is ReasonCode.UNKNOWN_SCHEMA_VERSION


@pytest.mark.parametrize(
    "cell", ["0", "4", "-3", "3.5", "true", "null", "three", "", "9" * 30, "9" * 5000, "²", "03", " 3 x"]
)
def test_an_unknown_version_in_a_cell_goes_to_quarantine(cell: str) -> None:
    row = csv_row(cells(order()) | {"schema_version": cell})
    assert rejected(row).reason is ReasonCode.UNKNOWN_SCHEMA_VERSION


def test_the_message_says_which_versions_are_known_and_what_to_do() -> None:
    message = rejected(live(order(schema_version=4))).message
    assert message == "schema_version is 4; Order knows 1, 2, 3: add an upgrade, then redrive"


def test_quarantine_has_the_whole_record_of_a_change() -> None:
    item = order(schema_version=4)
    line = rejected(live(item, order(), number=7))
    assert json.loads(line.payload) == record(item, order(), number=7)
    assert line.position == StreamPosition(STREAM_ARN, f"{7:021d}")
    assert (line.form, line.complete) == (Form.STREAM_RECORD, True)


@pytest.mark.parametrize(
    "row",
    [
        json_row(order(schema_version=4), at=9),
        csv_row({"schema_version": "4", **cells(order(schema_version=...))}, at=9),
    ],
)
def test_quarantine_has_the_line_of_a_file_and_where_it_stood(row: Change) -> None:
    line = rejected(row)
    assert line.reason is ReasonCode.UNKNOWN_SCHEMA_VERSION
    assert line.payload == row.payload  # type: ignore[attr-defined]
    assert line.columns == row.columns  # type: ignore[attr-defined]
    assert line.position == FilePosition("backfill", "shop/2026.jsonl", "version", 9)


@pytest.mark.parametrize("articles", [None, ..., "cups", [], {"cup": 5}, {"cup": None}], ids=repr)
def test_an_old_order_without_proper_articles_is_called_wrong_not_the_upgrade(articles: Any) -> None:
    line = rejected(
        live({**VERSION_2, "articles": articles} if articles is not ... else order(schema_version=2, lines=...))
    )
    assert line.reason is ReasonCode.WRONG_SCHEMA
    assert "map of articles" in line.message
