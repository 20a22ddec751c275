"""The slice ``web_backend`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.outcome import UseCase
from local.use_cases.web_backend.journey import example, run

USE_CASE = UseCase(
    name="web_backend", title="API Gateway and Lambda: web backend and website", run=run, example=example
)
