"""Charts of the stream demo: well-formed, true to their values, and readable without seeing them."""

from __future__ import annotations

import re
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local.charts import Chart, Series, bars, lines, rows
from local.use_cases.stream_analytics.gallery import Gallery
from local.use_cases.stream_analytics.producers import EVENTS, MINUTES
from tests.local.stream import START, Reader, ran
from tools.samples.base import Item

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script>\"&"
TICKS = ("10:00", "10:01", "10:02")


def parsed(chart: Chart) -> ET.Element:
    return ET.fromstring(chart.svg)  # noqa: S314  our own


def marks(chart: Chart, tag: str) -> list[dict[str, str]]:
    """Attributes of what stands for values: what a title tells of, or has a corner radius as bars of rows."""
    found = [
        each
        for each in parsed(chart).iter(f"{SVG}{tag}")
        if each.find(f"{SVG}title") is not None or "rx" in each.attrib
    ]
    return [each.attrib for each in found]


def heights(chart: Chart) -> list[float]:
    return [float(each["height"]) for each in marks(chart, "rect") if "rx" not in each]


BARS = bars("Views", TICKS, [Series("views", [10, 40, None]), Series("clicks", [5, 1_234, 7])])
LINES = lines(
    "Temperature",
    TICKS,
    [Series("mean", [Decimal("1.25"), None, Decimal(-2)])],
    band=(Series("lowest", [Decimal(0), None, Decimal(-5)]), Series("highest", [Decimal(3), None, Decimal("8.5")])),
)
ROWS = rows("Pages", [("/a", 300), ("/b", 100), ("/c", 0)])


@pytest.mark.parametrize(
    ("chart", "values"),
    [
        (BARS, {"10:00 views: 10", "10:01 views: 40", "10:00 clicks: 5", "10:01 clicks: 1,234", "10:02 clicks: 7"}),
        (LINES, {"10:00 mean: 1.2", "10:02 mean: -2.0", "10:02 lowest: -5.0", "10:02 highest: 8.5"}),
        (ROWS, {"/a", "300", "/b", "100", "/c", "0"}),
    ],
)
def test_every_value_stands_in_the_drawing_and_in_the_description(chart: Chart, values: set[str]) -> None:
    root = parsed(chart)
    assert root.findtext(f"{SVG}title") == chart.title
    assert root.findtext(f"{SVG}desc") == chart.description
    assert root.get("role") == "img"
    drawn = [each.text for each in root.iter() if each.tag in {f"{SVG}title", f"{SVG}text"}]
    assert values <= set(drawn)
    for value in values:
        assert value.rpartition(": ")[2] in chart.description


def test_heights_of_bars_are_as_their_values_and_stand_upon_each_other() -> None:
    alone = heights(bars("Views", TICKS, [Series("views", [10, 40, 0])]))
    assert alone[1] == pytest.approx(4 * alone[0], abs=0.5)
    assert alone[2] == 0
    stacked = bars("Views", ["10:00"], [Series("views", [30]), Series("clicks", [10])])
    lower, upper = (each for each in marks(stacked, "rect") if "rx" not in each)
    assert float(lower["y"]) == pytest.approx(float(upper["y"]) + float(upper["height"]), abs=0.2)
    assert float(lower["height"]) == pytest.approx(3 * float(upper["height"]), abs=0.5)
    assert lower["fill"] != upper["fill"]


def test_lengths_of_rows_are_as_their_values() -> None:
    first, second, third = (float(each["width"]) for each in marks(ROWS, "rect"))
    assert first == pytest.approx(3 * second, abs=0.5)
    assert third == 0


def test_points_of_lines_are_as_high_as_their_values_and_inside() -> None:
    chart = lines("Heights", TICKS, [Series("a", [0, 50, 100]), Series("b", [-100, None, 100])])
    ys = [float(each["cy"]) for each in marks(chart, "circle")]
    assert len(ys) == 5
    assert ys[0] - ys[1] == pytest.approx(ys[1] - ys[2], abs=0.2)
    assert ys[3] - ys[0] == pytest.approx(ys[0] - ys[2], abs=0.2)
    assert all(0 < y < chart.height for y in ys)
    curves = list(parsed(chart).iter(f"{SVG}polyline"))
    assert curves[0].get("stroke-dasharray") != curves[1].get("stroke-dasharray")


def test_the_values_of_the_axis_are_round_and_reach_around_all_values() -> None:
    chart = lines("Heights", TICKS, [Series("a", [-7, 3, 1_234])])
    labels = [each.text or "" for each in parsed(chart).iter(f"{SVG}text") if "end" in (each.get("class") or "")]
    assert labels == ["-500", "0", "500", "1k", "1.5k"]


