"""The slice ``iot_backend`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.iot_backend.journey import example, run
from local.use_cases.outcome import UseCase

USE_CASE = UseCase(
    name="iot_backend", title="AWS IoT: telemetry, and a button that pushes to production", run=run, example=example
)
