"""Lines of access logs per second of CPU time: ours beside the usual regular-expression parser, on the same files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

from bench.file_processing.access_log_inputs import FORMATS, LINES, PACKED, log
from bench.harness import BenchError, Case, Peer, Row, interleaved, middle_pair

OURS: Final = "ours"
PEERS: Final = ("regex", "regex-remembering")
CASE: Final = "access-log"
SECONDS: Final = 20.0
ROUNDS: Final = range(5, 16)
NOTES: Final = {
    "regex": "theirs: a named group for each field, and strptime for each line",
    "regex-remembering": "theirs: the same, with strptime once for each second",
}


def cases() -> dict[str, Case]:
    """One case: all formats, from the file to values as the metrics table holds them."""
    return {CASE: _access_log}


def start(name: str) -> Peer:
    """The implementation ``name`` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.file_processing.access_log_readers", name])


def _access_log() -> Iterator[Row]:
    for name in FORMATS:
        yield from _of_format(name)


def _of_format(name: str) -> Iterator[Row]:
    request: dict[str, object] = {"format": name, "path": str(log(name))}
    with ExitStack() as stack:
        peers = {each: stack.enter_context(start(each)) for each in (OURS, *PEERS)}
        digests = {each: peer.ask(request)["digest"] for each, peer in peers.items()}
        if different := [each for each in PEERS if digests[each] != digests[OURS]]:
            raise BenchError(f"{', '.join(different)} made other values of {name}: correct it before comparing speed")
        seconds = interleaved(
            {each: _timed(peer, request) for each, peer in peers.items()}, budget=SECONDS, rounds=ROUNDS
        )
    for each in PEERS:
        ours, theirs = middle_pair(seconds[OURS], seconds[each])
        packed = ", gzipped" if name in PACKED else ""
        note = f"{name}{packed}; {NOTES[each]}; median of {len(seconds[each])} rounds"
        yield Row(CASE, each, LINES / ours, LINES / theirs, "lines/s", theirs / ours, note)


def _timed(peer: Peer, request: dict[str, object]) -> Callable[[], float]:
    return lambda: float(peer.ask(request)["seconds"])
