"""The Telemetry function as a process: `python -m bench.iot_backend.functions`.

Answers every line with what an invocation takes, see `bench.invocations.Usage`: of a message that crosses no threshold,
of one that does, and of one whose readings are forwarded to stream analytics as well.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from itertools import count
from typing import Any, Final
from unittest.mock import patch

from bench.invocations import Usage, measured
from bench.iot_backend.inputs import CERTIFICATE, DEVICE, THRESHOLDS, event
from bench.wire import Aws
from lambdas.iot_backend.contract import ENTRY, TelemetryLimits, TelemetrySettings
from lambdas.iot_backend.contract.devices import DEVICE_ID, Enrolment, Kind

EACH: Final = 50
"""Invocations that are averaged."""
TABLE: Final = "IotBackend-Devices-1ABCDEFGHIJKL"
COLD, HOT = 21.4, 36.2


def settings(stream: str | None) -> TelemetrySettings:
    """As the stack sets them."""
    return TelemetrySettings(
        service="Telemetry",
        metrics_namespace="IotBackend",
        device_table_name=TABLE,
        quarantine_bucket_name="iot-backend-quarantine-1abcdefghijkl",
        alerts_topic_arn="arn:aws:sns:us-east-1:123456789012:IotBackend-Alerts-1ABCDEFGHIJKL",
        analytics_stream_name=stream,
        thresholds=THRESHOLDS,
        limits=TelemetryLimits(),
        lease_seconds=30,
    )


def serve() -> None:
    """Answers requests until its input ends."""
    answers, logs = sys.stdout, io.StringIO()
    with redirect_stdout(logs):  # Powertools' logger keeps the stream that it finds here
        os.environ |= settings(None).to_env() | {"AWS_DEFAULT_REGION": "us-east-1"}
        aws = Aws(DEVICE_ID, ENTRY)
        from lambdas.iot_backend import telemetry
        from lambdas.iot_backend.adapters.entries import attributes, key
        from lambdas.iot_backend.contract.devices import ENROLMENT

        wirings = {}
        for name, stream in (("plain", None), ("wired", "StreamAnalytics-Events-1ABCDEFGHIJKL")):
            os.environ |= settings(stream).to_env()
            telemetry.runtime.cache_clear()
            wirings[name] = telemetry.runtime()
        enrolment = Enrolment(
            kind=Kind.SENSOR,
            principal=CERTIFICATE,
            client_id=DEVICE,
            enrolled_at="2026-11-25T00:00:00.000Z",
            enrolled_by="arn:aws:iam::123456789012:user/somebody",
        )

        def handled(wiring: str, events: Sequence[Mapping[str, Any]]) -> Usage:
            def handle(message: Any, context: Any) -> dict[str, Any]:
                telemetry.handler(message, context)
                return {}

            with patch.object(telemetry, "runtime", lambda: wirings[wiring]):
                return measured(aws, logs, handle, events)

        def usages() -> dict[str, Usage]:
            aws.reset()
            item = key(DEVICE, ENROLMENT) | attributes(enrolment)
            aws.answer("PutItem", {"TableName": TABLE, "Item": item})
            numbers = count()
            handled("plain", [event(next(numbers), COLD)])  # makes the state that all others replace
            return {
                "message": handled("plain", [event(next(numbers), COLD) for _ in range(EACH)]),
                "crossing": handled("plain", [event(next(numbers), each) for each in [HOT, COLD] * (EACH // 2)]),
                "forwarded": handled("wired", [event(next(numbers), COLD) for _ in range(EACH)]),
            }

        usages()  # the first call of a client loads its model
        print(json.dumps({"ready": "the function"}), file=answers, flush=True)
        for _ in sys.stdin:
            print(json.dumps({name: asdict(each) for name, each in usages().items()}), file=answers, flush=True)


if __name__ == "__main__":
    serve()