def test_values_cannot_break_out_of_a_chart() -> None:
    series = [Series(HOSTILE, [1]), Series("b", [2])]
    for chart in (bars(HOSTILE, [HOSTILE], series), lines(HOSTILE, [HOSTILE], series), rows(HOSTILE, [(HOSTILE, 1)])):
        root = parsed(chart)
        assert not list(root.iter(f"{SVG}script"))
        assert root.findtext(f"{SVG}title") == HOSTILE


@pytest.mark.parametrize("chart", [bars("No", TICKS, []), lines("No", TICKS, []), rows("No", [])])
def test_a_chart_of_nothing_is_a_chart(chart: Chart) -> None:
    assert parsed(chart).findtext(f"{SVG}title") == "No"


def test_it_is_for_light_and_dark() -> None:
    style = parsed(BARS).findtext(f"{SVG}style") or ""
    light, dark = style.split("prefers-color-scheme: dark", 1)
    named = set(re.findall(r"--\w+(?=:)", light))
    assert {f"--c{number}" for number in range(6)} < named
    assert set(re.findall(r"--\w+(?=:)", dark)) == named
    assert not re.findall(r'(?:fill|stroke)="#', BARS.svg)


# --- the gallery ----------------------------------------------------------------------------------------------------


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    _, found = ran()
    return Gallery(tmp_path, Reader(found.counted), START, MINUTES, found.counted)


@pytest.mark.parametrize("recipe", EVENTS)
def test_every_recipe_has_charts_that_are_files_beside_the_page(gallery: Gallery, recipe: str) -> None:
    figures = gallery.figures(recipe)
    assert len(figures) >= 2
    assert len({each.file for each in figures}) == len(figures)
    for each in figures:
        assert each.chart
        root = ET.parse(gallery.directory.parent / each.file).getroot()  # noqa: S314
        assert each.alt == f"{root.findtext(f'{SVG}title')}: {root.findtext(f'{SVG}desc')}"


def test_charts_show_what_the_producers_tell(gallery: Gallery) -> None:
    produced, _ = ran()
    told = produced.tally
    views, visitors, pages, _ = gallery.figures("clickstream")
    for minute in range(MINUTES):
        start = int(START.timestamp()) + minute * 60
        tick = f"10:{minute:02d}"
        assert f"{tick} {told.counts[Item('clickstream.views', '', start)]}" in views.alt
        assert f"{tick} {len(told.distinct[Item('clickstream.unique_visitors', '', start)])}" in visitors.alt
    (first, times), *_ = sum(
        (counts for item, counts in told.top.items() if item.metric == "clickstream.pages"), type(told.rejected)()
    ).most_common()
    assert f"{first} {times}" in pages.alt
    revenue = sum(
        (sum(values) for item, values in told.sums.items() if item[:2] == ("orders.revenue", "KWD")), Decimal(0)
    )
    assert any(f"{revenue:,} KWD in" in fact for each in gallery.figures("orders") for fact in each.facts)
    assert all(f"{reason} {count}" in gallery.rejected().alt for reason, count in told.rejected.items())
    assert "pseudonym" in gallery.cleansed().alt
    usage = gallery.figures("telemetry")[-1].alt
    assert all(
        f"{item.dimension} {sum(values)}" in usage for item, values in told.sums.items() if item[0] == "telemetry.usage"
    )


def test_charts_of_orders_tell_how_many_there_were(gallery: Gallery) -> None:
    told = ran()[0].tally
    for figure in gallery.figures("orders"):
        currency = figure.title.split()[2]
        orders = sum(count for item, count in told.counts.items() if item[:2] == ("orders.orders", currency))
        assert figure.facts[0].endswith(f" {currency} in {orders} orders")


def test_charts_of_readings_reach_from_the_lowest_to_the_highest(gallery: Gallery) -> None:
    told = ran()[0].tally
    figure = gallery.figures("telemetry")[0]
    device = figure.title.split()[2]
    readings = {item.start: each for item, each in told.stats.items() if item[:2] == ("telemetry.reading", device)}
    assert readings
    for name, choose in (("lowest", min), ("highest", max)):
        values = [f"{START.fromtimestamp(start, UTC):%H:%M} {choose(each):,.1f}" for start, each in readings.items()]
        told_of = figure.alt.partition(f"{name}: ")[2].partition(". ")[0]
        assert told_of.split(", ") == sorted(values)


def test_percentiles_are_in_their_order(gallery: Gallery) -> None:
    release = re.compile(r"p99: (.*)\. p95: (.*)\. p50: (.*)")
    found = release.search(gallery.figures("mobile")[0].alt)
    assert found
    p99, p95, p50 = ([float(each.split()[1].replace(",", "")) for each in line.split(", ")] for line in found.groups())
    assert sum(p99) >= sum(p95) > sum(p50)  # of a few values p99 and p95 are the same
