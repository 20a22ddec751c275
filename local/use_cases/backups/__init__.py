"""The slice ``backups`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.backups.journey import example, run
from local.use_cases.outcome import UseCase

USE_CASE = UseCase(name="backups", title="EventBridge Scheduler: automated backups", run=run, example=example)
