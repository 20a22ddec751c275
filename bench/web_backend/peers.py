"""The implementations that are compared, each as a process: `python -m bench.web_backend.peers <name> [logged]`.

Answers `{event}` with `{said}`, see `said`, and `{requests}` with `{seconds}`: the CPU time of answering so many.
"""

from __future__ import annotations

import gc
import io
import json
import sys
import time
from contextlib import redirect_stdout
from importlib.metadata import version
from typing import Any, Final

from bench.web_backend.implementations import Client, Context, Handle, load
from bench.web_backend.inputs import events

PACKAGES: Final = {"fastapi-mangum": "fastapi", "powertools-validated": "aws-lambda-powertools"}
NEW: Final = "new"
"""In the place of what is another one with each request."""


def said(handle: Handle, client: Client, event: dict[str, Any]) -> dict[str, Any]:
    """What an implementation answers to an event, and puts into the table, but for ids and times.

    Of a problem it is the status alone: which words tell of it is a matter of taste.
    """
    client.put = {}
    answer = handle(event, Context())
    if answer["statusCode"] != 201:
        return {"status": answer["statusCode"], "put": client.put}
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    body, entry = json.loads(answer["body"]), client.put["Item"]
    expected = {
        "location": f"items/{body['item_id']}",
        "etag": f'"{entry["revision"]["S"]}"',
        "entry": f"item#{body['item_id']}",
    }
    found = {name: headers[name] for name in ("location", "etag")} | {"entry": entry["entry"]["S"]}
    new = {name: {"S": NEW} for name in ("entry", "revision", "updated_at")}
    return {
        "status": 201,
        "headers": {name: headers[name] for name in ("content-type", "cache-control", "x-request-id")},
        "body": body | dict.fromkeys(("item_id", "created_at", "updated_at"), NEW),
        "unexpected": {name: value for name, value in found.items() if value != expected[name]},
        "put": {**client.put, "Item": entry | new},
    }


def serve(name: str, *, logged: bool) -> None:
    """Answers requests until its input ends."""
    answers, logs, client = sys.stdout, io.StringIO(), Client()
    with redirect_stdout(logs):  # Powertools' logger keeps the stream that it finds here
        handle = load(name, client, logged=logged)
        package = PACKAGES.get(name, "msgspec")
        print(json.dumps({"ready": f"{package} {version(package)}"}), file=answers, flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            logs.truncate(logs.seek(0))
            answer: dict[str, object]
            if "event" in request:
                answer = {"said": said(handle, client, request["event"])}
            else:
                answer = {"seconds": _seconds(handle, request["requests"])}
            print(json.dumps(answer), file=answers, flush=True)


def _seconds(handle: Handle, requests: int) -> float:
    """An environment answers one request after the other."""
    different, context = events(), Context()
    rounds = requests // len(different)
    gc.collect()
    began = time.process_time()
    for _ in range(rounds):
        for event in different:
            handle(event, context)
    return (time.process_time() - began) / (rounds * len(different))


if __name__ == "__main__":
    serve(sys.argv[1], logged="logged" in sys.argv[2:])
