"""The Analyze function as a process: `python -m bench.log_analysis.function`.

Answers every line with what an invocation takes, see `bench.invocations.Usage`, and how many log events it is about on
average: of small deliveries, as quiet log groups have them, and of large ones.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import Any, Final

from bench.invocations import Context, measured
from bench.log_analysis.inputs import deliveries
from bench.wire import Aws
from lambdas.log_analysis.contract import ENTRY, PARTITION, AnalyzeSettings, Detection, Limits, Retention

SECONDS: Final = {"small": 5, "large": 60}
"""Of a stream's lines, that come together."""
BEFORE, MEASURED = range(12), range(12, 15)
"""Minutes: the learning period, and some after it."""


def settings() -> AnalyzeSettings:
    """As the stack sets them."""
    return AnalyzeSettings(
        service="LogAnalysis",
        metrics_namespace="LogAnalysis",
        signatures_table_name="LogAnalysis-Signatures-1ABCDEFGHIJKL",
        alerts_topic_arn="arn:aws:sns:us-east-1:123456789012:LogAnalysis-Alerts-1ABCDEFGHIJKL",
        own_log_group_name="LogAnalysis-AnalyzeLogs-1ABCDEFGHIJKL",
        limits=Limits(),
        detection=Detection(learning_minutes=10),
        retention=Retention(seen_days=15),
    )


def serve() -> None:
    """Answers requests until its input ends."""
    answers, logs = sys.stdout, io.StringIO()
    with redirect_stdout(logs):  # Powertools' logger keeps the stream that it finds here
        os.environ |= settings().to_env() | {"AWS_DEFAULT_REGION": "us-east-1"}
        aws = Aws(PARTITION, ENTRY)
        from lambdas.log_analysis import analyze

        def handle(event: Any, context: Any) -> dict[str, Any]:
            analyze.handler(event, context)
            return {}

        def usages() -> dict[str, Any]:
            found: dict[str, Any] = {}
            for name, seconds in SECONDS.items():
                aws.reset()
                analyze.runtime.cache_clear()
                for _, event in deliveries(seconds, BEFORE):
                    handle(event, Context())
                counted = list(deliveries(seconds, MEASURED))
                found[name] = asdict(measured(aws, logs, handle, [event for _, event in counted]))
                found[f"{name} events"] = sum(number for number, _ in counted) / len(counted)
            return found

        print(json.dumps({"ready": "the function"}), file=answers, flush=True)
        for _ in sys.stdin:
            print(json.dumps(usages()), file=answers, flush=True)


if __name__ == "__main__":
    serve()
