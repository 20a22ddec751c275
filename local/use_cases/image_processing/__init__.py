"""The slice ``image_processing`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.image_processing.journeys import example, run
from local.use_cases.outcome import UseCase

USE_CASE = UseCase(name="image_processing", title="S3 image processing", run=run, example=example)
