"""Every transition of the release controller."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.iot_backend.contract import Canary
from lambdas.iot_backend.contract.releases import Action, AlarmState, Outcome, Phase, Why
from lambdas.iot_backend.domain.deciding import Question, Verdict, decide, impossible, step
from lambdas.iot_backend.domain.releases import MOST_EARLIER, Alias, Facts, Release, due

NOW = datetime(2026, 11, 25, 12, 0, 0, 250_000, UTC)
SOON, OVERDUE = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
CANARY = Canary(percent=10, seconds=600, max_extensions=2)
OK, ON, SILENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA


def steady(version: int = 2, earlier: tuple[int, ...] = (1,)) -> Release:
    return Release(
        revision="r", phase=Phase.STEADY, version=version, earlier=earlier, release_id="x", alias_revision="before"
    )


def trying(due_at: datetime = OVERDUE, extensions: int = 0) -> Release:
    return Release(
        revision="r",
        phase=Phase.CANARY,
        version=2,
        candidate=3,
        percent=10,
        earlier=(1,),
        release_id="x",
        due_at=due_at,
        extensions=extensions,
        alias_revision="before",
    )


def asked(before: Release, *, alias: Alias | None = None, newest: int = 3, alarm: AlarmState = OK) -> Question:
    """The alias is as decided, if nothing else is said; all versions up to the newest are there."""
    settled = alias or Alias(before.version, before.wanted().routing, "after")
    return Question(before, Facts(settled, frozenset(range(1, newest + 1)), alarm), CANARY, "decision", NOW)


BY_HAND = Alias(1, {}, "by hand")

COMMANDS: list[tuple[str, Action, bool, Question, tuple[Any, ...]]] = [
    # Promotions
    ("newer", Action.PROMOTE, False, asked(steady()), (Outcome.CANARY, Why.ASKED, 2, 3)),
    ("silent alarm", Action.PROMOTE, False, asked(steady(), alarm=SILENT), (Outcome.CANARY, Why.ASKED, 2, 3)),
    ("leap", Action.PROMOTE, False, asked(steady(), newest=9), (Outcome.CANARY, Why.ASKED, 2, 9)),
    ("none newer", Action.PROMOTE, False, asked(steady(), newest=2), (Outcome.REFUSED, Why.NOTHING_NEWER, 2, None)),
    (
        "none newer forced",
        Action.PROMOTE,
        True,
        asked(steady(), newest=2),
        (Outcome.REFUSED, Why.NOTHING_NEWER, 2, None),
    ),
    ("under way", Action.PROMOTE, False, asked(trying()), (Outcome.REFUSED, Why.UNDER_WAY, 2, None)),
    ("under way forced", Action.PROMOTE, True, asked(trying(), newest=4), (Outcome.REFUSED, Why.UNDER_WAY, 2, None)),
    ("alarm", Action.PROMOTE, False, asked(steady(), alarm=ON), (Outcome.REFUSED, Why.ALARM, 2, None)),
    ("alarm forced", Action.PROMOTE, True, asked(steady(), alarm=ON), (Outcome.PROMOTED, Why.ALARM, 2, 3)),
    ("moved", Action.PROMOTE, False, asked(steady(), alias=BY_HAND), (Outcome.REFUSED, Why.ALIAS_MOVED, 1, None)),
    ("moved forced", Action.PROMOTE, True, asked(steady(), alias=BY_HAND), (Outcome.CANARY, Why.ALIAS_MOVED, 1, 3)),
    ("unpublished", Action.PROMOTE, False, asked(steady(0, ())), (Outcome.REFUSED, Why.NOTHING_BEFORE, 0, None)),
    ("unpublished forced", Action.PROMOTE, True, asked(steady(0, ())), (Outcome.PROMOTED, Why.NOTHING_BEFORE, 0, 3)),
    # Rollbacks
    ("back", Action.ROLLBACK, False, asked(steady()), (Outcome.ROLLED_BACK, Why.ASKED, 2, 1)),
    ("back in alarm", Action.ROLLBACK, False, asked(steady(), alarm=ON), (Outcome.ROLLED_BACK, Why.ASKED, 2, 1)),
    ("back from canary", Action.ROLLBACK, False, asked(trying(SOON)), (Outcome.ROLLED_BACK, Why.ASKED, 3, 2)),
    ("nothing before", Action.ROLLBACK, False, asked(steady(1, ())), (Outcome.REFUSED, Why.NOTHING_BEFORE, 1, None)),
    ("deleted", Action.ROLLBACK, False, asked(steady(5, (4,))), (Outcome.REFUSED, Why.NOTHING_BEFORE, 5, None)),
    ("deleted forced", Action.ROLLBACK, True, asked(steady(5, (4,))), (Outcome.REFUSED, Why.NOTHING_BEFORE, 5, None)),
    (
        "moved on, back",
        Action.ROLLBACK,
        False,
        asked(steady(), alias=Alias(3, {}, "by hand")),
        (Outcome.REFUSED, Why.ALIAS_MOVED, 3, None),
    ),
    (
        "moved on, back forced",
        Action.ROLLBACK,
        True,
        asked(steady(), alias=Alias(3, {}, "by hand")),
        (Outcome.ROLLED_BACK, Why.ALIAS_MOVED, 3, 2),
    ),
    (
        "moved to unpublished, back forced",
        Action.ROLLBACK,
        True,
        asked(steady(), alias=Alias(0, {}, "by hand")),
        (Outcome.ROLLED_BACK, Why.ALIAS_MOVED, 0, 2),
    ),
    (
        "moved back already, back forced",
        Action.ROLLBACK,
        True,
        asked(steady(), alias=BY_HAND),
        (Outcome.REFUSED, Why.NOTHING_BEFORE, 1, None),
    ),
    (
        "canary moved, back forced",
        Action.ROLLBACK,
        True,
        asked(trying(), alias=Alias(3, {}, "by hand")),
        (Outcome.ROLLED_BACK, Why.ALIAS_MOVED, 3, 2),
    ),
    # Reports
    ("report", Action.REPORT, False, asked(steady()), (Outcome.REPORTED, Why.ASKED, 2, None)),
    ("report of canary", Action.REPORT, False, asked(trying()), (Outcome.REPORTED, Why.ASKED, 2, 3)),
]

STEPS: list[tuple[str, Question, tuple[Any, ...] | None]] = [
    ("steady", asked(steady()), None),
    ("not due", asked(trying(SOON)), None),
    ("not due, silent", asked(trying(SOON), alarm=SILENT), None),
    ("due", asked(trying()), (Outcome.PROMOTED, Why.ALARM_OK, 2, 3)),
    ("due now", asked(trying(NOW)), (Outcome.PROMOTED, Why.ALARM_OK, 2, 3)),
    ("due, a newer one published", asked(trying(), newest=4), (Outcome.PROMOTED, Why.ALARM_OK, 2, 3)),
    ("due, alarm", asked(trying(), alarm=ON), (Outcome.ROLLED_BACK, Why.ALARM, 3, 2)),
    ("not due, alarm", asked(trying(SOON), alarm=ON), (Outcome.ROLLED_BACK, Why.ALARM, 3, 2)),
    ("due, silent", asked(trying(), alarm=SILENT), (Outcome.EXTENDED, Why.ALARM_SILENT, 2, 3)),
    ("due, silent again", asked(trying(extensions=1), alarm=SILENT), (Outcome.EXTENDED, Why.ALARM_SILENT, 2, 3)),
    (
        "due, silent to the end",
        asked(trying(extensions=2), alarm=SILENT),
        (Outcome.ROLLED_BACK, Why.ALARM_SILENT, 3, 2),
    ),
    ("due, ok at last", asked(trying(extensions=2)), (Outcome.PROMOTED, Why.ALARM_OK, 2, 3)),
    ("moved", asked(trying(), alias=BY_HAND), (Outcome.GIVEN_UP, Why.ALIAS_MOVED, 3, 1)),
    ("moved in alarm", asked(trying(), alias=BY_HAND, alarm=ON), (Outcome.GIVEN_UP, Why.ALIAS_MOVED, 3, 1)),
]


def said(verdict: Verdict | None) -> tuple[Any, ...] | None:
    return (verdict.outcome, verdict.why, verdict.from_version, verdict.to_version) if verdict else None


@pytest.mark.parametrize(
    ("action", "force", "question", "expected"), [each[1:] for each in COMMANDS], ids=[each[0] for each in COMMANDS]
)
def test_commands(action: Action, force: bool, question: Question, expected: tuple[Any, ...]) -> None:  # noqa: FBT001
    assert said(decide(action, question, force=force)) == expected


@pytest.mark.parametrize(("question", "expected"), [each[1:] for each in STEPS], ids=[each[0] for each in STEPS])
def test_steps(question: Question, expected: tuple[Any, ...] | None) -> None:
    assert said(step(question)) == expected


EVERYTHING = [decide(each[1], each[3], force=each[2]) for each in COMMANDS] + [step(each[1]) for each in STEPS]
DECIDED = [each for each in EVERYTHING if each]
WITHOUT_EFFECT = {Outcome.REFUSED, Outcome.REPORTED}


@pytest.mark.parametrize("verdict", DECIDED)
def test_only_what_neither_refuses_nor_reports_changes_the_state(verdict: Verdict) -> None:
    assert (verdict.after is None) == (verdict.outcome in WITHOUT_EFFECT)


@pytest.mark.parametrize("verdict", [each for each in DECIDED if each.after])
def test_a_canary_alone_sends_a_part_to_another_version(verdict: Verdict) -> None:
    after = verdict.after
    assert after
    if after.phase is Phase.CANARY:
        assert after.wanted().routing == {3: 0.1} or after.wanted().routing == {9: 0.1}
    else:
        assert (after.wanted().routing, after.due_at) == ({}, None)


@pytest.mark.parametrize("verdict", [decide(action, question, force=True) for _, action, _, question, _ in COMMANDS])
def test_only_what_would_have_been_refused_counts_as_forced(verdict: Verdict) -> None:
    assert verdict.forced == (verdict.after is not None and verdict.why is not Why.ASKED)


def after(action: Action, question: Question, *, force: bool = False) -> Release:
    found = decide(action, question, force=force).after
    assert found
    return found


def stepped(question: Question) -> Release:
    found = step(question)
    assert found
    assert found.after
    return found.after


def test_a_promoted_version_can_be_taken_back_to_the_one_before() -> None:
    promoted = stepped(asked(trying()))
    assert (promoted.version, promoted.earlier, promoted.previous) == (3, (1, 2), 2)


def test_rollbacks_go_back_one_after_the_other() -> None:
    back = after(Action.ROLLBACK, asked(steady(3, (1, 2))))
    assert (back.version, back.previous) == (2, 1)
    back = after(Action.ROLLBACK, asked(back))
    assert (back.version, back.previous) == (1, None)


def test_a_canary_goes_back_to_the_version_that_it_stands_beside() -> None:
    assert trying().previous == 2


def test_as_many_versions_are_known_to_go_back_to_as_fit() -> None:
    many = tuple(range(1, MOST_EARLIER + 1))
    before = Release(revision="r", phase=Phase.CANARY, version=11, candidate=12, percent=10, earlier=many, due_at=NOW)
    found = stepped(asked(before, newest=12))
    assert found.earlier == tuple(range(2, 12))


def test_what_was_moved_by_hand_is_what_a_forced_promotion_goes_back_to() -> None:
    found = after(Action.PROMOTE, asked(steady(2, (1,)), alias=Alias(4, {}, "by hand"), newest=5), force=True)
    assert (found.version, found.candidate, found.earlier) == (4, 5, (1, 2))


def test_a_release_that_was_given_up_leaves_the_alias_as_it_is() -> None:
    alias = Alias(1, {3: 0.5}, "by hand")
    given_up = stepped(asked(trying(), alias=alias))
    assert (given_up.version, given_up.pending(alias), given_up.moved(alias)) == (1, False, True)


@pytest.mark.parametrize(
    ("before", "alias", "expected"),
    [
        (trying(), Alias(2, {}, "before"), (3, 2, (1,))),
        (steady(3, (1, 2)), Alias(2, {3: 0.1}, "before"), (3, 2, (1,))),
        (steady(1, ()), Alias(2, {}, "before"), (1, 2, (1,))),
    ],
    ids=["canary", "promotion", "rollback"],
)
def test_what_lambda_does_not_take_is_given_up_and_the_alias_stays(
    before: Release, alias: Alias, expected: tuple[Any, ...]
) -> None:
    verdict = impossible(asked(before, alias=alias))
    assert (verdict.outcome, verdict.why) == (Outcome.GIVEN_UP, Why.ALIAS_REFUSED)
    assert verdict.after
    assert (verdict.from_version, verdict.to_version, verdict.after.earlier) == expected
    assert not verdict.after.pending(alias)


def test_more_time_is_a_further_step_of_the_same_release() -> None:
    more = stepped(asked(trying(), alarm=SILENT))
    assert (more.release_id, more.extensions, more.due_at) == ("x", 1, due(NOW, 600))


@pytest.mark.parametrize("action", [Action.STEP, Action.UNKNOWN])
def test_nobody_commands_a_step(action: Action) -> None:
    with pytest.raises(ValueError, match="nobody can ask"):
        decide(action, asked(steady()))
