"""The ways of answering POST /items that are compared; each takes an event of an HTTP API and gives the answer to it.

All check content type, size and body by the same rules, take the user from the claims of the token, put the item into
DynamoDB under a new id and revision, and answer 201 with Location, ETag and the item. The others are what one would
write: `fastapi_mangum`, `powertools_validated`; `without_framework` is the work alone. They differ where it costs
nothing: what is wrong is told in other words, and a body that is empty, or has NaN or half a character in it, is no
JSON to ours (400) and not as it should be to theirs (422); the resolver of Powertools takes no ``+json``, and takes a
form for a body that is not as it should be.

Only ours has the other routes, and hears Idempotency-Key.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import boto3

from lambdas.web_backend.contract import ApiSettings, Limits, Pictures, Wiring

Handle = Callable[[dict[str, Any], Any], dict[str, Any]]

OURS: Final = "ours"
MODULES: Final = {
    "fastapi-mangum": "bench.web_backend.fastapi_mangum",
    "powertools-validated": "bench.web_backend.powertools_validated",
    "without-framework": "bench.web_backend.without_framework",
}


class Context(NamedTuple):
    """What is read of Lambda's context."""

    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    function_name: str = "WebBackend-Api-1ABCDEFGHIJKL"
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:WebBackend-Api-1ABCDEFGHIJKL"


class Client:
    """In the place of a client of DynamoDB; remembers what was put last."""

    put: Mapping[str, Any]

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Answers at once."""
        self.put = request
        return {}


def settings() -> ApiSettings:
    """As a stack sets them that wires all other use cases."""
    return ApiSettings(
        service="WebBackend",
        metrics_namespace="WebBackend",
        items_table_name="WebBackend-ItemsTable-1ABCDEFGHIJKL",
        limits=Limits(),
        wiring=Wiring(
            pictures=Pictures(
                uploads_bucket_name="imageprocessing-uploads-1abcdefghijkl",
                renditions_bucket_name="imageprocessing-renditions-1abcdefghijkl",
                catalog_table_name="ImageProcessing-Catalog-1ABCDEFGHIJKL",
            ),
            metrics_table_name="StreamAnalytics-MetricsTable-1ABCDEFGHIJKL",
            shop_table_name="TableEtl-Shop-1ABCDEFGHIJKL",
            read_model_table_name="TableEtl-ReadModel-1ABCDEFGHIJKL",
        ),
    )


def environment() -> dict[str, str]:
    """Of the function, ours or theirs."""
    return settings().to_env() | {"AWS_DEFAULT_REGION": "us-east-1"}


def load(name: str, client: Client, *, logged: bool) -> Handle:
    """The implementation, with ``client`` for all that it calls.

    Where nothing is logged, it is what stands between the logs and metrics of a handler.
    """
    os.environ |= environment()
    if name == OURS:
        return _ours(client, logged=logged)
    with patch.object(boto3, "client", lambda *_, **__: client):
        module: Any = importlib.import_module(MODULES[name])
    if not logged:
        return getattr(module, "respond", module.handler)  # type: ignore[no-any-return]
    return module.handler if name == "powertools-validated" else _logged(module.handler)


def _ours(client: Client, *, logged: bool) -> Handle:
    from lambdas.common import clients
    from lambdas.common.http.gateway import http_api_request, response
    from lambdas.web_backend import api

    with patch.object(clients, "client", lambda *_: client):
        if logged:
            api.runtime()
            return api.handler
        operations = api.make_api(settings())

    def respond(event: dict[str, Any], _: object) -> dict[str, Any]:
        request = http_api_request(event)
        return response(operations(request), request.request_id)

    return respond


def _logged(respond: Handle) -> Handle:
    """A handler that has no logs and metrics of its own, with those of Powertools."""
    from aws_lambda_powertools import Logger, Metrics
    from aws_lambda_powertools.metrics import MetricUnit

    logger, metrics = Logger(service="WebBackend"), Metrics(service="WebBackend", namespace="WebBackend")

    @logger.inject_lambda_context
    @metrics.log_metrics
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        answer = respond(event, context)
        metrics.add_metric("Requests", MetricUnit.Count, 1)
        logger.info("answered", extra={"operation": "create_item", "status": answer["statusCode"]})
        return answer

    return handler
