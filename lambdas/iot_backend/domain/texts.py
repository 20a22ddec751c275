"""Decisions in plain words: what people hear from the skill, and read in the API's problems."""

from __future__ import annotations

from lambdas.iot_backend.contract.models import Decision, Standing
from lambdas.iot_backend.contract.releases import LATEST, AlarmState, Outcome, Phase, Why

_REFUSALS = {
    Why.ALARM: "the alarm is on",
    Why.NOTHING_NEWER: "there is no newer version",
    Why.UNDER_WAY: "a release is under way: it ends by itself, or by a rollback",
    Why.NOTHING_BEFORE: "there is no version to go back to",
    Why.ALIAS_MOVED: "somebody else has moved the alias",
    Why.STALE: "the press came too late",
    Why.STRANGER: "this is not the button that was enrolled",
    Why.MALFORMED: "nobody can read this press",
}


def told(decision: Decision) -> str:
    """What was decided, in one sentence."""
    to, left = _version(decision.to_version), _version(decision.from_version)
    match decision.outcome:
        case Outcome.REFUSED:
            return f"Nothing was changed, because {_REFUSALS[decision.why]}."
        case Outcome.CANARY:
            return f"{to} is being tried beside {left.lower()}."
        case Outcome.EXTENDED:
            return f"{to} is tried for longer, because the alarm has not seen enough."
        case Outcome.PROMOTED:
            return f"{to} has taken over from {left.lower()}."
        case Outcome.ROLLED_BACK:
            return f"{to} is back in place of {left.lower()}."
        case Outcome.GIVEN_UP if decision.why is Why.ALIAS_REFUSED:
            return "The release was given up, because Lambda does not take the alias so."
        case Outcome.GIVEN_UP:
            return "The release was given up, because somebody else has moved the alias."
        case Outcome.REPORTED:
            return f"{left} serves."


def standing_told(standing: Standing) -> str:
    """How things stand, in a few sentences."""
    return f"{_released(standing)} {_ALARMS[standing.alarm]}"


def _released(standing: Standing) -> str:
    decided = _version(standing.version)
    if standing.alias_moved:
        return f"{decided} was decided last, but somebody else has moved the alias."
    if standing.phase is Phase.CANARY:
        return f"{decided} serves. {_version(standing.candidate)} is being tried with {standing.percent} percent."
    if standing.newest > standing.version:
        return f"{decided} serves. {_version(standing.newest)} waits to be promoted."
    return f"{decided} serves. There is no newer one."


_ALARMS = {
    AlarmState.OK: "The alarm is off.",
    AlarmState.ALARM: "The alarm is on.",
    AlarmState.INSUFFICIENT_DATA: "The alarm has not seen enough yet.",
}


def _version(version: int | None) -> str:
    return "The unpublished code" if version in {None, LATEST} else f"Version {version}"
