"""Lambda function to be released, where nothing else is: each published version tells that it is the one that answers.

Change anything here, and the next deployment publishes a version.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from lambdas.common.observability import InvocationContext, Observability
from lambdas.iot_backend.contract import TargetSettings


class VersionedContext(InvocationContext, Protocol):
    """Lambda's context object, with the version that runs."""

    @property
    def function_version(self) -> str: ...


@cache
def observability() -> Observability:
    """Set up once, out of the environment."""
    return Observability(TargetSettings.from_env(os.environ))


def handler(event: Mapping[str, Any], context: VersionedContext) -> dict[str, Any]:
    """Answers its version, and what it was asked."""
    with observability().invocation(context):
        observability().logger.info("answered", extra={"version": context.function_version})
        return {"version": context.function_version, "asked": event}
