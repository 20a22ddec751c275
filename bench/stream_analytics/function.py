"""The whole Analyze function as a process: `python -m bench.stream_analytics.function [index]`.

Answers `{paths, parse}` with `{seconds, usage}`: the CPU time of handling the events in those files one after the
other, as one execution environment does, with boto3 at work but AWS in memory; and what was called, written and logged.
"""

from __future__ import annotations

import gc
import io
import json
import os
import sys
import time
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from bench.wire import Aws, size
from lambdas.common.tables.metrics import layout
from lambdas.stream_analytics.contract import AnalyzeSettings, Limits

KEYS = ("metric", "period_and_shard", "shard_id", "entry", "order_id", "entity", "time_and_origin")


class Context(NamedTuple):
    """What the function reads of Lambda's context."""

    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


def settings(*, index: bool) -> AnalyzeSettings:
    """As a stack with the clickstream recipe sets them."""
    return AnalyzeSettings(
        service="Analyze",
        metrics_namespace="StreamAnalytics",
        recipes=("clickstream",),
        limits=Limits(),
        progress_table_name="StreamAnalytics-ProgressTable-1ABCDEFGHIJKL",
        metrics_table_name="StreamAnalytics-MetricsTable-1ABCDEFGHIJKL",
        orders_table_name="StreamAnalytics-OrdersTable-1ABCDEFGHIJKL",
        index_table_name="StreamAnalytics-IndexTable-1ABCDEFGHIJKL",
        archive_bucket_name="streamanalytics-archive-1abcdefghijkl",
        quarantine_bucket_name="streamanalytics-quarantine-1abcdefghijkl",
        pseudonym_secret_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:Pseudonyms-abcdef",  # noqa: S106
        metrics_days=400,
        index=index,
        index_days=30,
        progress_days=60,
    )


def serve(*, index: bool) -> None:
    """Answers requests until its input ends."""
    answers, logs = sys.stdout, io.StringIO()
    with redirect_stdout(logs):  # Powertools' logger keeps the stream that it finds here
        os.environ |= settings(index=index).to_env()
        aws = Aws(*KEYS)
        from lambdas.stream_analytics.analyze import handler, runtime

        runtime()
        print(json.dumps({"ready": "the whole function"}), file=answers, flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            texts = [Path(path).read_text() for path in request["paths"]]
            aws.reset()
            logs.truncate(logs.seek(0))
            seconds = sum(_seconds(handler, text, parse=request["parse"]) for text in texts)
            usage = dict(aws.usage) | _stored(aws) | {"log_bytes": len(logs.getvalue())}
            print(json.dumps({"seconds": seconds - aws.seconds, "usage": usage}), file=answers, flush=True)


def _seconds(handler: Any, text: str, *, parse: bool) -> float:
    event = json.loads(text)
    gc.collect()
    began = time.process_time()
    answer = handler(json.loads(text) if parse else event, Context())
    seconds = time.process_time() - began
    if answer["batchItemFailures"]:
        raise RuntimeError(f"the function did not count everything: {answer}")
    return seconds


def _stored(aws: Aws) -> dict[str, int]:
    """Bytes of items: of the busiest minute in the metrics table, and of all in the progress table."""
    names = settings(index=False)
    minutes = Counter[str]()
    for item in aws.tables[names.metrics_table_name].values():
        minutes[item[layout.PERIOD_AND_SHARD]["S"]] += size(item)
    return {
        "minute_bytes": max(minutes.values()),
        "progress_bytes": sum(map(size, aws.tables[names.progress_table_name].values())),
    }


if __name__ == "__main__":
    serve(index="index" in sys.argv[1:])
