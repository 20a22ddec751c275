"""The slice ``mobile_backend`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.mobile_backend.journey import example, run
from local.use_cases.outcome import UseCase

USE_CASE = UseCase(
    name="mobile_backend", title="API Gateway and Lambda: mobile and microservices", run=run, example=example
)
