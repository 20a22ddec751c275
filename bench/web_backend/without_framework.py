"""POST /items by hand, for nothing but this one route: what the work alone takes, of which no framework can be free."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import msgspec

from lambdas.common.ids import new_id, new_token
from lambdas.web_backend.contract import Limits
from lambdas.web_backend.contract.models import Item, ItemDraft

TABLE_NAME = os.environ["ITEMS_TABLE_NAME"]
dynamodb = boto3.client("dynamodb")
decode = msgspec.json.Decoder(ItemDraft).decode
encode = msgspec.json.Encoder().encode
MAX_BODY_BYTES = Limits().max_body_bytes


def handler(event: Mapping[str, Any], _: object) -> dict[str, Any]:
    """The answer to a good request; others end in an exception."""
    if event["headers"]["content-type"] != "application/json":
        raise ValueError("send application/json")
    body = event["body"].encode()
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"a body has up to {MAX_BODY_BYTES} bytes")
    draft = decode(body)
    context = event["requestContext"]
    now = datetime.fromtimestamp(time.time(), UTC)
    item_id, revision = new_id(now), new_token()
    item = Item(
        item_id=item_id,
        title=draft.title,
        description=draft.description,
        tags=draft.tags,
        image_id=draft.image_id,
        created_at=now,
        updated_at=now,
    )
    dynamodb.put_item(
        TableName=TABLE_NAME,
        Item={
            "user_id": {"S": context["authorizer"]["jwt"]["claims"]["sub"]},
            "entry": {"S": f"item#{item_id}"},
            "revision": {"S": revision},
            "title": {"S": draft.title},
            "description": {"S": draft.description},
            "tags": {"L": [{"S": tag} for tag in draft.tags]},
            "image_id": {"S": draft.image_id} if draft.image_id else {"NULL": True},
            "updated_at": {"S": encode(now)[1:-1].decode()},
        },
        ConditionExpression="attribute_not_exists(#entry)",
        ExpressionAttributeNames={"#entry": "entry"},
    )
    headers = {
        "cache-control": "private, no-cache",
        "x-request-id": context["requestId"],
        "location": f"items/{item_id}",
        "etag": f'"{revision}"',
        "content-type": "application/json",
    }
    return {"statusCode": 201, "headers": headers, "body": encode(item).decode()}
