"""POST /items with FastAPI, which Mangum brings to Lambda.

Routes are coroutines though they wait for DynamoDB: Lambda gives a process one request at a time, and FastAPI would
hand plain functions to a thread each.
"""

from __future__ import annotations

import os
from typing import Annotated

import boto3
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from mangum import Mangum

from bench.web_backend.pydantic_models import MAX_BODY_BYTES, Item, ItemDraft, new_item, put_request
from lambdas.common.ids import new_token

TABLE_NAME = os.environ["ITEMS_TABLE_NAME"]
dynamodb = boto3.client("dynamodb")
app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> Response:
    """400 for what is no JSON, 422 for what is not as it should be."""
    malformed = any(each["type"] == "json_invalid" for each in error.errors())
    return JSONResponse({"detail": [each["msg"] for each in error.errors()]}, 400 if malformed else 422)


async def signed_in(request: Request) -> str:
    """Subject of the token, which the gateway has verified."""
    user_id: str = request.scope["aws.event"]["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    return user_id


async def json_body(request: Request) -> None:
    """Refuses other content types, and bodies that are too large."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise HTTPException(415, "send application/json")
    if len(await request.body()) > MAX_BODY_BYTES:
        raise HTTPException(413, f"a body has up to {MAX_BODY_BYTES} bytes")


@app.post("/items", status_code=201, dependencies=[Depends(json_body)])
async def create_item(
    draft: ItemDraft, user_id: Annotated[str, Depends(signed_in)], request: Request, response: Response
) -> Item:
    """Makes an item."""
    item, revision = new_item(draft), new_token()
    dynamodb.put_item(**put_request(TABLE_NAME, user_id, item, revision))
    response.headers["location"] = f"items/{item.item_id}"
    response.headers["etag"] = f'"{revision}"'
    response.headers["cache-control"] = "private, no-cache"
    response.headers["x-request-id"] = request.scope["aws.event"]["requestContext"]["requestId"]
    return item


handler = Mangum(app, lifespan="off", api_gateway_base_path="/api")
