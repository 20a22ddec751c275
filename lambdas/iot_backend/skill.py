"""Lambda function behind the Alexa skill."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lambdas.common.failures import UnavailableError
from lambdas.common.observability import InvocationContext, Observability
from lambdas.iot_backend.contract import SkillSettings
from lambdas.iot_backend.domain.skill import Spoken, heard, response
from lambdas.iot_backend.runtime.controlling import controller, quick
from lambdas.iot_backend.workflow.talking import Voice


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    voice: Voice
    skill_id: str


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = SkillSettings.from_env(os.environ)
    observability = Observability(settings)
    found = controller(settings.releases, settings.advance_function_arn, quick, observability)
    return Runtime(observability, Voice(found), settings.skill_id)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Answers what somebody said. A request for another skill is an error."""
    found = runtime()
    with found.observability.invocation(context):
        utterance = heard(event, found.skill_id)
        facts = {"kind": utterance.kind, "intent": utterance.intent, "alexa_request_id": utterance.request_id}
        try:
            spoken = found.voice.answer(utterance)
        except UnavailableError as error:
            found.observability.logger.warning("unavailable", extra={**facts, "reason": str(error)})
            spoken = Spoken("I cannot reach the release controller. Ask for the status before you try again.")
        found.observability.logger.info("answered", extra=facts)
        return response(spoken)
