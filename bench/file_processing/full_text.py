"""Documents indexed and queries answered per second of CPU time: ours beside a plain SQLite FTS5 script."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

from bench.file_processing.full_text_inputs import DOCUMENTS, QUERIES, documents
from bench.harness import BenchError, Case, Peer, Row, interleaved, middle_pair

OURS: Final = "ours"
PEER: Final = "sqlite-fts5"
SECONDS: Final = 30.0
ROUNDS: Final = range(3, 12)


def cases() -> dict[str, Case]:
    """Indexing, with the size of the index, and searching."""
    return {"index": partial(_case, "index"), "search": partial(_case, "search")}


def start(name: str) -> Peer:
    """The implementation ``name`` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.file_processing.full_text_indexes", name])


def _case(name: str) -> Iterator[Row]:
    with ExitStack() as stack:
        peers = {each: stack.enter_context(start(each)) for each in (OURS, PEER)}
        runs = {each: _timed(peer, name) for each, peer in peers.items()}
        if name == "search":
            _check(peers)
        seconds = interleaved(runs, budget=SECONDS, rounds=ROUNDS)
        sizes = {each: float(peer.ready["size"]) for each, peer in peers.items()}
    ours, theirs = middle_pair(seconds[OURS], seconds[PEER])
    rounds = f"median of {len(seconds[PEER])} rounds"
    if name == "search":
        note = f"total, ten hits, snippets, of {DOCUMENTS:,} documents; {rounds}"
        yield Row(name, PEER, QUERIES / ours, QUERIES / theirs, "queries/s", theirs / ours, note)
        return
    note = f"a commit for each ten; ours to objects as in S3, merges included; {rounds}"
    yield Row(name, PEER, DOCUMENTS / ours, DOCUMENTS / theirs, "documents/s", theirs / ours, note)
    text = sum(len(text.encode()) for _, text in documents())
    mine, other = (sizes[each] / 1e6 for each in (OURS, PEER))
    yield Row(name, PEER, mine, other, "MB of index", other / mine, f"of {text / 1e6:.1f} MB of text")


def _check(peers: dict[str, Peer]) -> None:
    """Raises BenchError unless both find the same."""
    totals = [peer.ask({"case": "search"})["totals"] for peer in peers.values()]
    if totals[0] != totals[1]:
        raise BenchError("the indexes found different documents: correct that before comparing speed")


def _timed(peer: Peer, case: str) -> Callable[[], float]:
    return lambda: float(peer.ask({"case": case})["seconds"])
