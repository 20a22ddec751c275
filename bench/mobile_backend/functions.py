"""The four functions as a process: `python -m bench.mobile_backend.functions`.

Answers every line with what an invocation takes, by operation of the API and by consumer, see
`bench.invocations.Usage`: of users who have two devices and have been told of 25 things.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid4

from urllib3 import PoolManager

from bench.invocations import Usage, measured
from bench.mobile_backend import inputs
from bench.mobile_backend.inputs import DEVICES, DIGEST, batch, message, request
from bench.wire import Aws
from lambdas.common.settings import Settings
from lambdas.mobile_backend.contract import (
    ENTRY,
    NOTIFICATION_ID,
    RECIPIENT,
    USER_ID,
    ApiSettings,
    AuditSettings,
    DigestSettings,
    Limits,
    PlatformApplications,
    PushSettings,
)

EACH: Final = 50
"""Invocations that are averaged."""
TOLD: Final = 25
"""Notifications of a user."""
TOLD_ALL: Final = {"service": "MobileBackend", "metrics_namespace": "MobileBackend"}
TABLE: Final = "MobileBackend-Devices-1ABCDEFGHIJKL"
AUDIT: Final = "MobileBackend-AuditTrail-1ABCDEFGHIJKL"
SECRET: Final = {"url": "https://mail.example.com/v1/mails", "api_key": "k", "sender": "gallery@example.com"}
APPLICATION: Final = "arn:aws:sns:us-east-1:123456789012:app/APNS/gallery"


def settings() -> list[Settings]:
    """As the stack sets them, of all functions."""
    return [
        ApiSettings(
            devices_table_name=TABLE,
            audit_table_name=AUDIT,
            topic_arn="arn:aws:sns:us-east-1:123456789012:MobileBackend-Notifications-1ABCDEFGHIJKL",
            platform_applications=PlatformApplications(apns=APPLICATION),
            limits=Limits(),
            **TOLD_ALL,
        ),
        PushSettings(devices_table_name=TABLE, **TOLD_ALL),
        DigestSettings(
            devices_table_name=TABLE,
            user_pool_id="us-east-1_AbCdEfGhI",
            mail_secret_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:MailProvider-abcdef",  # noqa: S106
            **TOLD_ALL,
        ),
        AuditSettings(audit_table_name=AUDIT, **TOLD_ALL),
    ]


def device(number: int) -> dict[str, Any]:
    """A registration of one of a user's devices."""
    return request("POST /devices", {"platform": "apns", "token": f"{number:064x}"})


def work() -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Name, function and events, in an order in which each finds what it needs."""
    yield "register_device", "api", [device(number % DEVICES) for number in range(EACH)]
    yield "audit", "audit", [batch([message()]) for _ in range(TOLD)]
    yield "push", "push", [batch([message()]) for _ in range(EACH)]
    yield "digest", "digest", [batch(message(str(uuid4())) for _ in range(DIGEST)) for _ in range(EACH // 10)]
    yield "list_devices", "api", [request("GET /devices")] * EACH
    yield "list_notifications", "api", [request("GET /notifications")] * EACH
    draft = {"title": inputs.TITLE, "text": inputs.TEXT}
    yield (
        "notify",
        "api",
        [request("POST /notifications", draft, {"Idempotency-Key": str(uuid4())}) for _ in range(EACH)],
    )


def serve() -> None:
    """Answers requests until its input ends."""
    answers, logs = sys.stdout, io.StringIO()
    with redirect_stdout(logs):  # Powertools' logger keeps the stream that it finds here
        for each in settings():
            os.environ |= each.to_env()
        os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
        aws = Aws(USER_ID, ENTRY, RECIPIENT, NOTIFICATION_ID)
        aws.secret = json.dumps(SECRET)
        from lambdas.mobile_backend import api, audit, digest, push

        handlers = {"api": api.handler, "audit": audit.handler, "digest": digest.handler, "push": push.handler}

        def mail(*_: object, **__: object) -> Any:
            aws.usage["Mail"] += 1
            return SimpleNamespace(status=202, data=b"")

        def usages() -> dict[str, Usage]:
            aws.reset()
            return {name: measured(aws, logs, handlers[function], events) for name, function, events in work()}

        with patch.object(PoolManager, "request", mail):
            usages()  # the first call of a client loads its model
            print(json.dumps({"ready": "all functions"}), file=answers, flush=True)
            for _ in sys.stdin:
                found = {name: asdict(each) for name, each in usages().items()}
                print(json.dumps(found), file=answers, flush=True)


if __name__ == "__main__":
    serve()
