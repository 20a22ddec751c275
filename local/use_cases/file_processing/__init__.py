"""The slice ``file_processing`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.file_processing.journey import example, run
from local.use_cases.outcome import UseCase

USE_CASE = UseCase(name="file_processing", title="File processing", run=run, example=example)
