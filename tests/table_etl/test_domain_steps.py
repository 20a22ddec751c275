"""Steps run in their order, what they raise is a verdict on one item, and rows come out sorted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from lambdas.table_etl.contract import Limits, ReasonCode
from lambdas.table_etl.domain.changes import Change
from lambdas.table_etl.domain.pipeline import Flow, Pipeline, View
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.domain.steps import Steps, validate
from lambdas.table_etl.domain.transform import Transformed
from tests.table_etl.builders import content, json_row, live, loaded, rejected, run


class Reading(msgspec.Struct, kw_only=True):
    id: str
    schema_version: int = 1
    value: int = 0
    place: str | None = None
    told: list[str] = []


class Other(msgspec.Struct):
    id: str
    place: str


START = validate(Reading, version=1)


def flow(steps: Steps[Any], row: Any = Reading, **more: Any) -> Flow[Any]:
    return Flow(name="readings", steps=steps, row=row, **more)


def pipeline(steps: Steps[Any], row: Any = Reading, **more: Any) -> Pipeline:
    """Of a table with a partition key only."""
    return Pipeline(keys=("id",), flows=(flow(steps, row, **more),))


def reading(name: str = "a", *, number: int = 1, **fields: Any) -> Change:
    return live({"id": name, "schema_version": 1, **fields}, number=number, keys=("id",))


def tell(text: str) -> Callable[[Reading], Reading]:
    def told(row: Reading) -> Reading:
        return msgspec.structs.replace(row, told=[*row.told, f"{text}{row.value}"], value=row.value + 1)

    return told


def test_steps_run_in_the_order_in_which_they_are_declared() -> None:
    steps = START.map(tell("a")).enrich(tell("b")).map(tell("c"))
    assert content(reading(), pipeline(steps)).row.told == ["a0", "b1", "c2"]


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        (START.filter(lambda row: row.value > 0).map(tell("")), False),
        (START.map(tell("")).filter(lambda row: row.value > 0), True),
    ],
    ids=["filtered, then mapped", "mapped, then filtered"],
)
def test_a_filter_sees_what_the_steps_before_it_made(steps: Steps[Any], *, kept: bool) -> None:
    assert (loaded(reading(), pipeline(steps)).content is not None) is kept


def test_what_is_filtered_out_is_a_deletion_of_the_same_version() -> None:
    steps = START.filter(lambda row: row.value > 0)
    dropped, kept = loaded(reading(), pipeline(steps)), loaded(reading(value=1), pipeline(steps))
    assert (dropped.content, dropped.key, dropped.version) == (None, kept.key, kept.version)


def test_steps_behind_a_filter_never_see_what_it_dropped() -> None:
    def explode(row: Reading) -> Reading:
        raise AssertionError(row)

    steps = START.filter(lambda _: False).map(explode)
    assert loaded(reading(), pipeline(steps)).content is None


ERRORS = [
    (ValueError("too hot"), ReasonCode.WRONG_SCHEMA, "too hot"),
    (KeyError("unit"), ReasonCode.STEP_ERROR, "readings: KeyError: 'unit'"),
    (ZeroDivisionError("by zero"), ReasonCode.STEP_ERROR, "readings: ZeroDivisionError: by zero"),
    (RecursionError("too deep"), ReasonCode.STEP_ERROR, "readings: RecursionError: too deep"),
    (Rejected(ReasonCode.BAD_NUMBER, "too many"), ReasonCode.BAD_NUMBER, "too many"),
]


def raising(error: Exception) -> Any:
    def step(row: Any) -> Any:
        if getattr(row, "value", 0) == 13:
            raise error
        return row

    return step


PLACES = {
    "filter": lambda step: pipeline(START.filter(lambda row: bool(step(row)) or True)),
    "map": lambda step: pipeline(START.map(step)),
    "enrich": lambda step: pipeline(START.enrich(step)),
    "view": lambda step: pipeline(START, view=View(partition=lambda row: step(row).id, sort=lambda row: row.id)),
}


@pytest.mark.parametrize(("error", "reason", "message"), ERRORS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_what_a_step_raises_is_a_verdict_on_one_item(
    place: Any, error: Exception, reason: ReasonCode, message: str
) -> None:
    changes = [reading("a", number=1), reading("b", number=2, value=13), reading("c", number=3)]
    done = run(*changes, pipeline=place(raising(error)))
    assert [each.content.row.id for each in done.loaded if each.content] == ["a", "c"]
    assert [(each.reason, each.message) for each in done.rejected] == [(reason, message)]
    assert done.rejected == [changes[1].quarantined(Rejected(reason, message))]


@pytest.mark.parametrize(
    "error", [ValueError("no day"), OverflowError("far"), AttributeError("no text"), KeyError("x")]
)
def test_what_the_day_of_a_key_raises_is_a_verdict_on_one_item(error: Exception) -> None:
    def day(_: Any) -> Any:
        raise error

    done = run(reading(), json_row({"schema_version": 1}), pipeline=pipeline(START, day=day))
    known = isinstance(error, ValueError | OverflowError)
    assert [each.reason for each in done.rejected] == [
        ReasonCode.BAD_KEY if known else ReasonCode.STEP_ERROR,
        ReasonCode.BAD_KEY,
    ]


def test_steps_that_end_in_another_row_than_declared_are_to_blame_themselves() -> None:
    line = rejected(reading(), pipeline(START.map(lambda row: Other(row.id, "x"))))
    assert (line.reason, line.message) == (
        ReasonCode.STEP_ERROR,
        "readings: TypeError: the steps end in Other, not in Reading",
    )


def test_a_row_that_no_target_takes_is_rejected_with_what_to_do() -> None:
    done = run(
        reading(place="x" * 300), reading("b", number=2), pipeline=pipeline(START), limits=Limits(max_row_bytes=200)
    )
    assert [each.reason for each in done.rejected] == [ReasonCode.TOO_BIG]
    assert "leave fields out in a map step, or raise limits.max_row_bytes" in done.rejected[0].message
    assert len(done.loaded) == 1


def names(done: Transformed) -> list[str]:
    return [each.key[2:-2] for each in done.loaded]


ROWS = [("d", 1, "x"), ("b", 2, "y"), ("a", 2, "x"), ("c", 1, "y"), ("e", 1, None)]


@pytest.mark.parametrize(
    ("steps", "order"),
    [
        (START, "abcde"),
        (START.sort("value"), "cdeab"),
        (START.sort("value", "place"), "dceab"),
        (START.sort("place"), "adbce"),
        (START.sort("value").sort("place"), "dacbe"),
        (START.sort("place").sort("value"), "dceab"),
        (START.sort("place").map(tell("")).sort("value"), "dceab"),
    ],
)
def test_rows_come_out_in_the_order_of_the_sort_steps_absent_values_last(steps: Steps[Any], order: str) -> None:
    changes = [reading(name, number=at, value=value, place=place) for at, (name, value, place) in enumerate(ROWS)]
    assert "".join(names(run(*changes, pipeline=pipeline(steps)))) == order
    assert "".join(names(run(*reversed(changes), pipeline=pipeline(steps)))) == order


def test_rows_come_before_deletions_and_both_in_order() -> None:
    gone = [live(None, {"id": name, "schema_version": 1}, keys=("id",)) for name in "da"]
    done = run(*gone, reading("c"), reading("b"), pipeline=pipeline(START.sort("value")))
    assert names(done) == ["b", "c", "a", "d"]
    assert [each.content is None for each in done.loaded] == [False, False, True, True]


def test_versions_of_one_row_come_out_in_their_order() -> None:
    changes = [reading("a", number=number, value=7) for number in (3, 1, 2)]
    done = run(*changes, pipeline=pipeline(START.sort("value")))
    assert [each.version[-1] for each in done.loaded] == ["1", "2", "3"]


def test_a_field_to_sort_by_has_to_be_one_that_has_an_order() -> None:
    for name in ("told", "nowhere"):
        with pytest.raises(ValueError, match=f"no fields {name} that sort"):
            flow(START.sort(name))


def test_the_first_flow_that_takes_a_key_gets_the_item() -> None:
    flows = (flow(START), replace(flow(START), name="others"))
    assert loaded(reading(), Pipeline(keys=("id",), flows=flows)).flow.name == "readings"
