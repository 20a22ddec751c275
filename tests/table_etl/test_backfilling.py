"""Files become rows in the targets by the code of live changes: all rows, in flat memory, whatever fails."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from lambdas.common.failures import UnavailableError
from lambdas.table_etl.contract import Form, Limits, ReasonCode
from lambdas.table_etl.workflow import backfilling
from lambdas.table_etl.workflow.backfilling import Backfiller, Outcome
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.table_etl.fake_files import Slice
from tests.table_etl.filing import MOMENT, order, order_line, task
from tests.table_etl.sources import image

CSV_HEADER = b"pk,sk,schema_version,order_id,placed_at,status,currency,lines,total\n"


def load(world: Slice, content: bytes, form: Form = Form.JSON, *, gzip: bool = False) -> Outcome:
    world.bucket.drop("old/orders", content)
    return world.backfiller.load(task(form, gzip=gzip))


def ids(world: Slice) -> list[str]:
    """Orders that arrived, in the order of their numbers."""
    found = {each.key.rsplit("#", 1)[1].rstrip('"]') for batch in world.target.batches for each in batch}
    return sorted(found, key=lambda name: int(name.removeprefix("o-")))


def csv_row(number: int) -> bytes:
    item = order(number)
    cells = [json.dumps(value) if isinstance(value, list) else str(value) for value in item.values()]
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells).encode() + b"\n"


def export_line(number: int) -> bytes:
    return json.dumps({"Item": image(order(number))}, default=str).encode()


def test_rows_of_every_form_come_to_the_same() -> None:
    json_lines = b"\n".join(map(order_line, range(3)))
    worlds = [Slice() for _ in range(4)]
    load(worlds[0], json_lines)
    load(worlds[1], gzip.compress(json_lines), gzip=True)
    load(worlds[2], CSV_HEADER + b"".join(map(csv_row, range(3))), Form.CSV)
    load(worlds[3], b"\n".join(map(export_line, range(3))), Form.EXPORT)
    assert worlds[0].quarantined() == []
    contents = [[(each.key, each.content) for each in world.target.batches[0]] for world in worlds]
    assert contents == [contents[0]] * 4
    assert len(contents[0]) == 3


def test_rows_arrive_under_the_day_of_the_file() -> None:
    world = Slice()
    assert load(world, order_line(1)) == Outcome(rows=1, loaded=1, rejected=0)
    assert world.target.days == {MOMENT.date()}


def test_of_two_rows_of_one_item_the_lower_one_wins() -> None:
    world = Slice()
    load(world, order_line(1, status="placed") + b"\n" + order_line(1, status="shipped"))
    last = max(world.target.batches[0], key=lambda each: each.version)
    assert last.content is not None
    assert last.content.row.status == "shipped"


def test_every_row_is_loaded_or_in_quarantine() -> None:
    world = Slice(limits=Limits(max_line_bytes=2_000))
    lines = [
        order_line(0),
        b"nonsense",
        order_line(1),
        b"\xff\xfe",
        order_line(2, total=1),
        order_line(3, order_id="x" * 3_000),
        b"",
        order_line(4),
    ]
    outcome = load(world, b"\n".join(lines))
    assert ids(world) == ["o-0", "o-1", "o-4"]
    assert [(line.reason, line.position.row) for line in world.quarantined()] == [  # type: ignore[union-attr]
        (ReasonCode.BAD_LINE, 2),
        (ReasonCode.BAD_ENCODING, 4),
        (ReasonCode.WRONG_SCHEMA, 5),
        (ReasonCode.TOO_BIG, 6),
    ]
    assert outcome == Outcome(rows=7, loaded=3, rejected=4)


def test_the_rows_before_the_damage_are_loaded_and_the_rest_is_named() -> None:
    world = Slice()
    load(world, gzip.compress(b"\n".join(map(order_line, range(500))))[:-100], gzip=True)
    [line] = world.quarantined()
    done = len(ids(world))
    assert ids(world) == [f"o-{number}" for number in range(done)]
    assert done > 400
    assert (line.reason, line.position.row) == (ReasonCode.BAD_GZIP, done + 1)  # type: ignore[union-attr]


def test_a_file_whose_version_is_gone_is_named_in_quarantine() -> None:
    world = Slice()
    assert world.backfiller.load(task()) == Outcome(rows=1, loaded=0, rejected=1)
    [line] = world.quarantined()
    assert (line.reason, line.form, line.payload) == (ReasonCode.FILE_GONE, None, b"old/orders")


def test_a_file_without_rows_does_nothing() -> None:
    world = Slice()
    assert load(world, b"") == Outcome()
    assert world.outside.calls == ["GetObject", "Read"]


def test_batches_are_bounded_by_rows_and_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Slice()
    load(world, b"\n".join(map(order_line, range(2_500))))
    assert [len(batch) for batch in world.target.batches] == [1_000, 1_000, 500]
    monkeypatch.setattr(backfilling, "BATCH_BYTES", 3 * len(order_line(10)))
    world = Slice()
    load(world, b"\n".join(map(order_line, range(10, 20))))
    assert [len(batch) for batch in world.target.batches] == [3, 3, 3, 1]


FILE = gzip.compress(b"\n".join([*map(order_line, range(5)), b"bad", *map(order_line, range(5, 12))]) + b"\n")[:-4]
"""Twelve orders, a row that is none, and an end that is missing."""


def load_with(monkeypatch: pytest.MonkeyPatch, fault: Fault, at: int) -> Slice:
    """Loads `FILE` in small pieces, with a fault at one call, and then again until it is done."""
    monkeypatch.setattr(backfilling, "BATCH_ROWS", 4)
    monkeypatch.setattr(backfilling, "CHUNK", 100)
    world = Slice()
    world.bucket.drop("old/orders", FILE)
    world.outside.decide = lambda _: fault if len(world.outside.calls) == at + 1 else Fault.NONE
    for _ in range(2):
        try:
            world.backfiller.load(task(gzip=True))
            break
        except (Killed, UnavailableError):
            continue
    return world


with pytest.MonkeyPatch.context() as _patches:
    CALLS = len(load_with(_patches, Fault.NONE, 0).outside.calls)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.PARTIAL])
@pytest.mark.parametrize("at", range(CALLS))
def test_whatever_fails_every_row_is_loaded_and_quarantine_is_complete(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, at: int
) -> None:
    world = load_with(monkeypatch, fault, at)
    assert ids(world) == [f"o-{number}" for number in range(12)]
    assert [(line.reason, line.position.row) for line in world.quarantined()] == [  # type: ignore[union-attr]
        (ReasonCode.BAD_LINE, 6),
        (ReasonCode.BAD_GZIP, 14),
    ]


def test_what_is_loaded_again_is_the_same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    world = load_with(monkeypatch, Fault.KILL_AFTER, CALLS - 1)
    assert set(world.target.versions.values()) == {2}


class Endless:
    """A file of so many rows that is never in memory as a whole."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def small(self, *_: Any) -> bytes:
        raise NotImplementedError

    def stream(self, *_: Any) -> AbstractContextManager[Iterator[bytes]]:
        block = b"\n".join(map(order_line, range(100))) + b"\n"
        return nullcontext(block for _ in range(self.rows // 100))


def peak(rows: int) -> int:
    """Bytes that were held at most."""
    loader = replace(Slice().backfiller.loader, targets=[])
    tracemalloc.start()
    done = Backfiller(Endless(rows), loader).load(task())
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done == Outcome(rows=rows, loaded=rows, rejected=0)
    return held


def test_memory_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfilling, "BATCH_ROWS", 200)
    peak(400)  # caches fill
    assert peak(6_000) < 1.1 * peak(600)
