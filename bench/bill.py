"""What the bills of all slices share: their lines, what is assumed of AWS, and how they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from prices import Price

MONTH_SECONDS: Final = 30 * 24 * 3600
GB: Final = 1024**3

MEMORY_MB: Final = 1769
"""With which Lambda gives one vCPU ("Configure Lambda function memory"); CPU time is that of the measuring machine."""
WAITS: Final = (
    {"GetItem": 0.004, "BatchGetItem": 0.006, "TransactWriteItems": 0.020, "BatchWriteItem": 0.010}
    | {"PutItem": 0.005, "UpdateItem": 0.005, "DeleteItem": 0.005, "Query": 0.006, "PutEvents": 0.020}
    | {
        "Mail": 0.200,
        "Publish": 0.015,
        "CreatePlatformEndpoint": 0.030,
        "SetEndpointAttributes": 0.020,
        "AdminGetUser": 0.020,
    }
    | {"PutRecords": 0.015, "SendMessage": 0.010}
    | {"PutObject": 0.040, "GetObject": 0.030, "ListObjectsV2": 0.050, "DeleteObjects": 0.050}
)
"""Seconds that a call waits for AWS, one after the other: typical ones, assumed, since they cannot be measured here."""
PLATFORM_LOG_BYTES: Final = 400
"""START, END and REPORT lines that Lambda itself writes for an invocation."""
ROUNDED_UP: Final = 0.0005
"""Seconds that are billed beside those of an invocation, on average: the last millisecond counts whole."""
POLLS: Final = 5 * 3 * 60 * 24 * 30
"""Of an empty queue in a month: Lambda begins with five at a time ("Using Lambda with Amazon SQS", AWS Lambda Developer
Guide); each is assumed to wait for 20 seconds, the longest that SQS lets it."""
SAMPLED: Final = 0.05
"""Lambda traces the first invocation of a second, and this share of the others."""

_SCALES: Final = ((1e9, " billion"), (1e6, " million"), (1, ""))


@dataclass(frozen=True)
class Line:
    """One line of a bill."""

    what: str
    quantity: str
    month: float
    """Dollars."""
    counts: bool = True
    """Whether it is part of the total: alternatives and options are not."""


def line(what: str, price: Price, units: float, *, counts: bool = True) -> Line:
    """The line of so many units in a month."""
    scale, name = next(each for each in _SCALES if units >= each[0] or each[0] == 1)
    return Line(what, f"{_short(units / scale)}{name} at {_plain(price.first)}", price.of(units), counts)


def total(lines: Iterable[Line], what: str = "total") -> Line:
    """The sum of those that count."""
    return Line(what, "", sum(each.month for each in lines if each.counts), counts=False)


def per_million(lines: Iterable[Line], units: float) -> float:
    """Dollars for a million of what so many of a month cost."""
    return total(lines).month * 1e6 / units


def waiting(calls: Mapping[str, float]) -> float:
    """Seconds that so many calls wait, one after the other; waiting is billed as computing is."""
    return sum(WAITS[name] * number for name, number in calls.items())


def traces(invocations: float) -> float:
    """Invocations of a month that are traced, if they come at a steady rate."""
    a_second = invocations / MONTH_SECONDS
    return MONTH_SECONDS * (min(1, a_second) + SAMPLED * max(0, a_second - 1))


def printed(
    title: str,
    headings: Mapping[str, bool],
    rows: Iterable[tuple[Line, Sequence[str]]],
    caption: str,
) -> Table:
    """A bill as a table. ``headings``: whether their cells may wrap; a row's line tells its name and style."""
    table = Table(title=title, title_justify="left", caption=caption)
    table.add_column("what", no_wrap=True)
    for heading, wraps in headings.items():
        table.add_column(heading, justify="right", no_wrap=not wraps)
    for each, cells in rows:
        style = "bold" if each.what.startswith("total") else None if each.counts else "dim"
        table.add_row(each.what, *cells, style=style)
    return table


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _plain(dollars: float) -> str:
    return f"{dollars:.12f}".rstrip("0").rstrip(".")
