"""Lines per second of CPU time, and how well they are grouped: ours beside drain3, on the same lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Final

from bench.harness import Case, Peer, Row, interleaved, middle_pair
from bench.log_analysis.inputs import texts
from bench.log_analysis.quality import grouping_accuracy, pairwise_f1

OURS: Final = "ours"
PEERS: Final = ("drain3", "drain3-tuned")
CASE: Final = "mask-and-count"
SECONDS: Final = 20.0
ROUNDS: Final = range(5, 21)
NOTES: Final = {
    "drain3": "its own example configuration",
    "drain3-tuned": "with masks for all that ours masks, and the similarity that groups these lines best",
}


def cases() -> dict[str, Case]:
    """One case: speed, grouping accuracy, and F1 of pairs."""
    return {CASE: _mask_and_count}


def start(name: str) -> Peer:
    """The implementation ``name`` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.log_analysis.groupers", name])


def _mask_and_count() -> Iterator[Row]:
    path = texts()
    truth = [f"{group} {label}" for group, _, label in json.loads(path.read_text())]
    request: dict[str, object] = {"path": str(path)}
    with ExitStack() as stack:
        peers = {name: stack.enter_context(start(name)) for name in (OURS, *PEERS)}
        answers = {name: peer.ask(request) for name, peer in peers.items()}
        runs = {name: _timed(peer, request) for name, peer in peers.items()}
        seconds = interleaved(runs, budget=SECONDS, rounds=ROUNDS)
    number = answers[OURS]["texts"]
    for name in PEERS:
        ours, theirs = middle_pair(seconds[OURS], seconds[name])
        note = f"{NOTES[name]}; median of {len(seconds[name])} rounds"
        yield Row(CASE, name, number / ours, number / theirs, "lines/s", theirs / ours, note)
    for name in PEERS:
        yield _quality("grouping accuracy", name, grouping_accuracy, answers, truth)
        yield _quality("F1 of pairs", name, pairwise_f1, answers, truth)


def _timed(peer: Peer, request: dict[str, object]) -> Callable[[], float]:
    return lambda: float(peer.ask(request)["seconds"])


def _quality(
    unit: str, name: str, measure: Callable[[Any, Any], float], answers: dict[str, dict[str, Any]], truth: list[str]
) -> Row:
    ours, theirs = measure(answers[OURS]["groups"], truth), measure(answers[name]["groups"], truth)
    note = f"{len(set(truth))} true groups of {len(truth)} lines"
    return Row(CASE, name, ours, theirs, unit, ours / theirs, note)
