"""Clicks per second of CPU time: ours beside Powertools with Pydantic, the standard library, and base64 alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from bench.harness import BenchError, Case, Peer, Row, interleaved, middle_pair
from bench.stream_analytics.inputs import Kind, invocations

OURS: Final = "ours"
PEERS: Final = ("powertools-pydantic", "stdlib", "floor")
SECONDS: Final = 8.0
ROUNDS: Final = range(7, 40)
INVOCATION: Final = 5000
"""Plain clicks of an invocation: Lambda's 6 MB take about 6,500."""
CONSECUTIVE: Final = 30_000
"""Clicks in the batches that are measured one after the other, and as many in those before."""
UNEQUAL: Final = "only ours refuses duplicate keys, counts what rules changed, and ends in sketches"
NOTES: Final = {
    "powertools-pydantic": UNEQUAL,
    "stdlib": UNEQUAL,
    "floor": "theirs: base64 decoding and nothing else",
}


def cases() -> dict[str, Case]:
    """The path of decoding, cleansing and counting; the same with the runtime's parsing; the whole function."""
    named: dict[str, Case] = {}
    for size in (1000, 10_000):
        named[f"batch-{size}"] = partial(_batch, f"batch-{size}", size)
        named[f"batch-{size}-distinct"] = partial(_batch, f"batch-{size}-distinct", size, distinct=True)
    for kind in ("plain", "packed", "gzip", "kpl"):
        named[f"invocation-{kind}"] = partial(_invocation, kind)
    named["handler-1000"] = _handler
    return named


def start(name: str) -> Peer:
    """The implementation `name` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.stream_analytics.peers", name])


def start_function(*, index: bool = False) -> Peer:
    """The whole function in a process of its own."""
    return Peer([sys.executable, "-m", "bench.stream_analytics.function", *(["index"] if index else [])])


def _batch(case: str, size: int, *, distinct: bool = False) -> Iterator[Row]:
    paths = invocations("plain", size, _batches(size), distinct=distinct)
    note = "visitors, sessions and URLs all different; " if distinct else ""
    return _compared(case, size, paths, paths, parse=False, note=note)


def _invocation(kind: Kind) -> Iterator[Row]:
    """Ours with records of a kind, theirs with plain ones, and both with the runtime's parsing of the event's text."""
    ours, theirs = (invocations(each, INVOCATION, _batches(INVOCATION)) for each in (kind, "plain"))
    note = f"with the runtime's json.loads; ours: {kind} records, theirs: plain; "
    return _compared(f"invocation-{kind}", INVOCATION, ours, theirs, parse=True, note=note)


def _batches(size: int) -> int:
    """Of one shard, one after the other: a function remembers what it has cleansed, and no batch is like another."""
    return 2 * CONSECUTIVE // size


def _compared(
    case: str, size: int, ours: Sequence[Path], theirs: Sequence[Path], *, parse: bool, note: str
) -> Iterator[Row]:
    with ExitStack() as stack:
        peers = {name: stack.enter_context(start(name)) for name in (OURS, *PEERS)}
        requests = {name: _request(ours if name == OURS else theirs, parse=parse) for name in peers}
        check({name: peer.ask(requests[name])["digest"] for name, peer in peers.items()})
        seconds = interleaved(
            {name: _timed(peer, requests[name]) for name, peer in peers.items()}, budget=SECONDS, rounds=ROUNDS
        )
        for name in PEERS:
            yield _row(case, name, size, seconds[OURS], seconds[name], f"{note}{NOTES[name]}")


def _request(paths: Sequence[Path], *, parse: bool) -> dict[str, object]:
    """The first half of the batches has gone before: what is measured is a function that is warm."""
    files, half = [str(path) for path in paths], len(paths) // 2
    return {"before": files[:half], "paths": files[half:], "parse": parse}


def _handler() -> Iterator[Row]:
    size, (path,) = 1000, invocations("plain", 1000)
    with start_function() as function, start(PEERS[0]) as peer:
        runs = {
            OURS: _timed(function, {"paths": [str(path)], "parse": False}),
            PEERS[0]: _timed(peer, {"before": [], "paths": [str(path)], "parse": False}),
        }
        seconds = interleaved(runs, budget=SECONDS, rounds=ROUNDS)
        note = (
            "ours: the whole function with archive, merging, transaction, and boto3 up to the socket; "
            "theirs: decodes, cleanses and counts, and writes nothing"
        )
        yield _row("handler-1000", PEERS[0], size, seconds[OURS], seconds[PEERS[0]], note)


def _timed(peer: Peer, request: dict[str, object]) -> Callable[[], float]:
    return lambda: float(peer.ask(request)["seconds"])


def _row(case: str, peer: str, size: int, ours: Sequence[float], theirs: Sequence[float], note: str) -> Row:
    our, their = middle_pair(ours, theirs)
    return Row(case, peer, size / our, size / their, "records/s", their / our, f"{note}; median of {len(ours)} rounds")


def check(digests: dict[str, str | None]) -> None:
    """Raises BenchError unless all that count have counted the same."""
    ours = digests[OURS]
    if different := [name for name, each in digests.items() if each not in (ours, None)]:
        raise BenchError(f"{', '.join(different)} did not count what ours did: correct it before comparing speed")
