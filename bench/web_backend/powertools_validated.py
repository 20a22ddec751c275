"""POST /items with the event handler of Powertools for AWS Lambda, which validates by Pydantic."""

from __future__ import annotations

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bench.web_backend.pydantic_models import MAX_BODY_BYTES, Item, ItemDraft, new_item, put_request
from lambdas.common.ids import new_token

TABLE_NAME = os.environ["ITEMS_TABLE_NAME"]
dynamodb = boto3.client("dynamodb")
logger = Logger(service="WebBackend")
metrics = Metrics(service="WebBackend", namespace="WebBackend")
tracer = Tracer(service="WebBackend")
app = APIGatewayHttpResolver(enable_validation=True)


@app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
def refuse(error: RequestValidationError) -> Response[dict[str, Any]]:
    """400 for what is no JSON, 422 for what is not as it should be."""
    malformed = any(each["type"] == "json_invalid" for each in error.errors())
    detail = {"detail": [each["msg"] for each in error.errors()]}
    return Response(400 if malformed else 422, "application/json", detail)


@app.exception_handler(UnicodeDecodeError)  # type: ignore[untyped-decorator]
def refuse_text(_: UnicodeDecodeError) -> Response[dict[str, Any]]:
    """The resolver lets it pass."""
    return Response(400, "application/json", {"detail": ["the body is not UTF-8"]})


@app.post("/items")
def create_item(draft: ItemDraft) -> Response[Item]:
    """Makes an item."""
    event = app.current_event
    if "content-type" not in event.raw_event["headers"]:
        raise ServiceError(415, "send application/json")  # the resolver takes it for JSON
    if len((event.decoded_body or "").encode()) > MAX_BODY_BYTES:
        raise ServiceError(413, f"a body has up to {MAX_BODY_BYTES} bytes")
    context = event.raw_event["requestContext"]
    item, revision = new_item(draft), new_token()
    dynamodb.put_item(**put_request(TABLE_NAME, context["authorizer"]["jwt"]["claims"]["sub"], item, revision))
    headers = {
        "Location": f"items/{item.item_id}",
        "ETag": f'"{revision}"',
        "Cache-Control": "private, no-cache",
        "X-Request-Id": context["requestId"],
    }
    return Response(201, "application/json", item, headers)


def respond(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The answer, without logs and metrics."""
    return app.resolve(event, context)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The answer, a line that tells of it, and a metric."""
    answer = app.resolve(event, context)
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    logger.info("answered", extra={"operation": "create_item", "status": answer["statusCode"]})
    return answer
