"""Log lines to measure with: those of the demo, whose truth is known; the same on every run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from bench.harness import BUILD
from lambdas.log_analysis.domain.fields import decoded
from lambdas.log_analysis.domain.found import Access
from lambdas.log_analysis.domain.messages import read
from local.use_cases.log_analysis.lines import Line, Sort, generate
from tests.events import logs

SEED: Final = 1
START: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
FOLDER: Final = BUILD / "inputs" / "log_analysis"


@cache
def lines() -> tuple[Line, ...]:
    """As they are written, in the order of time."""
    return tuple(generate(SEED, START).lines)


def texts() -> Path:
    """A file of log groups, texts and labels: what of each line is to be grouped.

    Of a JSON line that is its message; frames of a stack trace are none, and requests are read by their format.
    """
    path = FOLDER / "texts.json"
    rows = [(line.group, text, line.label) for line in lines() if (text := _text(line))]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows))
    return path


def _text(line: Line) -> str:
    if line.sort in {Sort.REQUEST, Sort.CONTINUATION} or isinstance(read(line.message), Access):
        return ""
    fields = decoded(line.message)
    return line.message if fields is None else str(fields.get("message", fields.get("msg", "")))


def deliveries(seconds: int, minutes: range) -> Iterator[tuple[int, dict[str, object]]]:
    """The events by which CloudWatch Logs hands over the lines of some minutes, and how many lines each has.

    ``seconds``: of a stream's lines, that come together.
    """
    start = int(START.timestamp()) * 1000
    batches: dict[tuple[int, str, int], list[dict[str, object]]] = {}
    for number, line in enumerate(lines()):
        if (line.milliseconds - start) // 60_000 in minutes:
            batch = batches.setdefault((line.group, line.stream, line.milliseconds // (1000 * seconds)), [])
            batch.append(logs.log_event(number, line.milliseconds, line.message))
    for (group, stream, _), batch in batches.items():
        yield len(batch), logs.event(batch, log_group=f"/demo/{group}", log_stream=stream)
