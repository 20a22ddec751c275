"""``signatures``: the errors that happened most, over time, and what the access logs tell of requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lambdas.log_analysis.adapters.reader import SignatureReader
from lambdas.log_analysis.domain.signatures import Signature
from lambdas.log_analysis.domain.tally import Requests

STEPS = 24
"""Of a sparkline."""
_BARS = "▁▂▃▄▅▆▇█"
_CANDIDATES = 3
"""Times as many as are asked for, since hours tell of more minutes than are asked about."""


@dataclass(frozen=True)
class Span:
    """Minutes since 1970."""

    first: int
    last: int

    def steps(self, minutes: Mapping[int, int]) -> list[int]:
        """Counts by minute, added up to those of `STEPS` equal parts."""
        steps = [0] * STEPS
        for minute, count in minutes.items():
            steps[(minute - self.first) * STEPS // (self.last + 1 - self.first)] += count
        return steps


@dataclass(frozen=True, kw_only=True)
class Row:
    """A signature and how often it happened."""

    log_group: str
    signature: Signature
    steps: Sequence[int]
    """Counts over time, each of an equal part of it."""
    last: int
    """Minute since 1970 in which it was last seen."""

    @property
    def count(self) -> int:
        """Together."""
        return sum(self.steps)


@dataclass(frozen=True)
class Group:
    """A log group."""

    name: str
    rows: Sequence[Row]
    """First the one that happened most."""
    requests: Requests


def top(reader: SignatureReader, span: Span, log_groups: Sequence[str], most: int) -> list[Group]:
    """The log groups with those of their signatures that are among ``most`` of all, and their requests."""
    rows = {name: _rows(reader, span, name, most) for name in log_groups}
    ranked = sorted((row.count for each in rows.values() for row in each), reverse=True)
    least = min(ranked[:most], default=0)
    return [
        Group(
            name,
            [row for row in rows[name] if row.count >= least],
            together(reader.requests(name, span.first, span.last).values()),
        )
        for name in log_groups
    ]


def _rows(reader: SignatureReader, span: Span, log_group: str, most: int) -> list[Row]:
    signatures = reader.signatures(log_group)
    hourly = reader.hourly(log_group, signatures, span.first, span.last)
    about = {each.id: sum(hourly[each.id].values()) for each in signatures}
    candidates = sorted(signatures, key=lambda each: -about[each.id])[: most * _CANDIDATES]
    rows = []
    for signature in candidates:
        minutes = reader.counts(log_group, signature, span.first, span.last) if about[signature.id] else {}
        if minutes:
            rows.append(Row(log_group=log_group, signature=signature, steps=span.steps(minutes), last=max(minutes)))
    return sorted(rows, key=lambda row: (-row.count, row.signature.template))


def together(requests: Iterable[Requests]) -> Requests:
    """The sum of some."""
    found = Requests()
    for each in requests:
        found.number += each.number
        found.size += each.size
        found.statuses.update(each.statuses)
        found.cells.update(each.cells)
    return found


def sparkline(values: Sequence[int]) -> str:
    """A character for each value, as high as it is beside the highest; the lowest is none, as pages drop blanks."""
    highest = max([*values, 1])
    return "".join(_BARS[-(-value * (len(_BARS) - 1) // highest)] for value in values)
