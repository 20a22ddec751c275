"""Requests per second of the deployed stack in the laptop cloud, which runs a function for real; for information."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from statistics import median_low
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from bench.harness import BenchError, Case, Row
from bench.web_backend.inputs import drafts
from local.cloud import laptop_cloud
from local.use_cases.clients import JSON, Client, Reply
from local.use_cases.people import signed_up

CASE: Final = "laptop"
REQUESTS: Final = 100
"""One after the other; the first ten start the function, and are not counted."""
WARM_UP: Final = 10
UNIT: Final = "requests/s"
NOTE: Final = (
    "for information: one request after the other, on one core, by the emulator, the function, and all that it calls"
)


def cases() -> dict[str, Case]:
    """One case, in a row."""
    return {CASE: _laptop}


def _laptop() -> Iterator[Row]:
    with laptop_cloud() as cloud:
        cloud.deploy("WebBackend")
        outputs = cloud.outputs["WebBackend"]
        somebody = signed_up(cloud.client("cognito-idp"), outputs["UserPoolClientId"], "somebody@example.com")
        url = urlsplit(outputs["ApiUrl"])
        client = Client(address=url.netloc, base=url.path, headers=somebody.authorization)
        body = json.dumps(drafts(1)[0]).encode()
        health = _a_second(lambda: client.send("GET", "/health"))
        posts = _a_second(lambda: client.send("POST", "/items", body, {"content-type": JSON}))
    yield Row(CASE, "GET /health", posts, health, UNIT, posts / health, f"ours: POST /items; {NOTE}")


def _a_second(send: Callable[[], Reply]) -> float:
    """Of the median request. Raises BenchError for one that fails."""
    taken = []
    for _ in range(REQUESTS):
        began = perf_counter()
        reply = send()
        taken.append(perf_counter() - began)
        if reply.status >= 300:
            raise BenchError(f"the laptop cloud answers {reply.status}: {reply.text}")
    return 1 / median_low(taken[WARM_UP:])
