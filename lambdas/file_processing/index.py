"""Lambda function behind the index queue: the only writer of the full-text index, one batch after the other."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.common.observability import InvocationContext, Observability
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.index.files import CataloguedFiles
from lambdas.file_processing.adapters.index.local import LocalCopy, own_directory
from lambdas.file_processing.adapters.index.objects import IndexObjects
from lambdas.file_processing.adapters.index.writer import IndexWriter
from lambdas.file_processing.contract import IndexSettings, Metric
from lambdas.file_processing.runtime.clients import clients
from lambdas.file_processing.runtime.consuming import Consumer, Record, consumer
from lambdas.file_processing.workflow.indexing import Indexing, Outcome, file_of


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    consumer: Consumer
    indexing: Indexing


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = IndexSettings.from_env(os.environ)
    s3, bucket = clients().s3, settings.products_bucket_name
    catalog = DynamoCatalog(clients().dynamodb, settings.catalog_table_name, keep_days=0)  # it only reads
    files = CataloguedFiles(catalog, s3, bucket, settings.limits.max_text_bytes)
    objects = IndexObjects(s3, bucket)
    local = LocalCopy(objects, own_directory(Path(tempfile.gettempdir())))
    indexing = Indexing(files, IndexWriter(objects, local, time.time), max_bytes=settings.limits.max_bytes)
    return Runtime(consumer(settings), indexing)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Makes the index agree with the catalog about each file of a batch, in one commit.

    The order of messages does not matter, so only those that cannot be read come again, until they are given up; or
    all, if the index could not be changed.
    """
    return runtime().consumer.together(event, context, _agree)


def _agree(records: Sequence[Record]) -> list[Record]:
    """Gives back messages that are none of ours."""
    observability, indexing = runtime().consumer.observability, runtime().indexing
    found = [(record, file_of(record["body"])) for record in records]
    file_ids = [file_id for _, file_id in found if file_id]
    if file_ids:
        _tell(observability, indexing.agree(file_ids))
    unreadable = [record for record, file_id in found if not file_id]
    if unreadable:
        message_ids = [record["messageId"] for record in unreadable]
        observability.logger.error("unreadable messages", extra={"message_ids": message_ids})
    return unreadable


def _tell(observability: Observability, outcome: Outcome) -> None:
    observability.count(Metric.DOCUMENTS_INDEXED, outcome.added)
    observability.count(Metric.DOCUMENTS_REMOVED, outcome.removed)
    observability.count(Metric.INDEX_CONFLICTS, outcome.conflicts)
    observability.count(Metric.INDEX_SEGMENTS, outcome.size.segments)
    observability.count(Metric.INDEX_BYTES, outcome.size.bytes)
    observability.count(Metric.TEXTS_LEFT_OUT, len(outcome.without_text))
    facts = {"added": outcome.added, "removed": outcome.removed, "bytes": outcome.size.bytes}
    observability.logger.info("indexed", extra=facts)
    if outcome.without_text:
        observability.logger.error(
            "texts left out: the index is full, or they are gone; raise the limit and send the files' ids again",
            extra={"file_ids": sorted(outcome.without_text)},
        )
