"""What the page shows of the log groups: their errors over time, and requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from lambdas.log_analysis.domain.latencies import percentile
from lambdas.log_analysis.domain.tally import Requests
from local import charts
from local.charts import Series, plain, rounded
from local.use_cases.log_analysis.alerts import Alert
from local.use_cases.log_analysis.checks import Minutes
from local.use_cases.log_analysis.lines import MINUTES
from local.use_cases.outcome import Figure, Listing
from tools.signatures import Row, sparkline, together

_STEP = 3
"""Minutes of a bar."""
_RANKS = ("first", "second", "third")
"""Signatures that are drawn, as they stand in the table; templates are too long for a legend."""
_TEMPLATE = 90
"""Characters of a template in a table."""
_PERCENTS = (50, 99)
_CLASSES = {2: "well", 4: "the client was wrong", 5: "the server failed"}


@dataclass(frozen=True)
class Gallery:
    """Draws charts into the page's directory, of all minutes of the demo."""

    directory: Path
    start: datetime

    @property
    def first(self) -> int:
        """Minute since 1970."""
        return int(self.start.timestamp()) // 60

    def errors(self, name: str, rows: Sequence[Row], counts: Mapping[str, Minutes]) -> Figure:
        """The signatures that happened most, over time; the others are one."""
        most = rows[: len(_RANKS)]
        series = [
            Series(rank, self._steps(counts[each.signature.id])) for rank, each in zip(_RANKS, most, strict=False)
        ]
        rest = Counter[int]()
        for signature, minutes in counts.items():
            if signature not in {each.signature.id for each in most}:
                rest.update(minutes)
        series.append(Series("others", self._steps(rest)))
        return self._bars(f"{name}-errors", f"Errors per {_STEP} minutes", series)

    def requests(self, name: str, found: Mapping[int, Requests]) -> Iterator[Figure]:
        """Of an access log, by minute since 1970: how many went well, and how long they took."""
        grouped = [[found[at] for at in self._minutes(tick) if at in found] for tick in range(MINUTES // _STEP)]
        totals = [together(each) for each in grouped]
        series = [Series(text, [each.statuses[status] for each in totals]) for status, text in _CLASSES.items()]
        yield self._bars(f"{name}-requests", f"Requests per {_STEP} minutes", series)
        times = [Series(f"p{percent}", [percentile(each.cells, percent) for each in totals]) for percent in _PERCENTS]
        chart = charts.lines("Latency in ms", self._ticks, times, text=rounded)
        yield charts.figure(chart, self.directory, f"{name}-latency")

    def _minutes(self, tick: int) -> range:
        return range(self.first + tick * _STEP, self.first + (tick + 1) * _STEP)

    def _steps(self, counts: Minutes) -> list[int]:
        """``counts`` by minute since the demo's beginning."""
        return [sum(counts.get(tick * _STEP + at, 0) for at in range(_STEP)) for tick in range(MINUTES // _STEP)]

    @property
    def _ticks(self) -> list[str]:
        return [f"{self.start + timedelta(minutes=tick * _STEP):%H:%M}" for tick in range(MINUTES // _STEP)]

    def _bars(self, name: str, title: str, series: Sequence[Series]) -> Figure:
        return charts.figure(charts.bars(title, self._ticks, series, text=plain), self.directory, name)


def top(rows: Iterable[Row], told: Mapping[str, str]) -> Listing:
    """The signatures that happened most; ``told`` says by id what alerts told of them."""
    return Listing(
        title="Top signatures",
        heads=("Signature", "Over time", "Errors", "Alert"),
        rows=tuple(
            (
                _cut(row.signature.template, _TEMPLATE),
                sparkline(row.steps),
                f"{row.count:,}",
                told.get(row.signature.id, ""),
            )
            for row in rows
        ),
        numbers=(2,),
        whole=True,
    )


def alerts(found: Iterable[Alert], names: Mapping[str, str], templates: Mapping[str, str], query: str) -> Listing:
    """What somebody was told, with the query of one of them; ``names`` are of log groups."""
    return Listing(
        title="Alerts, and what one of them gives to be pasted into Logs Insights",
        heads=("Minute (UTC)", "Log group", "Kind", "Signature"),
        rows=tuple(
            (
                each.minute[11:],
                names[each.log_group],
                each.kind,
                _cut(templates.get(each.signature, each.signature), _TEMPLATE),
            )
            for each in sorted(found, key=lambda each: each.minute)
        ),
        code=query,
        whole=True,
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
