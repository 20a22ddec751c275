"""The figures that `make bench` prints are what was measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bench import harness
from bench.harness import BenchError, Peer, Row, interleaved, middle_pair, report

ECHO = """
import sys

print('{"ready": "echo"}', flush=True)
for line in sys.stdin:
    print(line, end="", flush=True)
"""


def test_a_slow_spell_of_the_machine_does_not_change_the_ratio() -> None:
    ours, theirs = [1.0, 1.0, 5.0, 5.0, 1.0], [2.0, 2.1, 10.0, 9.0, 1.9]

    assert middle_pair(ours, theirs) == (1.0, 2.0)


def test_runs_take_turns() -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return float(len(order))

    results = interleaved({"a": lambda: run("a"), "b": lambda: run("b")}, budget=0)

    assert order == ["a", "b"] * 3
    assert results == {"a": [1.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0]}


def test_a_peer_answers_what_it_is_asked_and_ends_with_its_input() -> None:
    with Peer([sys.executable, "-c", ECHO]) as peer:
        assert peer.ready == {"ready": "echo"}
        assert peer.ask({"a": 1}) == {"a": 1}


def test_a_peer_that_dies_is_an_error_that_names_it() -> None:
    with pytest.raises(BenchError, match="-c pass ended"):
        Peer([sys.executable, "-c", "pass"])


def test_the_report_holds_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "BUILD", tmp_path)

    path = report("slice", [Row("case", "peer", 3.0, 2.0, "MB", 1.5, "note")], Console(quiet=True))

    assert json.loads(path.read_text()) == [
        {"case": "case", "peer": "peer", "ours": 3.0, "theirs": 2.0, "unit": "MB", "ratio": 1.5, "note": "note"}
    ]
