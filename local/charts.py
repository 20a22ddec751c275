"""Charts as SVG: small, readable without colours and without eyes, in light and dark.

Every value stands in the description and beside or behind its mark, as text; nothing is told by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from pathlib import Path

from local.use_cases.outcome import Figure

Number = int | float | Decimal
Text = Callable[[Number], str]

_WIDTH = 560
_HEIGHT = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 30, 22
_ROW = 25
_NAMES = 214
"""Room for names beside horizontal bars."""
_LONGEST_NAME = 30
_NOTHING = "nothing"
_LEGEND_LETTER = 6.6
"""Mean width of a letter in the legend's size."""

_STYLE = """
svg { --card: #fff; --ink: #1b1d21; --soft: #5d626b; --line: #dfdcd5;
  --c0: #3567b5; --c1: #c2571a; --c2: #23794a; --c3: #8e4ab8; --c4: #8a6d00; --c5: #b8336a;
  font: 12px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --card: #1e2125; --ink: #eceae5; --soft: #a3a8b1; --line: #343940;
  --c0: #7aa7ee; --c1: #f0955a; --c2: #6fd39b; --c3: #c79bea; --c4: #e0bb4a; --c5: #f08cb0; } }
text { fill: var(--ink); } .soft { fill: var(--soft); font-size: 11px; }
.back { fill: var(--card); } .grid { stroke: var(--line); } .end { text-anchor: end; } .middle { text-anchor: middle; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .band { opacity: 0.22; }
"""
_DASHES = ("none", "6 3", "2 3", "9 3 2 3", "1 2", "4 2 1 2")
"""Lines differ in more than their colours; a chart has at most so many series."""


@dataclass(frozen=True)
class Series:
    """One value for each tick; None where there is none."""

    name: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Chart:
    """A drawing, and all that it tells as text."""

    title: str
    description: str
    drawn: str
    height: int = _HEIGHT

    @property
    def svg(self) -> str:
        """A document of its own."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {self.height}" role="img" '
            f'aria-labelledby="title description"><title id="title">{escape(self.title)}</title>'
            f'<desc id="description">{escape(self.description)}</desc><style>{_STYLE}</style>'
            f'<rect class="back" width="{_WIDTH}" height="{self.height}"/>{self.drawn}</svg>\n'
        )


def figure(chart: Chart, directory: Path, name: str, facts: tuple[str, ...] = ()) -> Figure:
    """The chart as a file in the page's directory of a use case."""
    path = directory / f"{name}.svg"
    path.write_text(chart.svg)
    file = f"{directory.name}/{path.name}"
    return Figure(title=chart.title, alt=f"{chart.title}: {chart.description}", file=file, facts=facts, chart=True)


def plain(value: Number) -> str:
    """A number with thousands apart, and no more decimal places than it has."""
    return f"{value:,}"


def rounded(value: Number) -> str:
    """A number to one decimal place."""
    return f"{value:,.1f}"


def bars(title: str, ticks: Sequence[str], series: Sequence[Series], *, text: Text = plain) -> Chart:
    """A bar for each tick, of the series one upon the other; no value is negative."""
    totals = [sum(float(each.values[at] or 0) for each in series) for at in range(len(ticks))]
    plot = _Plot.over(ticks, [0.0, *totals])
    width = plot.step * 0.7
    marks = []
    for at, tick in enumerate(ticks):
        base = 0.0
        for number, each in enumerate(series):
            value = each.values[at]
            if value is None:
                continue
            upper = base + float(value)
            top, height = plot.y(upper), plot.y(base) - plot.y(upper)
            marks.append(
                f'<rect x="{plot.x(at) - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" '
                f'fill="var(--c{number})"><title>{_told(each, tick, text(value))}</title></rect>'
            )
            base = upper
    return Chart(title, _described(ticks, series, text), plot.axes() + _legend(series) + "".join(marks))


def lines(
    title: str,
    ticks: Sequence[str],
    series: Sequence[Series],
    *,
    text: Text = rounded,
    band: tuple[Series, Series] | None = None,
) -> Chart:
    """A line for each series, with a point at each value; between the two of the band the area is filled."""
    everything = [*series, *(band or ())]
    plot = _Plot.over(
        ticks, [0.0, *(float(value) for each in everything for value in each.values if value is not None)]
    )
    marks = _band(plot, *band) if band else ""
    legend = _legend(series, dashed=True, band=f"{band[0].name} to {band[1].name}" if band else "")
    for number, each in enumerate(series):
        color = f"var(--c{number})"
        points = [(plot.x(at), plot.y(float(value))) for at, value in enumerate(each.values) if value is not None]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        marks += f'<polyline class="curve" points="{path}" stroke="{color}" stroke-dasharray="{_DASHES[number]}"/>'
    for number, each in enumerate(everything):
        for at, value in enumerate(each.values):
            if value is not None:
                fill, radius = (f"var(--c{number})", 3) if number < len(series) else ("transparent", 5)
                marks += (
                    f'<circle cx="{plot.x(at):.1f}" cy="{plot.y(float(value)):.1f}" r="{radius}" fill="{fill}">'
                    f"<title>{_told(each, ticks[at], text(value))}</title></circle>"
                )
    return Chart(title, _described(ticks, everything, text), plot.axes() + legend + marks)


