"""Stream records and rows of files tell of one item each, or are rejected; out of quarantine they are as before."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from lambdas.table_etl.contract import Form, Quarantined, ReasonCode, live_version
from lambdas.table_etl.domain.changes import Change, StreamChange, again
from lambdas.table_etl.domain.rejection import Rejected
from tests.table_etl.builders import (
    cells,
    content,
    csv_row,
    customer,
    export_row,
    image,
    json_row,
    live,
    loaded,
    order,
    record,
    rejected,
    row,
    run,
)
from tests.table_etl.values import nested

KEY = image({"pk": "customer#c-1", "sk": "order#2026-11-25T10:00:00.000Z#o-1"})
KEY_TEXT = '["customer#c-1","order#2026-11-25T10:00:00.000Z#o-1"]'

# --- streams --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view_type", ["NEW_IMAGE", "NEW_AND_OLD_IMAGES"])
@pytest.mark.parametrize("old", [None, order(status="draft")], ids=["insert", "modify"])
def test_a_new_image_is_a_row(view_type: str, old: Any) -> None:
    assert content(live(order(), old, view_type=view_type)) == content(json_row(order()))


@pytest.mark.parametrize("view_type", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
@pytest.mark.parametrize("expired", [False, True], ids=["by a user", "by time to live"])
def test_a_removed_item_is_a_deletion_whoever_removed_it(view_type: str, *, expired: bool) -> None:
    gone = loaded(live(None, order(), view_type=view_type, expired=expired))
    assert (gone.content, gone.key, gone.day) == (None, KEY_TEXT, "2026-11-25")


@pytest.mark.parametrize("view_type", ["KEYS_ONLY", "OLD_IMAGE"])
@pytest.mark.parametrize("old", [None, order(status="draft")], ids=["insert", "modify"])
def test_a_change_without_its_new_image_is_not_mistaken_for_a_deletion(view_type: str, old: Any) -> None:
    line = rejected(live(order(), old, view_type=view_type))
    assert line.reason is ReasonCode.BAD_RECORD
    assert "NEW_AND_OLD_IMAGES" in line.message


@pytest.mark.parametrize(
    "malformed", [None, [], "image", {"pk": "c"}, {"pk": {"S": 5}}, {"pk": {"S": "c", "N": "1"}}, {"pk": {"N": "NaN"}}]
)
def test_a_malformed_image_is_rejected_alone(malformed: Any) -> None:
    bad = record(order(), number=2)
    bad["dynamodb"]["NewImage"] = malformed
    done = run(live(order()), StreamChange.of(bad), live(customer()))
    assert [each.reason for each in done.rejected] == [ReasonCode.BAD_RECORD]
    assert json.loads(done.rejected[0].payload) == bad
    assert len(done.loaded) == 2


@pytest.mark.parametrize(
    "keys", [None, {}, {"pk": {"S": "c"}}, {"sk": {"S": "profile"}}, "keys", {"pk": {}, "sk": {}}], ids=repr
)
def test_a_removal_without_its_keys_is_rejected(keys: Any) -> None:
    bad = record(None, order())
    bad["dynamodb"]["Keys"] = keys
    assert rejected(StreamChange.of(bad)).reason in {ReasonCode.BAD_RECORD, ReasonCode.BAD_KEY}


@pytest.mark.parametrize(
    "sort_key",
    [
        "order#",
        "order#yesterday#o-1",
        "order#2026-11-25#o-1",
        "order#2026-11-25T10:00:00#o-1",
        "order#2026-13-01T00:00:00Z#o",
    ],
)
def test_a_key_without_a_time_is_rejected_also_when_it_is_removed(sort_key: str) -> None:
    for change in (live(order(sk=sort_key)), live(None, order(sk=sort_key))):
        assert rejected(change).reason is ReasonCode.BAD_KEY


def test_items_that_are_nobodys_business_are_ignored() -> None:
    cart = {"pk": "customer#c-1", "sk": "cart"}
    done = run(live(cart), live(None, cart), json_row(cart), csv_row(cells(cart)))
    assert (done.loaded, done.rejected, done.ignored) == ([], [], 4)


@pytest.mark.parametrize("record", [{}, {"dynamodb": {}}, {"body": "a queue's"}], ids=repr)
def test_what_is_no_record_of_a_table_is_a_lookup_error(record: Any) -> None:
    with pytest.raises(LookupError):
        StreamChange.of(record)


# --- files ----------------------------------------------------------------------------------------------------------

METADATA = {"WriteTimestampMicros": {"N": "1795600800000000"}}
INCREMENTAL = {"Metadata": METADATA, "Keys": KEY}


@pytest.mark.parametrize(
    "line",
    [
        {"Item": image(order())},
        INCREMENTAL | {"NewImage": image(order())},
        INCREMENTAL | {"NewImage": image(order()), "OldImage": image(order(status="draft"))},
    ],
    ids=["full", "incremental, new images", "incremental, new and old images"],
)
def test_a_line_of_an_export_is_the_row_of_its_item(line: Any) -> None:
    assert content(row(Form.EXPORT, line)) == content(live(order()))


@pytest.mark.parametrize(
    "line", [INCREMENTAL, INCREMENTAL | {"OldImage": image(order())}], ids=["keys", "keys and old image"]
)
def test_a_line_of_an_incremental_export_without_a_new_image_is_a_deletion(line: Any) -> None:
    gone = loaded(row(Form.EXPORT, line))
    assert (gone.content, gone.key) == (None, KEY_TEXT)


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"Item": None},
        {"Item": []},
        {"Item": {"pk": "c"}},
        {"NewImage": None, "Keys": KEY},
        {"Keys": None},
        order(),
        {"Item": image(order()) | {"odd": {"SS": []}}},
        {"Item": {"deep": nested(lambda inner: {"L": inner}, 400, {"S": ""})}},
    ],
    ids=lambda line: repr(line)[:30],
)
def test_a_line_that_no_export_has_is_rejected(line: Any) -> None:
    assert rejected(row(Form.EXPORT, line)).reason is ReasonCode.BAD_RECORD


NO_JSON = [
    b"",
    b"{",
    b"}",
    b'{"pk": }',
    b"[1, 2]",
    b'"text"',
    b"5",
    b"null",
    b"NaN",
    b"{'pk': 'a'}",
    b"pk,sk",
    b'{"pk": "\xff"}',
    b'{"pk": "\\ud800"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"n": 1e99999999999999999999}',
    b'{"n": ' + b"9" * 5_000 + b"}",
]


@pytest.mark.parametrize("form", [Form.JSON, Form.EXPORT, Form.CSV])
@pytest.mark.parametrize("line", NO_JSON, ids=lambda line: repr(line)[:30])
def test_a_line_that_is_no_json_object_is_rejected_with_its_payload(form: Form, line: bytes) -> None:
    if form is Form.CSV and line.startswith(b"[1"):
        line = b'["a", 5]'
    bad = rejected(row(form, line, ("pk", "sk")))
    assert (bad.reason, bad.payload, bad.form) == (ReasonCode.BAD_LINE, line, form)


@pytest.mark.parametrize(("texts", "columns"), [(["a"], ("pk", "sk")), (["a", "b", "c"], ("pk", "sk")), ([], ("pk",))])
def test_a_ragged_row_is_rejected(texts: list[str], columns: tuple[str, ...]) -> None:
    bad = rejected(row(Form.CSV, texts, columns))
    assert bad.reason is ReasonCode.BAD_LINE
    assert f"{len(texts)} cells, but the header names {len(columns)} columns" in bad.message


def test_cells_are_typed_by_the_model() -> None:
    text = cells(order(channel="007", total="3.00", tags=["b", "a"], attributes={"n": 1.5, "s": "1"}))
    assert content(csv_row(text)) == content(
        json_row(order(channel="007", total="3.00", tags=["a", "b"], attributes={"n": 1.5, "s": "1"}))
    )


@pytest.mark.parametrize("name", ["007", "12", "true", "null", "[1]", '{"a": 1}', " Ada "])
def test_text_is_taken_as_it_stands(name: str) -> None:
    assert content(csv_row(cells(customer(name=name)))).row.name == name


def test_an_empty_cell_is_an_absent_field() -> None:
    assert content(csv_row(cells(customer()) | {"marketing": ""})) == content(json_row(customer()))


def test_rows_of_json_keep_all_digits() -> None:
    digits = "12345678901234567890.123456789012345678"
    line = json.dumps(order()).replace('"total": 3', f'"total": 3, "attributes": {{"n": {digits}}}').encode()
    assert content(row(Form.JSON, line)).attributes["attributes"] == {"M": {"n": {"N": digits}}}


# --- quarantine -----------------------------------------------------------------------------------------------------

WRONG = {"status": "lost"}
CHANGES: dict[str, Change] = {
    "live": live(order(**WRONG), order(), number=10**20),
    "removal": live(None, order()),
    "json": json_row(order(**WRONG), at=3),
    "export": export_row(order(attributes={"b": b"\xff", "s": {b"x"}}), at=4),
    "csv": csv_row(cells(order(channel="007")), at=5),
    "malformed": row(Form.JSON, b"\xff{", at=6),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_out_of_quarantine_is_as_it_was(change: Change) -> None:
    line = change.quarantined(Rejected(ReasonCode.STEP_ERROR, "a step was wrong"))
    redriven = again(msgspec.json.decode(msgspec.json.encode(line), type=Quarantined))
    assert redriven is not None
    assert run(redriven) == run(change)


def test_a_live_change_out_of_quarantine_has_the_version_that_it_had() -> None:
    line = rejected(CHANGES["live"])
    redriven = again(line)
    assert redriven is not None
    assert redriven.version == line.version == live_version(f"{10**20}")


@pytest.mark.parametrize("gone", [{"complete": False}, {"form": None}])
def test_what_quarantine_has_no_payload_of_cannot_come_again(gone: Any) -> None:
    assert again(msgspec.structs.replace(rejected(CHANGES["json"]), **gone)) is None
