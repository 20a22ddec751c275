"""Requests as the Alexa service sends them to a skill's function.

Alexa Skills Kit: "Request and Response JSON Reference" (the envelope) and "Request Types Reference" (LaunchRequest,
IntentRequest, SessionEndedRequest). The session of a SessionEndedRequest is no new one.
"""

from __future__ import annotations

from typing import Any

SKILL_ID = "amzn1.ask.skill.2f9c8a54-6f1e-4b0c-9d0b-2d7e4d1f7c11"
USER_ID = "amzn1.ask.account.AGUSERID"
REQUEST_ID = "amzn1.echo-api.request.0f7d1b1e-64d3-4a63-8a39-9c1d6f1f7a77"


def intent(
    name: str,
    *,
    confirmation: str = "NONE",
    request_id: str = REQUEST_ID,
    skill_id: str = SKILL_ID,
) -> dict[str, Any]:
    """Somebody said what the interaction model has under this intent."""
    request: dict[str, Any] = {"intent": {"name": name, "confirmationStatus": confirmation}}
    if name == "PromoteIntent":
        # Of intents in the dialog model alone.
        request["dialogState"] = "STARTED" if confirmation == "NONE" else "COMPLETED"
    return _event("IntentRequest", request, request_id, skill_id)


def launch() -> dict[str, Any]:
    """Somebody opened the skill, and said nothing more."""
    return _event("LaunchRequest", {"shouldLinkResultBeReturned": False}, REQUEST_ID, SKILL_ID)


def ended() -> dict[str, Any]:
    """The session ended, and nobody hears an answer."""
    return _event("SessionEndedRequest", {"reason": "USER_INITIATED"}, REQUEST_ID, SKILL_ID)


def _event(kind: str, request: dict[str, Any], request_id: str, skill_id: str) -> dict[str, Any]:
    application, user = {"applicationId": skill_id}, {"userId": USER_ID}
    return {
        "version": "1.0",
        "session": {
            "new": kind != "SessionEndedRequest",
            "sessionId": "amzn1.echo-api.session.0b2d5f3e-5c1c-4a43-9a39-1c1d6f1f7a70",
            "application": application,
            "attributes": {},
            "user": user,
        },
        "context": {
            "System": {
                "application": application,
                "user": user,
                "device": {"deviceId": "amzn1.ask.device.AHDEVICEID", "supportedInterfaces": {}},
                "apiEndpoint": "https://api.amazonalexa.com",
                "apiAccessToken": "AxThk",
            }
        },
        "request": {
            "type": kind,
            "requestId": request_id,
            "locale": "en-US",
            "timestamp": "2026-11-25T23:12:26Z",
            **request,
        },
    }
