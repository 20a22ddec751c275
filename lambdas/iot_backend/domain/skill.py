"""The Alexa skill: requests taken to pieces, and answers put together.

Shapes: "Request and Response JSON Reference", "Request Types Reference" and "Dialog Interface Reference" (Alexa Skills
Kit). What people say to which intent is in ``interaction_model.json``, as the developer console
takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec


class Intent(StrEnum):
    """What the interaction model tells apart."""

    PROMOTE = "PromoteIntent"
    ROLLBACK = "RollbackIntent"
    STATUS = "StatusIntent"
    HELP = "AMAZON.HelpIntent"
    STOP = "AMAZON.StopIntent"
    CANCEL = "AMAZON.CancelIntent"
    HOME = "AMAZON.NavigateHomeIntent"
    FALLBACK = "AMAZON.FallbackIntent"


class Kind(StrEnum):
    """Types of request that a skill without further interfaces gets."""

    LAUNCH = "LaunchRequest"
    INTENT = "IntentRequest"
    ENDED = "SessionEndedRequest"


class Confirmation(StrEnum):
    """Whether the user has said yes."""

    NONE = "NONE"
    CONFIRMED = "CONFIRMED"
    DENIED = "DENIED"


class NotOursError(Exception):
    """The request is for another skill."""


@dataclass(frozen=True)
class Utterance:
    """A request."""

    request_id: str
    user_id: str
    kind: Kind
    intent: Intent | None
    """Of an `Kind.INTENT`."""
    confirmation: Confirmation


@dataclass(frozen=True)
class Spoken:
    """An answer; with ``asks`` the user is expected to say something."""

    text: str
    asks: bool = False
    confirms: bool = False
    """Whether what the user says next is a yes or no to the intent."""


class _Said(msgspec.Struct):
    name: Intent
    confirmationStatus: Confirmation = Confirmation.NONE  # noqa: N815  Alexa's name


class _Request(msgspec.Struct):
    type: Kind
    requestId: str  # noqa: N815
    intent: _Said | None = None


class _Application(msgspec.Struct):
    applicationId: str  # noqa: N815


class _User(msgspec.Struct):
    userId: str  # noqa: N815


class _System(msgspec.Struct):
    application: _Application
    user: _User


class _Context(msgspec.Struct):
    System: _System


class _Event(msgspec.Struct):
    request: _Request
    context: _Context


def heard(event: Mapping[str, Any], skill_id: str) -> Utterance:
    """The request in an event.

    Raises:
        NotOursError: it is for another skill.
        msgspec.ValidationError: it is none that the interaction model allows.
    """
    found = msgspec.convert(event, _Event)
    system, request = found.context.System, found.request
    if system.application.applicationId != skill_id:
        raise NotOursError(
            f"a request for the skill {system.application.applicationId!a}, and this is {skill_id}: "
            "see who may invoke this function"
        )
    said = request.intent
    return Utterance(
        request_id=request.requestId,
        user_id=system.user.userId,
        kind=request.type,
        intent=said.name if said else None,
        confirmation=said.confirmationStatus if said else Confirmation.NONE,
    )


def response(spoken: Spoken | None) -> dict[str, Any]:
    """The answer as Alexa takes it; None where nobody listens any more."""
    if spoken is None:
        return {"version": "1.0", "response": {}}
    speech = {"type": "PlainText", "text": spoken.text}
    said: dict[str, Any] = {"outputSpeech": speech, "shouldEndSession": not spoken.asks}
    if spoken.confirms:
        said["directives"] = [{"type": "Dialog.ConfirmIntent"}]
    elif spoken.asks:
        said["reprompt"] = {"outputSpeech": speech}
    return {"version": "1.0", "response": said}
