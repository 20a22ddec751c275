"""What the skill does: tells how things stand, and promotes or rolls back, a promotion only after a spoken yes."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.iot_backend.contract.releases import Action, Source
from lambdas.iot_backend.domain.skill import Confirmation, Intent, Kind, Spoken, Utterance
from lambdas.iot_backend.domain.texts import standing_told, told
from lambdas.iot_backend.ports import Command
from lambdas.iot_backend.workflow.releasing import Ask, Controller

HELP = "You can ask me to promote the newest version, to roll back, or how things stand."


@dataclass(frozen=True)
class Voice:
    """The skill over the controller."""

    controller: Controller

    def answer(self, utterance: Utterance) -> Spoken | None:
        """What to say; None once the session is over."""
        match utterance.kind:
            case Kind.LAUNCH:
                return Spoken(f"This is the release controller. {HELP}", asks=True)
            case Kind.ENDED:
                return None
            case Kind.INTENT:
                return self._intent(utterance)

    def _intent(self, utterance: Utterance) -> Spoken:
        match utterance.intent:
            case Intent.PROMOTE:
                return self._promote(utterance)
            case Intent.ROLLBACK:
                return Spoken(self._done(Action.ROLLBACK, utterance))
            case Intent.STATUS:
                self.controller.handle(_command(utterance), _ask(Action.REPORT, utterance))
                return Spoken(standing_told(self.controller.standing()))
            case Intent.STOP | Intent.CANCEL | Intent.HOME:
                return Spoken("Nothing was changed.")
            case Intent.FALLBACK:
                return Spoken(f"I did not get that. {HELP}", asks=True)
            case _:
                return Spoken(HELP, asks=True)

    def _promote(self, utterance: Utterance) -> Spoken:
        match utterance.confirmation:
            case Confirmation.CONFIRMED:
                return Spoken(self._done(Action.PROMOTE, utterance))
            case Confirmation.DENIED:
                return Spoken("Nothing was changed.")
            case Confirmation.NONE:
                standing = standing_told(self.controller.standing())
                return Spoken(f"{standing} Shall I promote the newest version?", asks=True, confirms=True)

    def _done(self, action: Action, utterance: Utterance) -> str:
        return told(self.controller.handle(_command(utterance), _ask(action, utterance)))


def _command(utterance: Utterance) -> Command:
    return Command(f"voice#{utterance.request_id}")


def _ask(action: Action, utterance: Utterance) -> Ask:
    return Ask(source=Source.VOICE, who=utterance.user_id, action=action)
