"""Changes per second of CPU time, and calls of AWS: ours beside what one writes first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.harness import BenchError, Case, Peer, Row, interleaved, middle_pair
from bench.table_etl.inputs import CHANGES, events
from bench.table_etl.loaders import WITHOUT_BOTO3

OURS, PEER = "ours", "straightforward"
SECONDS: Final = 10.0
ROUNDS: Final = range(7, 30)
TARGETS: Final = {"": ("read-model",), "-lake": ("read-model", "lake"), "-all": ("read-model", "lake", "outlet")}
"""By the end of the case's name."""
UNEQUAL: Final = "only ours validates, guards versions, keeps totals and quarantine"


def cases() -> dict[str, Case]:
    """`transform`: the whole function, with the network faked. `aws-calls`: calls for a thousand changes. `code-alone`:
    without boto3, too.
    """
    named: dict[str, Case] = {}
    for end, targets in TARGETS.items():
        named[f"transform{end}"] = partial(_transform, f"transform{end}", targets)
        named[f"aws-calls{end}"] = partial(_calls, f"aws-calls{end}", targets)
    named["code-alone"] = _code_alone
    return named


def start(name: str, *targets: str) -> Peer:
    """The implementation ``name`` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.table_etl.loaders", name, *targets])


def _transform(case: str, targets: tuple[str, ...]) -> Iterator[Row]:
    request = _request(*events())
    with ExitStack() as stack:
        peers = {name: stack.enter_context(start(name, *targets)) for name in (OURS, PEER)}
        check({name: peer.ask(request)["digest"] for name, peer in peers.items()})
        runs = {name: _timed(peer, request) for name, peer in peers.items()}
        seconds = interleaved(runs, budget=SECONDS, rounds=ROUNDS)
    ours, theirs = middle_pair(seconds[OURS], seconds[PEER])
    note = f"ours: {', '.join(targets)}; theirs: read-model; {UNEQUAL}"
    yield Row(case, PEER, CHANGES / ours, CHANGES / theirs, "changes/s", theirs / ours, note)


def _code_alone() -> Iterator[Row]:
    """What is left without boto3: the handlers' own code, of which ours has far more to do."""
    request = _request(*events())
    with start(OURS, "read-model", WITHOUT_BOTO3) as ours, start(PEER, WITHOUT_BOTO3) as peer:
        runs = {name: _timed(each, request) for name, each in ((OURS, ours), (PEER, peer))}
        seconds = interleaved(runs, budget=SECONDS, rounds=ROUNDS)
    mine, theirs = middle_pair(seconds[OURS], seconds[PEER])
    note = f"for information: clients that answer at once; {UNEQUAL}"
    yield Row("code-alone", PEER, CHANGES / mine, CHANGES / theirs, "changes/s", theirs / mine, note)


def _calls(case: str, targets: tuple[str, ...]) -> Iterator[Row]:
    request = _request(*events())
    with start(OURS, *targets) as ours, start(PEER) as peer:
        counts = {name: each.ask(request)["calls"] for name, each in ((OURS, ours), (PEER, peer))}
    mine, theirs = (sum(count.values()) for count in counts.values())
    yield Row(case, PEER, mine, theirs, "calls/1000", theirs / mine, ", ".join(map(_counted, counts[OURS].items())))


def _counted(each: tuple[str, int]) -> str:
    return f"{each[1]} {each[0]}"


def _request(before: Path, path: Path) -> dict[str, object]:
    return {"before": str(before), "path": str(path), "parse": False}


def _timed(peer: Peer, request: dict[str, object]) -> Callable[[], float]:
    return lambda: float(peer.ask(request)["seconds"])


def check(digests: dict[str, Any]) -> None:
    """Raises BenchError unless all have loaded the same rows."""
    if len(set(digests.values())) > 1:
        raise BenchError(f"not the same rows were loaded: {digests}")
