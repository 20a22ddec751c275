"""Lambda function behind the REST API: devices, and notifications that it publishes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lambdas.common.http.api import Api
from lambdas.common.http.gateway import response, rest_api_request
from lambdas.common.http.serving import serve
from lambdas.common.observability import InvocationContext, Observability
from lambdas.mobile_backend.contract import ApiSettings
from lambdas.mobile_backend.runtime.operations import on_aws


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    api: Api


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = ApiSettings.from_env(os.environ)
    return Runtime(Observability(settings), on_aws(settings))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Answers a request."""
    observability, api = runtime().observability, runtime().api
    with observability.invocation(context):
        request = rest_api_request(event)
        return response(serve(api, observability, request), request.request_id)
