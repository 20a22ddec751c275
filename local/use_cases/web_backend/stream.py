"""Events of a device put into the stream, and the series that the API makes of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import msgspec

from lambdas.common.producer import Producer, Record
from lambdas.web_backend.contract.models import Point, Series
from local import charts
from local.use_cases.chapters import Shown
from local.use_cases.clients import Reply, Transcript
from local.use_cases.waiting import wait_until_done
from local.use_cases.web_backend.visit import Visit

MINUTES = 8
_READINGS = 6
"""Of each minute."""
_METRIC = "telemetry.reading"


def series(visit: Visit, transcript: Transcript) -> Shown:
    """Means, minima and maxima of each minute, of a device that nobody else has."""
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=MINUTES)
    device = f"kiln-{secrets.token_hex(4)}"
    readings = [[Decimal(20 * (minute + 1) + 3 * at * at) / 4 for at in range(_READINGS)] for minute in range(MINUTES)]
    Producer(visit.kinesis, visit.events).put(_records(device, start, readings))
    query = {
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=MINUTES)).isoformat(),
        "dimension": device,
    }
    found = _complete(visit, transcript, f"/metrics/{_METRIC}?{urlencode(query)}", readings)
    for point, values in zip(found.points, readings, strict=False):
        told = (point.minimum, point.value, point.maximum)
        right = (min(values), sum(values) / len(values), max(values))
        transcript.check(told == right, f"{point.start:%H:%M} is {told}, not {right}")
    empty = visit.owner.send("GET", f"/metrics/{_METRIC}?{urlencode({**query, 'end': query['start']})}")
    transcript.note("from a minute to the same one", f"GET /metrics/{_METRIC}", empty, expect=400)
    chart = charts.lines(
        "The kiln's readings", _ticks(found), [_line(found.points, "value", "mean")], band=_band(found)
    )
    return Shown(
        figures=(charts.figure(chart, visit.directory, "readings"),),
        facts=(
            ("Put", f"{MINUTES * _READINGS} readings of {device}"),
            ("Metric", f"{found.metric} by {found.dimension}"),
        ),
    )


def _records(device: str, start: datetime, readings: Sequence[Sequence[Decimal]]) -> list[Record]:
    return [
        Record(
            msgspec.json.encode(
                {
                    "type": "telemetry",
                    "time": (start + timedelta(minutes=minute, seconds=at)).isoformat(),
                    "device": device,
                    "account": device,
                    "unit": "kWh",
                    "value": str(value),
                    "usage": None,
                }
            ),
            device,
        )
        for minute, values in enumerate(readings)
        for at, value in enumerate(values)
    ]


def _complete(visit: Visit, transcript: Transcript, path: str, readings: Sequence[Sequence[Decimal]]) -> Series:
    """The series, as soon as its last minute is as it will be."""
    replies: list[Reply] = []

    def left() -> tuple[str, ...]:
        replies.append(visit.owner.send("GET", path))
        points = replies[-1].read(Series).points
        done = len(points) == len(readings) and points[-1].maximum == max(readings[-1])
        return () if done else (f"{len(points)} of {len(readings)} minutes",)

    wait_until_done(left, "the series does not come out of stream analytics")
    transcript.note("every minute of it", f"GET {path.partition('?')[0]}", replies[-1], expect=200)
    return replies[-1].read(Series)


def _ticks(found: Series) -> list[str]:
    return [f"{each.start:%H:%M}" for each in found.points]


def _line(points: Sequence[Point], field: str, name: str) -> charts.Series:
    return charts.Series(name, [getattr(each, field) for each in points])


def _band(found: Series) -> tuple[charts.Series, charts.Series]:
    return _line(found.points, "minimum", "minimum"), _line(found.points, "maximum", "maximum")
