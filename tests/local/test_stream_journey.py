"""What the stream demo hands back of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.stream_analytics.contract import Position
from local.journal import Journal
from local.use_cases.outcome import Outcome
from local.use_cases.stream_analytics import journey
from local.use_cases.stream_analytics.journey import Found, run
from local.use_cases.stream_analytics.producers import EVENTS, Produced
from local.use_cases.stream_analytics.store import Store
from tests.local.stream import Reader, ran


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Of a run in which the stack has kept what is given."""

    def of(found: Found) -> Outcome:
        produced, _ = ran()
        waited: list[Any] = []

        def of_store(_: object) -> Found:
            assert waited == [produced.ends], "read before everything was counted"
            return found

        def produce(*_: object) -> Produced:
            return produced

        def wait(ends: dict[str, Position], _: object) -> None:
            waited.append(ends)

        store = SimpleNamespace(
            kinesis=None, events="", reader=Reader(found.counted), ledger=SimpleNamespace(checkpoint=0)
        )
        monkeypatch.setattr(Store, "of", lambda _: store)
        monkeypatch.setattr(journey, "produce", produce)
        monkeypatch.setattr(journey, "wait_until_drained", wait)
        monkeypatch.setattr(Found, "of", of_store)
        cloud: Any = SimpleNamespace(journal=Journal())
        return run(cloud, tmp_path)

    return of


def test_a_right_run_tells_how_many_went_where(outcome: Any) -> None:
    produced, found = ran()
    told = outcome(found)
    events, archived, rejected = len(produced.events), len(found.archived), produced.tally.rejected.total()
    assert told.problems == ()
    assert f"{events:,} events of 7 recipes" in told.input
    assert (
        f"{archived:,} events archived, {rejected} quarantined, {events - archived - rejected} filtered" in told.output
    )
    assert [card.title.lower() for card in told.cards] == ["all recipes", *EVENTS]
    assert all(card.good for card in told.cards)
    assert all(card.figures for card in told.cards)


def test_only_the_card_of_the_recipe_that_went_wrong_says_so(outcome: Any) -> None:
    _, found = ran()
    told = outcome(replace(found, orders=found.orders[1:]))
    assert len(told.problems) == 1
    assert [card.title for card in told.cards if not card.good] == ["Orders"]


def test_of_very_many_problems_the_first_are_told_and_how_many_more_there_are(outcome: Any) -> None:
    produced, found = ran()
    told = outcome(replace(found, counted={}))
    *texts, more = told.problems
    assert len(texts) == 20
    assert more == f"and {len(replace(found, counted={}).problems(produced)) - 20} more"
    assert not any(card.good for card in told.cards)
