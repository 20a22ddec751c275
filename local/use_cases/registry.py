"""The use cases that `make demo` shows and `make up` gives an example of."""

from __future__ import annotations

from local.use_cases import (
    backups,
    file_processing,
    image_processing,
    iot_backend,
    log_analysis,
    mobile_backend,
    stream_analytics,
    table_etl,
    web_backend,
)
from local.use_cases.outcome import UseCase

USE_CASES: tuple[UseCase, ...] = (
    image_processing.USE_CASE,
    stream_analytics.USE_CASE,
    table_etl.USE_CASE,
    # After the others, which find nothing but what they put there themselves.
    web_backend.USE_CASE,
    mobile_backend.USE_CASE,
    iot_backend.USE_CASE,
    backups.USE_CASE,
    log_analysis.USE_CASE,
    file_processing.USE_CASE,
)
