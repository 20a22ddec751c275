"""Requests to make an item, as an HTTP API hands them over."""

from __future__ import annotations

import json
import random
from typing import Any, Final

SEED: Final = 5
REQUESTS: Final = 50
"""Different ones, so that nothing is measured that remembers the last."""
WORDS: Final = (
    *("harbour", "dusk", "pier", "evening", "fog", "light", "sea", "long"),
    *("exposure", "old", "boat", "rope", "gull", "tide", "quay", "mist"),
)
HOST: Final = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


def drafts(count: int = REQUESTS) -> list[dict[str, Any]]:
    """Items as users write them: some 210 bytes, three tags, every other one with an image."""
    chance = random.Random(SEED)  # noqa: S311

    def words(number: int) -> str:
        return " ".join(chance.choices(WORDS, k=number))

    made: list[dict[str, Any]] = []
    for at in range(count):
        draft = {"title": words(4).capitalize(), "description": words(18), "tags": sorted(chance.sample(WORDS, 3))}
        image = {"image_id": f"01931f7e-7c1b-7c3a-9d5e-{at:012x}"} if at % 2 else {}
        made.append(draft | image)
    return made


def events(count: int = REQUESTS) -> list[dict[str, Any]]:
    """One for each draft."""
    return [event(json.dumps(draft)) for draft in drafts(count)]


def event(
    body: str | None, content_type: str | None = "application/json", *, is_base64: bool = False
) -> dict[str, Any]:
    """POST /items of a signed-in user, as it comes through CloudFront; payload format version 2.0."""
    headers = {
        "accept": "application/json",
        "accept-encoding": "gzip, br",
        "content-length": str(len(body or "")),
        "host": HOST,
        "user-agent": "Amazon CloudFront",
        "via": "2.0 0123456789abcdef.cloudfront.net (CloudFront)",
        "x-amz-cf-id": "k2vR3pO3nVg7ZJ9sT4uW8xYz1A5b6C7d8E9f0G1h2I3j4K5l6M7n8A==",
        "x-amzn-trace-id": "Root=1-6920a1b2-0123456789abcdef01234567",
        "x-forwarded-for": "192.0.2.1, 198.51.100.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    return {
        "version": "2.0",
        "routeKey": "POST /items",
        "rawPath": "/api/items",
        "rawQueryString": "",
        "headers": headers | ({"content-type": content_type} if content_type is not None else {}),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "authorizer": {"jwt": {"claims": CLAIMS, "scopes": ["aws.cognito.signin.user.admin"]}},
            "domainName": HOST,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": "/api/items",
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": "Amazon CloudFront",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /items",
            "stage": "api",
            "time": "21/Nov/2026:10:00:00 +0000",
            "timeEpoch": 1795255200000,
        },
        **({"body": body} if body is not None else {}),
        "isBase64Encoded": is_base64,
    }


CLAIMS: Final = {
    "auth_time": "1795255100",
    "client_id": "6a7b8c9d0e1f2g3h4i5j6k7l8m",
    "event_id": "3f1c1f5e-8a9b-4c6d-9e0f-1a2b3c4d5e6f",
    "exp": "1795258700",
    "iat": "1795255100",
    "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI",
    "jti": "0f9e8d7c-6b5a-4f3e-2d1c-0b9a8f7e6d5c",
    "origin_jti": "5c4d3e2f-1a0b-4c9d-8e7f-6a5b4c3d2e1f",
    "scope": "aws.cognito.signin.user.admin",
    "sub": "1d9a4b2e-7f0c-4c57-9b44-0f3c6a2b8e11",
    "token_use": "access",
    "username": "1d9a4b2e-7f0c-4c57-9b44-0f3c6a2b8e11",
}
"""Of an access token of Amazon Cognito."""
