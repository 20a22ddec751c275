"""Measures what batches and compactions use, and prints the bills of a million and of a billion changes a month."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median_low
from typing import Any, Final

from rich.table import Table

from bench.bill import Line, printed, total
from bench.harness import BUILD, Case, Peer, Row
from bench.table_etl.bill import Compacting, Month, Usage, straightforward
from bench.table_etl.inputs import CHANGES, events, small_batches
from bench.table_etl.measurements import OURS, PEER, UNEQUAL, start
from bench.table_etl.staging import OBJECTS, VERSIONS, staged_files
from prices import prices

CASE: Final = "price"
PATH: Final = BUILD / "table_etl-prices.json"
ROUNDS: Final = 5
VARIANTS: Final = {
    "read model": ("read-model",),
    "with lake": ("read-model", "lake"),
    "with outlet": ("read-model", "lake", "outlet"),
}
"""Targets; the second is what a stack has by default."""
DEFAULT: Final = "with lake"
MONTHS: Final = {"10⁶": 1e6, "10⁹": 1e9}
"""Changes."""
SMALL, SMALL_BATCHES = 2, 25
"""Changes of a batch, if a million of them are spread evenly over a month: one batch in each window of 5 seconds."""


def cases() -> dict[str, Case]:
    """One case, in a row; the bills themselves are a table of their own."""
    return {CASE: _price}


def _price() -> Iterator[Row]:
    compacting = measured_compacting()
    bills: dict[str, dict[str, list[Line]]] = {}
    usages: dict[str, Usage] = {}
    theirs = measured(PEER, (), [events()[1]])
    for variant, targets in VARIANTS.items():
        usages[variant] = measured(OURS, targets, [events()[1]])
        small = measured(OURS, targets, small_batches(SMALL, SMALL_BATCHES))
        lake = compacting if "lake" in targets else None
        bills[variant] = {
            name: _bill(changes, usages[variant], small, theirs, lake) for name, changes in MONTHS.items()
        }
    _write(usages | {PEER: theirs}, compacting, bills)
    ours = sum(line.month for line in bills[DEFAULT]["10⁹"] if line.counts)
    peer = sum(line.month for line in bills[DEFAULT]["10⁹"] if line.what.startswith(PEER))
    note = f"ours: read model and lake; theirs: a table; {UNEQUAL}; the bills are below"
    yield Row(CASE, PEER, ours, peer, "$/10⁹ changes", peer / ours, note)


def _bill(changes: float, usage: Usage, small: Usage, theirs: Usage, compacting: Compacting | None) -> list[Line]:
    month = Month(changes, usage, prices(), compacting)
    lines = month.lines()
    options = [month.in_small_batches(small)] if changes == min(MONTHS.values()) else []
    if compacting:
        options.append(month.of_query())
    return [*lines, total(lines), *options, *straightforward(changes, theirs, prices())]


def measured(name: str, targets: Sequence[str], paths: Sequence[Path]) -> Usage:
    """Averages over batches, each loaded into the same tables; the CPU time is the median of a few rounds."""
    before = str(events()[0])
    requests = [{"before": before, "path": str(path), "parse": True} for path in paths]
    with start(name, *targets) as peer:
        peer.ask(requests[0])  # the first call of a client loads its model
        rounds = [[peer.ask(request) for request in requests] for _ in range(ROUNDS)]
    usage = [answer["usage"] for answer in rounds[0]]
    records = [record for path in paths for record in json.loads(path.read_text())["Records"]]

    def each(kind: str) -> float:
        return mean(float(one.get(kind, 0)) for one in usage)

    return Usage(
        changes=len(records) / len(paths),
        inserted=sum(record["eventName"] == "INSERT" for record in records) / len(paths),
        seconds=median_low(mean(answer["seconds"] for answer in answers) for answers in rounds),
        calls={call: each(call) for one in usage for call in one if call[0].isupper()},
        write_units=each("write_units"),
        projected_units=each("projected_units"),
        read_units=each("read_units"),
        stored_bytes=each("stored_bytes"),
        s3_bytes=each("s3_bytes"),
        event_units=each("event_units"),
        log_bytes=each("log_bytes"),
    )


def measured_compacting() -> Compacting:
    """From the CPU time of three runs what each part of a run takes; medians of a few rounds."""
    command = [sys.executable, "-m", "bench.table_etl.lakes", *map(str, staged_files().paths)]
    with Peer(command) as peer:
        started = float(peer.ready["seconds"])
        answers = [peer.ask({}) for _ in range(ROUNDS)]
    one, everything, more = (median_low(answer[name] for answer in answers) for name in ("one", "all", "more"))
    last = VERSIONS / OBJECTS
    version = max(0.0, everything - one) / (VERSIONS - last)
    return Compacting(
        start_seconds=started,
        run_seconds=one,
        version_seconds=version,
        row_seconds=max(0.0, more - one - version * last) / answers[0]["rows"],
        row_bytes=answers[0]["row_bytes"],
    )


def _write(usages: Mapping[str, Usage], compacting: Compacting, bills: Mapping[str, Mapping[str, list[Line]]]) -> None:
    used = sorted({each.retrieved.isoformat() for each in prices().values()})
    lake = Month(MONTHS["10⁹"], usages[DEFAULT], prices(), compacting).compactions
    content = {
        "prices": {"region": "us-east-1", "retrieved": used},
        "usage": {name: asdict(usage) for name, usage in usages.items()},
        "compacting": asdict(compacting),
        "compaction": {"seconds": lake.run_seconds, "rewritten_rows": lake.rewritten} if lake else {},
        "bills": {
            variant: {name: [asdict(line) for line in lines] for name, lines in months.items()}
            for variant, months in bills.items()
        },
    }
    BUILD.mkdir(parents=True, exist_ok=True)
    PATH.write_text(json.dumps(content, indent=1) + "\n")


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """The bills, if this run has reckoned them."""
    if not any(row.case == CASE for row in rows):
        return
    content = json.loads(PATH.read_text())
    region, retrieved = content["prices"]["region"], content["prices"]["retrieved"][-1]
    bills = {
        (variant, name): {line["what"]: Line(**line) for line in lines}
        for variant, months in content["bills"].items()
        for name, lines in months.items()
    }
    headings = {"quantity, 10⁹": False} | {f"{variant}\n{name}": False for variant, name in bills}
    title = f"table_etl: dollars a month, list prices of {region} as of {retrieved}"
    yield printed(title, headings, _rows(bills), _caption(content))


def _rows(bills: Mapping[tuple[str, str], Mapping[str, Line]]) -> Iterator[tuple[Line, list[str]]]:
    """Lines of all bills in the order of those that have most of them; empty cells where a bill lacks one."""
    for what in dict.fromkeys(what for bill in sorted(bills.values(), key=len, reverse=True) for what in bill):
        found = [bill.get(what) for bill in bills.values()]
        last = [line for line in found if line][-1]
        yield last, [last.quantity, *(f"{line.month:,.2f}" if line else "" for line in found)]


def _caption(content: Mapping[str, Any]) -> str:
    usage, run = content["usage"][DEFAULT], content["compaction"]
    return (
        f"batches of {CHANGES:,} changes, {usage['seconds'] / usage['changes'] * 1e6:.0f} µs of CPU each; the lake is "
        f"compacted every 15 minutes, at 10⁹ in {run['seconds']:,.0f} s of the 900 that a function has; reading the "
        f"stream is free, and the Glue catalog below a million objects; straightforward has no totals, no versions and "
        f"no quarantine; lines in grey are not part of the total"
    )
