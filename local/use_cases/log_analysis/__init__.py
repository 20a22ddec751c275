"""The slice ``log_analysis`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.log_analysis.journey import example, run
from local.use_cases.outcome import UseCase

USE_CASE = UseCase(name="log_analysis", title="CloudWatch Logs: event-driven log analysis", run=run, example=example)