def _band(plot: _Plot, lower: Series, upper: Series) -> str:
    both = [at for at, value in enumerate(lower.values) if value is not None and upper.values[at] is not None]
    edge = [(at, lower.values[at]) for at in both] + [(at, upper.values[at]) for at in reversed(both)]
    path = " ".join(f"{plot.x(at):.1f},{plot.y(float(value or 0)):.1f}" for at, value in edge)
    return f'<polygon class="band" points="{path}" fill="var(--c0)"/>'


def rows(title: str, values: Sequence[tuple[str, Number]], *, text: Text = plain) -> Chart:
    """A horizontal bar for each name, in the order given, with its value behind it; no value is negative."""
    most = max((float(value) for _, value in values), default=0) or 1
    widest = max((len(text(value)) for _, value in values), default=0) * 7
    marks = ""
    for at, (name, value) in enumerate(values):
        y, length = at * _ROW + 6, float(value) / most * (_WIDTH - _NAMES - widest - 20)
        short = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"  # ends of addresses differ
        marks += (
            f'<text class="end" x="{_NAMES - 8}" y="{y + 14}">{escape(short)}<title>{escape(name)}</title></text>'
            f'<rect x="{_NAMES}" y="{y}" width="{length:.1f}" height="{_ROW - 6}" rx="2" fill="var(--c0)"/>'
            f'<text x="{_NAMES + length + 6:.1f}" y="{y + 14}">{escape(text(value))}</text>'
        )
    if not values:
        marks = f'<text class="soft" x="8" y="20">{_NOTHING}</text>'
    described = "; ".join(f"{name} {text(value)}" for name, value in values)
    return Chart(title, described or _NOTHING, marks, max(1, len(values)) * _ROW + 10)


# --- parts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plot:
    """Where values are drawn."""

    ticks: Sequence[str]
    low: float
    high: float
    interval: float

    @classmethod
    def over(cls, ticks: Sequence[str], values: Sequence[float]) -> _Plot:
        """Room for all values, between round numbers."""
        span = max(values) - min(values) or 1
        power = 10 ** math.floor(math.log10(span / 4))
        interval = next(step * power for step in (1, 2, 2.5, 5, 10) if span / (step * power) <= 4)
        low, high = (math.floor(min(values) / interval) * interval, math.ceil(max(values) / interval) * interval)
        return cls(ticks, low, high if high > low else low + interval, interval)

    @property
    def step(self) -> float:
        """Width of a tick."""
        return (_WIDTH - _LEFT - _RIGHT) / len(self.ticks)

    def x(self, at: int) -> float:
        """Middle of a tick."""
        return _LEFT + (at + 0.5) * self.step

    def y(self, value: float) -> float:
        """Height of a value."""
        return _HEIGHT - _BOTTOM - (value - self.low) / (self.high - self.low) * (_HEIGHT - _TOP - _BOTTOM)

    def axes(self) -> str:
        """Grid lines with their values, and the ticks' names, as many as there is room for."""
        drawn = ""
        for number in range(round((self.high - self.low) / self.interval) + 1):
            value = self.low + number * self.interval
            y = self.y(value)
            drawn += f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            drawn += f'<text class="soft end" x="{_LEFT - 6}" y="{y + 4:.1f}">{_short(value)}</text>'
        every = math.ceil(len(self.ticks) / 5)
        for at in range(0, len(self.ticks), every):
            drawn += f'<text class="soft middle" x="{self.x(at):.1f}" y="{_HEIGHT - 6}">{escape(self.ticks[at])}</text>'
        return drawn


def _short(value: float) -> str:
    """A round number in the room that there is beside an axis."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _legend(series: Sequence[Series], *, dashed: bool = False, band: str = "") -> str:
    """How the series are drawn; a single one needs no name beside the chart's title."""
    drawn, x = "", float(_LEFT)
    if len(series) == 1 and not band:
        return drawn
    for number, each in enumerate(series):
        color = f"var(--c{number})"
        if dashed:
            drawn += f'<path class="curve" d="M{x:.1f} 13h16" stroke="{color}" stroke-dasharray="{_DASHES[number]}"/>'
        else:
            drawn += f'<rect x="{x + 3:.1f}" y="8" width="10" height="10" rx="2" fill="{color}"/>'
        drawn += f'<text class="soft" x="{x + 20:.1f}" y="17">{escape(each.name)}</text>'
        x += len(each.name) * _LEGEND_LETTER + 36
    if band:
        drawn += f'<rect class="band" x="{x:.1f}" y="8" width="16" height="10" rx="2" fill="var(--c0)"/>'
        drawn += f'<text class="soft" x="{x + 20:.1f}" y="17">{escape(band)}</text>'
    return drawn


def _told(series: Series, tick: str, value: str) -> str:
    return escape(f"{tick} {series.name}: {value}")


def _described(ticks: Sequence[str], series: Sequence[Series], text: Text) -> str:
    return ". ".join(
        f"{each.name}: "
        + ", ".join(
            f"{tick} {text(value)}" for tick, value in zip(ticks, each.values, strict=True) if value is not None
        )
        for each in series
    )
