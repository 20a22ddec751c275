"""What the ETL demo writes and drops, and what its tally makes of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from datetime import timedelta
from functools import cache

import pytest

from local.use_cases.outcome import UseCaseError
from local.use_cases.table_etl import tally
from local.use_cases.table_etl.damage import WAYS
from local.use_cases.table_etl.history import History
from local.use_cases.table_etl.journey import numbered, plan
from local.use_cases.table_etl.script import Put
from local.use_cases.table_etl.shop import Key
from local.use_cases.table_etl.tally import Dropped, Tally
from tests.local.etl import TODAY


@cache
def planned() -> tuple[list[Put], History]:
    """The whole demo; not to be changed."""
    return plan(TODAY)


def test_the_demo_writes_5000_changes_each_of_which_changes_something() -> None:
    changes, _ = planned()
    present: dict[Key, object] = {}
    for change in changes:
        assert present.get(change.key) != change.item, f"{change} changes nothing"
        present[change.key] = change.item
    assert len(changes) == 5_000


def test_they_are_of_every_kind_and_wrong_in_every_way() -> None:
    changes, _ = planned()
    kinds = Counter(change.kind for change in changes)
    assert min(kinds.values()) >= 3
    assert {f"bad: {way}" for way in WAYS} < set(kinds)
    assert {"insert order", "update to shipped", "delete order", "cart", "insert test"} < set(kinds)
    versions = {change.item.get("schema_version") for change in changes if change.item}
    assert {1, 2, 3} < versions
    reasons = {change.reason for change in changes if change.reason}
    assert reasons == {"wrong_schema", "unknown_schema_version", "bad_key", "bad_number", "too_big"}


def test_it_is_the_same_each_time_but_for_the_days() -> None:
    (one, _), (again, _), (later, _) = plan(TODAY, 300), plan(TODAY, 300), plan(TODAY + timedelta(days=1), 300)
    assert one == again
    assert [each.kind for each in one] == [each.kind for each in later]
    assert one != later


def test_the_last_change_is_of_an_item_that_nothing_else_tells_of() -> None:
    changes, history = planned()
    keys = [change.key for change in changes] + [put.key for puts in history.puts.values() for put in puts]
    assert keys.count(changes[-1].key) == 1


# --- history --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["CSV", "JSON Lines", "export"])
def test_each_file_tells_of_live_items_too_and_of_some_that_were_only_ever_wrong(name: str) -> None:
    changes, history = planned()
    taken, live = ({put.key for put in changes if not put.reason}, {put.key for put in changes})
    good = {put.key for put in history.puts[name] if not put.reason and not put.ignored}
    assert len(good & taken) > 20
    assert len(good & (live - taken)) > 5
    assert len(good - live) > 100


def test_history_never_wins_over_a_live_change_unless_it_was_wrong() -> None:
    changes, history = planned()
    numbers = [str(number) for number in range(1, len(changes) + 1)]
    states = Tally(changes, numbers, history, Dropped("v1", "v2", "id")).states()
    last: dict[Key, Put] = {}
    for change in changes:
        if not change.reason and not change.ignored:
            last[change.key] = change
    for key, change in last.items():
        assert states[key].row == change.row
        assert states[key].version.startswith("1#")
    for put in history.csv.rows:
        if not put.reason and put.key not in last:
            assert states[put.key] == (put.row, "0#")


def test_the_tally_refuses_an_item_in_two_files() -> None:
    changes, history = planned()
    good = next(put for put in history.csv.rows if not put.reason)
    twice = History(history.csv, history.json, [*history.table, good])
    with pytest.raises(ValueError, match="two files"):
        Tally(changes, ["1"] * len(changes), twice, Dropped("", "", "")).states()


def test_the_csv_file_is_gzipped_with_ragged_rows_among_others() -> None:
    _, history = planned()
    header, *rows = csv.reader(io.StringIO(gzip.decompress(history.csv.content).decode()))
    assert rows == list(history.csv.payloads)
    assert {len(row) - len(header) for row in rows} == {-2, 0, 1}


def test_lines_of_the_json_file_are_objects_but_for_those_that_are_to_be_refused() -> None:
    _, history = planned()
    lines = history.json.content.splitlines()
    assert lines == list(history.json.payloads)
    for line, put in zip(lines, history.json.rows, strict=True):
        if not put.reason:
            assert json.loads(line)["sk"] == put.key[1]
    assert {put.reason for put in history.json.rows} >= {"bad_line", "bad_encoding", "unknown_schema_version"}


# --- what must come out ---------------------------------------------------------------------------------------------


def test_totals_leave_out_cancelled_orders_and_revenue_is_what_totals_add_up_to() -> None:
    changes, history = planned()
    numbers = ["1"] * len(changes)
    states = Tally(changes, numbers, history, Dropped("", "", "")).states()
    rows = [row for row in tally.shown(states).values() if row.dataset == "orders"]
    counted = [row for row in rows if row.fields["status"] != "cancelled"]
    assert 0 < len(counted) < len(rows)
    totals = tally.totals(states).values()
    assert sum(each.get("orders", 0) for each in totals) == len(counted)
    assert sum(each.get("revenue", 0) for each in totals) == sum(row.fields["total"] for row in counted)


def test_changes_get_the_numbers_of_their_items_in_their_order() -> None:
    changes = [Put("a", ("a", "1"), {}), Put("b", ("b", "1"), {}), Put("a", ("a", "1"), None)]
    stream = [(("b", "1"), "8"), (("a", "1"), "3"), (("a", "1"), "9")]
    assert list(numbered(changes, iter(stream))) == ["3", "8", "9"]


@pytest.mark.parametrize("stream", [[], [(("a", "1"), "1"), (("a", "1"), "2")]], ids=["too few", "too many"])
def test_a_stream_of_other_changes_is_an_error(stream: list[tuple[Key, str]]) -> None:
    with pytest.raises(UseCaseError, match="stream of the source table"):
        list(numbered([Put("a", ("a", "1"), {})], iter(stream)))
