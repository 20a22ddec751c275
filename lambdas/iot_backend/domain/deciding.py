"""The release controller's state machine: from what is, and what is asked, to what has to be.

                 promote                        step: alarm silent, at most `max_extensions` times
  +----------------------------------+           +-------+
  |                                  v           |       v
steady <-- step: alarm ok (promoted) -- canary --+    canary
  ^ ^  <-- step: alarm on, or silent too long (rolled back)
  | |  <-- rollback (at once)
  | |  <-- step: somebody else moved the alias (given up)
  | +----- rollback: to the version before
  +------- promote, forced over an alarm or without a version to go back to: at once
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from lambdas.iot_backend.contract import Canary
from lambdas.iot_backend.contract.releases import Action, AlarmState, Outcome, Phase, Why
from lambdas.iot_backend.domain.releases import MOST_EARLIER, Facts, Release, due


@dataclass(frozen=True)
class Verdict:
    """A decision; without ``after`` all stays as it is."""

    outcome: Outcome
    why: Why
    from_version: int | None
    to_version: int | None
    after: Release | None = None
    forced: bool = False
    """Whether it was refused, had nobody insisted; ``why`` says for what."""


@dataclass(frozen=True)
class Question:
    """All that is known when a decision is made."""

    before: Release
    facts: Facts
    canary: Canary
    decision_id: str
    """Of the decision that is made."""
    now: datetime
    asked_at: datetime | None = None
    """Of a command that may come late."""

    @property
    def moved(self) -> bool:
        """Whether somebody else has moved the alias."""
        return self.before.moved(self.facts.alias)

    @property
    def serving(self) -> int:
        """The version that the alias had before this, whoever gave it."""
        return self.facts.alias.version if self.moved else self.before.version

    @property
    def older(self) -> tuple[int, ...]:
        """Versions that were released before the one that serves."""
        return self.before.older_than(self.serving)

    @property
    def overtaken(self) -> bool:
        """Whether something was taken back since this was asked: it would be promoted again, or too much taken back."""
        back_at = self.before.taken_back_at
        return back_at is not None and self.asked_at is not None and self.asked_at < back_at

    def taken_back(self, version: int, earlier: tuple[int, ...]) -> Release:
        """Everything to the version before."""
        return structs.replace(self.steady(version, earlier), taken_back_at=self.now)

    def steady(self, version: int, earlier: tuple[int, ...]) -> Release:
        """Everything to one version."""
        return Release(
            revision=self.decision_id,
            phase=Phase.STEADY,
            version=version,
            earlier=earlier[-MOST_EARLIER:],
            release_id=self.before.release_id,
            alias_revision=self.facts.alias.revision,
        )

    def refused(self, why: Why) -> Verdict:
        """Nothing happens."""
        return Verdict(Outcome.REFUSED, why, self.serving, None)


def decide(action: Action, asked: Question, *, force: bool = False) -> Verdict:
    """What comes of a command; of a step `step` tells."""
    if asked.overtaken and action is not Action.REPORT:
        return asked.refused(Why.STALE)
    match action:
        case Action.PROMOTE:
            return _promotion(asked, force=force)
        case Action.ROLLBACK:
            return _rollback(asked, force=force)
        case Action.REPORT:
            return Verdict(Outcome.REPORTED, Why.ASKED, asked.serving, asked.before.candidate)
        case _:
            raise ValueError(f"nobody can ask for {action}: commands are promote, rollback and report")


def _promotion(asked: Question, *, force: bool) -> Verdict:
    facts, serving = asked.facts, asked.serving
    if asked.before.phase is Phase.CANARY:
        return asked.refused(Why.UNDER_WAY)
    if facts.newest <= serving:
        return asked.refused(Why.NOTHING_NEWER)
    objection = _objection(asked)
    if objection and not force:
        return asked.refused(objection)
    way_back = serving in facts.versions
    if way_back and facts.alarm is not AlarmState.ALARM:
        outcome, after = Outcome.CANARY, _canary(asked)
    else:
        # A canary could tell nothing: its alarm is on already, or there is nothing to go back to.
        outcome = Outcome.PROMOTED
        after = asked.steady(facts.newest, (*asked.older, serving) if way_back else asked.older)
    return Verdict(outcome, objection or Why.ASKED, serving, facts.newest, after, forced=objection is not None)


def _objection(asked: Question) -> Why | None:
    """Why a promotion is refused unless somebody insists."""
    if asked.moved:
        return Why.ALIAS_MOVED
    if asked.serving not in asked.facts.versions:
        return Why.NOTHING_BEFORE
    return Why.ALARM if asked.facts.alarm is AlarmState.ALARM else None


def _canary(asked: Question) -> Release:
    return Release(
        revision=asked.decision_id,
        phase=Phase.CANARY,
        version=asked.serving,
        candidate=asked.facts.newest,
        percent=asked.canary.percent,
        earlier=asked.older,
        release_id=asked.decision_id,
        due_at=due(asked.now, asked.canary.seconds),
        alias_revision=asked.facts.alias.revision,
    )


def _rollback(asked: Question, *, force: bool) -> Verdict:
    before = asked.before
    if asked.moved and not force:
        return asked.refused(Why.ALIAS_MOVED)
    why = Why.ALIAS_MOVED if asked.moved else Why.ASKED
    if before.phase is Phase.CANARY:
        back, earlier = before.version, before.earlier
    elif asked.older:
        back, earlier = asked.older[-1], asked.older[:-1]
    else:
        return asked.refused(Why.NOTHING_BEFORE)
    if back not in asked.facts.versions:
        return asked.refused(Why.NOTHING_BEFORE)
    left = asked.serving if asked.moved or before.candidate is None else before.candidate
    return Verdict(Outcome.ROLLED_BACK, why, left, back, asked.taken_back(back, earlier), forced=asked.moved)


def step(asked: Question) -> Verdict | None:
    """What comes of a canary that is looked at; None if it just goes on."""
    before, alarm = asked.before, asked.facts.alarm
    if before.phase is not Phase.CANARY or before.candidate is None or before.due_at is None:
        return None
    if asked.moved:
        # With no revision to decide upon nothing is moved, not even if there are other weights.
        after = structs.replace(asked.steady(asked.serving, asked.older), alias_revision="")
        return Verdict(Outcome.GIVEN_UP, Why.ALIAS_MOVED, before.candidate, asked.serving, after)
    back = asked.taken_back(before.version, before.earlier)
    if alarm is AlarmState.ALARM:
        return Verdict(Outcome.ROLLED_BACK, Why.ALARM, before.candidate, before.version, back)
    if asked.now < before.due_at:
        return None
    if alarm is AlarmState.OK:
        after = asked.steady(before.candidate, (*before.earlier, before.version))
        return Verdict(Outcome.PROMOTED, Why.ALARM_OK, before.version, before.candidate, after)
    if before.extensions < asked.canary.max_extensions:
        return Verdict(Outcome.EXTENDED, Why.ALARM_SILENT, before.version, before.candidate, _extended(asked))
    return Verdict(Outcome.ROLLED_BACK, Why.ALARM_SILENT, before.candidate, before.version, back)


def impossible(asked: Question) -> Verdict:
    """What comes of a decision that Lambda does not carry out: the alias stays as it is, and is the state now."""
    before, serving = asked.before, asked.facts.alias.version
    after = structs.replace(asked.steady(serving, before.older_than(serving)), alias_revision="")
    return Verdict(Outcome.GIVEN_UP, Why.ALIAS_REFUSED, before.candidate or before.version, serving, after)


def _extended(asked: Question) -> Release:
    return structs.replace(
        asked.before,
        revision=asked.decision_id,
        due_at=due(asked.now, asked.canary.seconds),
        extensions=asked.before.extensions + 1,
        alias_revision=asked.facts.alias.revision,
    )
