"""The slice ``stream_analytics`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.outcome import UseCase
from local.use_cases.stream_analytics.journey import example, run

USE_CASE = UseCase(name="stream_analytics", title="Kinesis stream analytics", run=run, example=example)
