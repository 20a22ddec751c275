"""Rows per second of CPU time: ours beside the usual loop over rows, with the same rules, on the same files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

from bench.file_processing.row_inputs import ROWS, TABLES, table
from bench.harness import BenchError, Case, Peer, Row, interleaved, middle_pair

OURS: Final = "ours"
PEERS: Final = ("jsonschema-rs", "pydantic")
CASE: Final = "validate"
SECONDS: Final = 15.0
ROUNDS: Final = range(5, 16)
NOTES: Final = {
    "jsonschema-rs": "theirs: a dict for each row, and its is_valid",
    "pydantic": "theirs: a model for each row",
}


def cases() -> dict[str, Case]:
    """One case: each kind of table, from the file to one of good rows and one of bad ones."""
    return {CASE: _validate}


def start(name: str) -> Peer:
    """The implementation ``name`` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.file_processing.row_validators", name])


def _validate() -> Iterator[Row]:
    for name in TABLES:
        yield from _of_table(name)


def _of_table(name: str) -> Iterator[Row]:
    request: dict[str, object] = {"path": str(table(name))}
    with ExitStack() as stack:
        peers = {each: stack.enter_context(start(each)) for each in (OURS, *PEERS)}
        rejected = {each: peer.ask(request)["rejected"] for each, peer in peers.items()}
        if different := [each for each in PEERS if rejected[each] != rejected[OURS]]:
            raise BenchError(
                f"{', '.join(different)} found other bad rows of {name}: correct it before comparing speed"
            )
        seconds = interleaved(
            {each: _timed(peer, request) for each, peer in peers.items()}, budget=SECONDS, rounds=ROUNDS
        )
    for each in PEERS:
        ours, theirs = middle_pair(seconds[OURS], seconds[each])
        note = f"{name}, 1 % bad rows; {NOTES[each]}; median of {len(seconds[each])} rounds"
        yield Row(CASE, each, ROWS / ours, ROWS / theirs, "rows/s", theirs / ours, note)


def _timed(peer: Peer, request: dict[str, object]) -> Callable[[], float]:
    return lambda: float(peer.ask(request)["seconds"])
