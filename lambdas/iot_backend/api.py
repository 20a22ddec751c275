"""Lambda function behind the routes that this use case adds to the web backend's HTTP API."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lambdas.common.calls import Patience
from lambdas.common.http.api import Api, bind
from lambdas.common.http.gateway import http_api_request, response
from lambdas.common.http.serving import serve
from lambdas.common.observability import InvocationContext, Observability
from lambdas.iot_backend.adapters.devices import DynamoDevices
from lambdas.iot_backend.contract import ApiSettings, routes
from lambdas.iot_backend.runtime.controlling import controller, now, quick
from lambdas.iot_backend.workflow.operating import Operations


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    api: Api


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = ApiSettings.from_env(os.environ)
    observability = Observability(settings)
    found = controller(settings.releases, settings.advance_function_arn, quick, observability)
    devices = DynamoDevices(quick("dynamodb"), settings.device_table_name, Patience(time.sleep))
    operations = Operations(found, found.releases, devices, now)
    return Runtime(observability, make_api(operations, settings.max_body_bytes))


def make_api(operations: Operations, max_body_bytes: int) -> Api:
    """The routes, with what answers them."""
    bound = [
        bind(routes.LIST_DEVICES, operations.list_devices),
        bind(routes.LIST_RELEASES, operations.list_releases),
        bind(routes.START_RELEASE, operations.start_release),
    ]
    return Api(bound, max_body_bytes=max_body_bytes)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Answers one request."""
    observability, api = runtime().observability, runtime().api
    with observability.invocation(context):
        request = http_api_request(event)
        return response(serve(api, observability, request), request.request_id)
