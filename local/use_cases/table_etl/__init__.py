"""The slice ``table_etl`` in the laptop cloud."""

from __future__ import annotations

from local.use_cases.outcome import UseCase
from local.use_cases.table_etl.journey import example, run

USE_CASE = UseCase(name="table_etl", title="DynamoDB stream ETL", run=run, example=example)
