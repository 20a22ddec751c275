"""Megabytes of staged JSON that become sorted Parquet per second of CPU time: ours beside pyarrow doing the same."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

from bench.harness import BenchError, Case, Peer, Row, interleaved, middle_pair
from bench.table_etl.staging import StagedFiles, staged_files

OURS: Final = "ours"
PEER: Final = "pyarrow"
SECONDS: Final = 15.0
ROUNDS: Final = range(7, 16)
MEGABYTE: Final = 1e6


def cases() -> dict[str, Case]:
    """The path from gzipped JSON Lines to sorted Parquet, without AWS."""
    return {"compaction": _compaction}


def _compaction() -> Iterator[Row]:
    staged = staged_files()
    with ExitStack() as stack:
        peers = {name: stack.enter_context(_start(name, staged)) for name in (OURS, PEER)}
        digests = {name: peer.ask({"digest": True})["digest"] for name, peer in peers.items()}
        if digests[OURS] != digests[PEER]:
            raise BenchError(f"{PEER} did not write the rows that ours did: correct it before comparing speed")
        seconds = interleaved({name: _timed(peer) for name, peer in peers.items()}, budget=SECONDS, rounds=ROUNDS)
        our, their = middle_pair(seconds[OURS], seconds[PEER])
        megabytes = staged.unpacked / MEGABYTE
        note = f"{megabytes:.0f} MB of JSON; both write equal rows; median of {len(seconds[OURS])} rounds"
        yield Row("compaction", PEER, megabytes / our, megabytes / their, "MB/s", their / our, note)


def _start(name: str, staged: StagedFiles) -> Peer:
    return Peer([sys.executable, "-m", "bench.table_etl.compactors", name, *map(str, staged.paths)])


def _timed(peer: Peer) -> Callable[[], float]:
    return lambda: float(peer.ask({"digest": False})["seconds"])
