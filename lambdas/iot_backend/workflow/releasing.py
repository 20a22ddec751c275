"""The release controller: decides, writes down what it decided, and makes the alias so.

One decision is one transaction. The alias is moved after it, and only if it is still as it was decided upon: so no
decision is carried out twice, two of them cannot cross, and what somebody else did by hand is not undone. Whoever is
killed in between leaves a decision that the next to come carries out before anything else: the retry, another command,
or the regular schedule.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.common.failures import UnavailableError
from lambdas.common.ids import new_id
from lambdas.iot_backend.contract import Canary
from lambdas.iot_backend.contract.models import Decision, Standing
from lambdas.iot_backend.contract.releases import Action, AlarmState, Outcome, Phase, Source, Why
from lambdas.iot_backend.domain.deciding import Question, Verdict, decide, impossible, step
from lambdas.iot_backend.domain.releases import Alias, Facts, Release, begun
from lambdas.iot_backend.ports import (
    Alarms,
    AliasChangedError,
    Aliases,
    AliasRefusedError,
    Command,
    OvertakenError,
    Releases,
    Schedules,
)

ATTEMPTS = 5
"""Of a decision, and of moving the alias; each further one means that another got ahead."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What somebody asks of the controller."""

    source: Source
    who: str
    action: Action
    force: bool = False
    reason: str = ""
    asked_at: datetime | None = None
    """Of what may come late: a rollback since then was an answer to it."""


STEP = Ask(source=Source.SCHEDULE, who="schedule", action=Action.STEP)


@dataclass(frozen=True)
class Stand:
    """The state, and the alias at the same time."""

    release: Release
    alias: Alias

    @property
    def moved(self) -> bool:
        """Whether somebody else has moved the alias."""
        return self.release.moved(self.alias)


@dataclass(frozen=True)
class Controller:
    """The steps over their ports."""

    releases: Releases
    aliases: Aliases
    alarms: Alarms
    schedules: Schedules
    canary: Canary
    now: Callable[[], datetime]
    tell: Callable[[Decision], None]
    """Hears of each decision once, when it has been written down."""

    def handle(self, command: Command, ask: Ask) -> Decision:
        """Decides, and carries it out; of a command that came before, what was decided then."""
        for _ in range(ATTEMPTS):
            if found := self._known(command):
                return found
            asked = self._question(self.settle(), ask.asked_at)
            verdict = decide(ask.action, asked, force=ask.force)
            if decision := self._recorded(command, ask, asked, verdict):
                return decision
        raise UnavailableError(f"{ask.action}: others keep deciding first")

    def refuse(self, command: Command, ask: Ask, why: Why) -> Decision:
        """Writes down a refusal that has nothing to do with the target's state, unless the command was heard before."""
        verdict = Verdict(Outcome.REFUSED, why, None, None)
        for _ in range(ATTEMPTS):
            if found := self._known(command):
                return found
            now = self.now()
            decision = _decision(ask, new_id(now), now, verdict)
            try:
                self.releases.note(command, decision)
            except OvertakenError:
                continue
            self.tell(decision)
            return decision
        raise UnavailableError(f"refuse {ask.action}: the same command keeps being decided elsewhere")

    def advance(self) -> bool:
        """Carries out what others left undone, and takes the canary's next step, if it is due.

        Returns whether somebody else had moved the alias.
        """
        for _ in range(ATTEMPTS):
            stand = self.settle()
            if stand.release.phase is Phase.STEADY:
                return stand.moved
            asked = self._question(stand)
            verdict = step(asked)
            if verdict is None:
                self._schedule(stand.release)
                return stand.moved
            if self._recorded(None, STEP, asked, verdict):
                return stand.moved
        raise UnavailableError("take a step: others keep deciding first")

    def standing(self) -> Standing:
        """How things stand."""
        stand = self._look()
        release, versions = stand.release, self.aliases.versions()
        facts = Facts(stand.alias, versions, self.alarms.state())
        return Standing(
            phase=release.phase,
            version=release.version,
            candidate=release.candidate,
            percent=release.percent,
            previous=release.previous,
            newest=facts.newest,
            alarm=facts.alarm,
            alias_moved=stand.moved,
            due_at=release.due_at,
        )

    def settle(self) -> Stand:
        """Makes the alias what was decided last, unless somebody else has moved it."""
        for _ in range(ATTEMPTS):
            stand = self._look()
            release = stand.release
            if release.pending(stand.alias):
                try:
                    stand = Stand(release, self.aliases.move(release.wanted()))
                except AliasChangedError:
                    continue
                except AliasRefusedError as error:
                    self._give_up(stand, str(error))
                    continue
            return stand
        raise UnavailableError("move the alias: others keep moving it")

    def _carry_out(self) -> None:
        """What was decided last: the schedule comes after the alias, and no rollback waits for a schedule."""
        self._schedule(self.settle().release)

    def _schedule(self, release: Release) -> None:
        """Has the next step of a canary taken when it is due."""
        if release.phase is Phase.CANARY and release.due_at and release.due_at > self.now():
            self.schedules.once(release.release_id, release.extensions, release.due_at)

    def _give_up(self, stand: Stand, reason: str) -> None:
        """Lets a decision go that cannot be carried out: nothing could be decided ever after."""
        asked = self._question(stand)
        verdict = impossible(asked)
        decision = _decision(replace(STEP, reason=reason), asked.decision_id, asked.now, verdict)
        # Whoever was first has given it up, too, or moved on.
        with suppress(OvertakenError):
            self.releases.record(None, decision, asked.before, verdict.after)
            self.tell(decision)

    def _look(self) -> Stand:
        """The alias is read before the state: what the state was decided upon is then never newer than what is seen.

        An alias that seems to have been moved may only be older than the state, and is read again.
        """
        for _ in range(ATTEMPTS):
            alias = self.aliases.alias()
            stand = Stand(self.releases.current() or begun(alias), alias)
            if not stand.moved or self.aliases.alias() == alias:
                return stand
        raise UnavailableError("read the alias: others keep moving it")

    def _known(self, command: Command) -> Decision | None:
        """What was decided of a command before, carried out."""
        found = self.releases.decided(command)
        if found:
            self._carry_out()
        return found

    def _question(self, stand: Stand, asked_at: datetime | None = None) -> Question:
        facts = Facts(stand.alias, self.aliases.versions(), self.alarms.state())
        now = self.now()
        return Question(stand.release, facts, self.canary, new_id(now), now, asked_at)

    def _recorded(self, command: Command | None, ask: Ask, asked: Question, verdict: Verdict) -> Decision | None:
        """The decision, written down and carried out; None if another one was first."""
        decision = _decision(ask, asked.decision_id, asked.now, verdict, asked.facts.alarm)
        try:
            self.releases.record(command, decision, asked.before, verdict.after)
        except OvertakenError:
            return None
        self.tell(decision)
        if verdict.after:
            self._carry_out()
        return decision


def _decision(ask: Ask, decision_id: str, now: datetime, verdict: Verdict, alarm: AlarmState | None = None) -> Decision:
    return Decision(
        decision_id=decision_id,
        at=now,
        source=ask.source,
        who=ask.who,
        action=ask.action,
        outcome=verdict.outcome,
        why=verdict.why,
        forced=verdict.forced,
        from_version=verdict.from_version,
        to_version=verdict.to_version,
        alarm=alarm,
        reason=ask.reason,
    )
