"""Lambda function behind schedules: the release controller looks at its target.

One-off schedules invoke it when a canary's step is due, and a regular one every few minutes with ``{}``. Whichever it
is, it does what there is to do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import boto3

from lambdas.common.observability import InvocationContext, Observability
from lambdas.iot_backend.contract import AdvanceSettings, Metric
from lambdas.iot_backend.runtime.controlling import controller
from lambdas.iot_backend.workflow.releasing import Controller


class OwnContext(InvocationContext, Protocol):
    """The context object, with what this function needs to know of itself."""

    @property
    def invoked_function_arn(self) -> str: ...


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    controller: Controller


@cache
def runtime(function_arn: str) -> Runtime:
    """Wires the function once, out of its environment, and its own ARN, which the environment cannot hold."""
    settings = AdvanceSettings.from_env(os.environ)
    observability = Observability(settings)
    return Runtime(observability, controller(settings.releases, function_arn, boto3.client, observability))


def handler(event: Mapping[str, Any], context: OwnContext) -> None:
    """Looks at the target. What it raises Lambda tries again, and the regular schedule after that."""
    found = runtime(context.invoked_function_arn)
    observability = found.observability
    with observability.invocation(context):
        moved = found.controller.advance()
        observability.count(Metric.ALIAS_MOVED, moved)
        observability.logger.info("advanced", extra={"asked_by": event, "alias_moved": moved})
