"""When the stream demo takes the stream for drained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.stream_analytics.contract import SEQUENCE_DIGITS, Position
from local.use_cases.outcome import UseCaseError
from local.use_cases.stream_analytics.draining import wait_until_drained


def at(number: int, index: int = 0) -> Position:
    return Position(str(number).zfill(SEQUENCE_DIGITS), index)


class Time:
    """Passes when somebody sleeps, and some for each look at a checkpoint."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def waited(ends: dict[str, Position], checkpoints: dict[str, Iterator[Position | None]]) -> float:
    """Seconds until the wait ended, of checkpoints that stay at the last value given."""
    time = Time()
    latest: dict[str, Position | None] = {}

    def checkpoint(shard_id: str) -> Position | None:
        latest[shard_id] = next(checkpoints[shard_id], latest.get(shard_id))
        return latest[shard_id]

    wait_until_drained(ends, checkpoint, clock=lambda: time.now, sleep=time.sleep)
    return time.now


def test_a_drained_stream_is_not_waited_for() -> None:
    assert waited({"a": at(3), "b": at(9)}, {"a": iter([at(3)]), "b": iter([at(10)])}) == 0
    assert waited({}, {}) == 0


def test_it_waits_until_every_shard_is_at_its_end() -> None:
    ends = {"a": at(3), "b": at(10, 2)}
    checkpoints = {"a": iter([None, at(3)]), "b": iter([None, at(9), at(10, 1), at(10, 2)])}
    assert waited(ends, checkpoints) == pytest.approx(0.3)
    assert not list(checkpoints["b"])


def test_it_is_patient_as_long_as_some_checkpoint_moves() -> None:
    steps = [at(number) for number in range(50) for _ in range(250)]
    assert waited({"a": at(3), "b": at(49)}, {"a": iter([at(3)]), "b": iter(steps)}) > 1_000


def test_a_stream_that_stands_still_is_an_error_that_says_where_and_what_to_look_at() -> None:
    with pytest.raises(UseCaseError) as raised:
        waited(
            {"a": at(3), "b": at(10, 2), "c": at(1)}, {"a": iter([at(3)]), "b": iter([at(10, 1)]), "c": iter([None])}
        )
    text = str(raised.value)
    assert "no checkpoint has moved for 30 s" in text
    assert f"b at {at(10, 1)}, to go until {at(10, 2)}" in text
    assert "c at its start" in text
    assert "a at" not in text
    assert "emulator's log" in text
