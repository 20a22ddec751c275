"""Phases and the time that they take."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from local.journal import Journal


def test_overlapping_phases_are_kept_in_the_order_of_their_beginning() -> None:
    journal = Journal()
    first, second = journal.begin("first"), journal.begin("second")
    time.sleep(0.02)
    journal.end(second)
    time.sleep(0.02)
    journal.end(first)
    assert [phase.name for phase in journal.phases] == ["first", "second"]
    assert first.seconds is not None
    assert second.seconds is not None
    assert first.seconds > second.seconds >= 0.02


def test_a_phase_is_ended_once() -> None:
    journal = Journal()
    phase = journal.begin("phase")
    journal.end(phase, outcome="failed")
    ended = phase.seconds
    time.sleep(0.01)
    journal.end(phase, outcome="stopped")
    assert phase.seconds == ended


def test_a_phase_that_raises_is_told_as_failed() -> None:
    shown = io.StringIO()
    journal = Journal(Console(file=shown))
    with pytest.raises(KeyboardInterrupt), journal.phase("phase"):
        raise KeyboardInterrupt
    assert shown.getvalue().splitlines()[-1].startswith("phase: failed in")


def test_on_a_terminal_a_running_phase_shows_what_it_is_at() -> None:
    shown = io.StringIO()
    journal = Journal(Console(file=shown, force_terminal=True, width=100))
    with journal.shown():
        phase = journal.begin("phase")
        journal.detail(phase, "12 of [29]")
        time.sleep(0.3)
        journal.end(phase)
    assert "12 of [29]" in shown.getvalue()
