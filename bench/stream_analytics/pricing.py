"""Measures what batches of plain and of packed records use, and prints the bill of `bill.MONTH_EVENTS`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median_low
from typing import Any, Final

from rich.table import Table

from bench.bill import Line, printed, total
from bench.harness import BUILD, Case, Row
from bench.stream_analytics.bill import MONTH_EVENTS, Month, Usage, billion
from bench.stream_analytics.inputs import invocations
from bench.stream_analytics.measurements import start_function
from prices import prices

CASE: Final = "price"
PATH: Final = BUILD / "stream_analytics-prices.json"
ROUNDS: Final = 5
PLAIN, PACKED = "plain", "packed"


def cases() -> dict[str, Case]:
    """One case, in a row; the bill itself is a table of its own."""
    return {CASE: _price}


def _price() -> Iterator[Row]:
    # Ten seconds of one shard: 1,000 plain records a second, or 1 MB of packed ones.
    plain = invocations("plain", 1000, 10)
    packed = invocations("packed", 10_000, 4, per_second=4000)
    usages = {PLAIN: measured(plain, 1000), PACKED: measured(packed, 10_000)}
    indexed = {PLAIN: measured(plain[:2], 1000, index=True), PACKED: measured(packed[:1], 10_000, index=True)}
    bills = {}
    for name, usage in usages.items():
        month = Month(usage, prices())
        lines = month.lines()
        options = [*month.of_index(indexed[name]), *map(month.of_requests, (1, 1000))]
        bills[name] = [*lines, total(lines, "total, with shards"), *options]
    _write(usages, bills)
    ours, theirs = (billion(total(bills[name])) for name in (PACKED, PLAIN))
    note = "ours: packed records, theirs: plain ones, both with our function; the bill is below"
    yield Row(CASE, PLAIN, ours, theirs, "$/10⁹ events", theirs / ours, note)


def measured(paths: Sequence[Path], events: int, *, index: bool = False) -> Usage:
    """Averages over consecutive batches of a shard, each of ``events``; the CPU time is the median of a few runs."""
    files = [str(path) for path in paths]
    with start_function(index=index) as function:
        function.ask({"paths": files[:1], "parse": True})  # the first call of a client loads its model
        answers = [function.ask({"paths": files, "parse": True}) for _ in range(1 if index else ROUNDS)]
    usage = answers[0]["usage"]
    records = [each["kinesis"] for path in paths for each in json.loads(path.read_text())["Records"]]
    sizes = [len(each["data"]) * 3 // 4 + len(each["partitionKey"]) for each in records]

    def each(name: str) -> float:
        return float(usage.get(name, 0)) / len(paths)

    return Usage(
        events=events,
        records=len(records) / len(paths),
        record_bytes=mean(sizes),
        seconds=median_low(answer["seconds"] for answer in answers) / len(paths),
        calls={name: each(name) for name in CALLS},
        write_units=each("write_units"),
        index_units=each("index_units"),
        read_units=each("read_units"),
        s3_bytes=each("s3_bytes"),
        log_bytes=each("log_bytes"),
        progress_bytes=each("progress_bytes"),
        minute_bytes=float(usage["minute_bytes"]),
    )


CALLS: Final = ("GetItem", "BatchGetItem", "TransactWriteItems", "BatchWriteItem", "PutObject")


def _write(usages: dict[str, Usage], bills: dict[str, list[Line]]) -> None:
    used = {each.retrieved.isoformat() for each in prices().values()}
    content: dict[str, Any] = {"events": MONTH_EVENTS, "prices": {"region": "us-east-1", "retrieved": sorted(used)}}
    for name, usage in usages.items():
        content[name] = {
            "usage": asdict(usage),
            "lines": [asdict(line) | {"billion": billion(line)} for line in bills[name]],
        }
    BUILD.mkdir(parents=True, exist_ok=True)
    PATH.write_text(json.dumps(content, indent=1) + "\n")


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """The bill, if this run has reckoned it."""
    if not any(row.case == CASE for row in rows):
        return
    content = json.loads(PATH.read_text())
    region, retrieved = content["prices"]["region"], content["prices"]["retrieved"][-1]
    title = f"stream_analytics: dollars, list prices of {region} as of {retrieved}"
    headings = {
        f"{name}: {of}": of == "how much"
        for name in (PLAIN, PACKED)
        for of in ("how much", "per 10⁹", "per 10¹¹ a month")
    }
    pairs = zip(content[PLAIN]["lines"], content[PACKED]["lines"], strict=True)
    yield printed(title, headings, (_row(*pair) for pair in pairs), _caption(content))


def _row(*lines: dict[str, Any]) -> tuple[Line, list[str]]:
    cells = ([line["quantity"], f"{line['billion']:,.2f}", f"{line['month']:,.0f}"] for line in lines)
    return Line(lines[0]["what"], "", lines[0]["month"], lines[0]["counts"]), [cell for each in cells for cell in each]


def _caption(content: dict[str, Any]) -> str:
    plain, packed = (
        f"{name}: {usage['events']:,.0f} events a batch, {usage['seconds'] / usage['events'] * 1e6:.1f} µs of CPU each"
        for name in (PLAIN, PACKED)
        for usage in [content[name]["usage"]]
    )
    return f"{plain}; {packed}; 38,600 events a second; lines in grey are not part of the total"
