"""What the page shows of devices and releases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lambdas.iot_backend.contract.devices import Alert, DeviceState
from lambdas.iot_backend.contract.messages import Quarantined
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import Report
from lambdas.iot_backend.domain.releases import Alias
from local import charts
from local.charts import Series, rounded
from local.use_cases.clients import shortened
from local.use_cases.iot_backend.script import THRESHOLD, Story, Wrong
from local.use_cases.outcome import Figure, Listing

_STATES = 8
_PAYLOAD = 96
"""Characters of a payload in a table."""


def temperatures(stories: Iterable[Story], directory: Path) -> Figure:
    """Of the sensors that become too hot, in the order of measuring, with the gap between both thresholds."""
    hot = [story for story in stories if story.crossings]
    ordered = [sorted({each.version: each for each in story.messages}.items()) for story in hot]
    ticks = [f"{message.measured_at:%H:%M:%S}" for _, message in ordered[0]]
    series = [
        Series(_short(story.device_id)[-2:], [message.readings["temperature"] for _, message in messages])
        for story, messages in zip(hot, ordered, strict=True)
    ]
    band = (
        Series("over at 75", [THRESHOLD.clear] * len(ticks)),
        Series("raised above 80", [THRESHOLD.above] * len(ticks)),
    )
    chart = charts.lines(
        f"Temperatures of sensors 01 to {len(hot):02}; the first came last, and raises nothing",
        ticks,
        series,
        band=band,
    )
    return charts.figure(chart, directory, "temperatures")


def alias(steps: Sequence[tuple[str, Alias]], first: int, newest: int, directory: Path) -> Figure:
    """Which versions the alias names, step by step, with the weights that are stored in it."""
    shares = [(each.version, dict(each.routing)) for _, each in steps]

    def share(version: int) -> list[float]:
        return [
            100 * weights[version] if version in weights else 100 * (1 - sum(weights.values())) * (stands == version)
            for stands, weights in shares
        ]

    series = [Series(f"version {version}", share(version)) for version in (first, newest)]
    ticks = [f"{number}" for number in range(1, len(steps) + 1)]
    chart = charts.bars("Weights in the alias, per cent, step by step", ticks, series, text=rounded)
    told = ", ".join(f"{number} {what}" for number, (what, _) in enumerate(steps, 1))
    return charts.figure(chart, directory, "alias", (told,))


def alerts(found: Iterable[Alert]) -> Listing:
    """What the topic told."""
    return Listing(
        title="Alerts, as a queue got them from the topic",
        heads=("Sensor", "Reading", "Value", "", "Threshold"),
        rows=tuple(
            (
                _short(each.device_id),
                each.reading,
                f"{each.value:g}",
                "raised, above" if each.raised else "over, at most",
                f"{each.threshold:g}",
            )
            for each in sorted(found, key=lambda each: (each.device_id, not each.raised))
        ),
        numbers=(2, 4),
    )


def latest(states: Mapping[str, DeviceState | None]) -> Listing:
    """Of the first few devices."""
    return Listing(
        title=f"Latest states, of the first {_STATES}",
        heads=("Sensor", "Measured at", "Sequence", "Readings"),
        rows=tuple(
            (
                _short(device_id),
                state.measured_at[11:19],
                f"{state.sequence}",
                ", ".join(f"{name} {value:g}" for name, value in state.readings.items()),
            )
            for device_id, state in list(states.items())[:_STATES]
            if state
        ),
        numbers=(2,),
    )


def rejected(wrong: Iterable[Wrong], lines: Sequence[Quarantined]) -> Listing:
    """What is in the quarantine bucket, beside what it is."""
    kept = {(line.where.device_id, line.where.payload): line for line in lines}
    rows = []
    for each in wrong:
        line = kept.get((each.device_id, each.payload))
        rows.append((_short(each.device_id), each.why, line.reason if line else "", _cut(f"{each.payload!r}"[2:-1])))
    return Listing(
        title="Lines in quarantine",
        heads=("In the name of", "What is wrong", "Reason", "Payload"),
        rows=tuple(rows),
        whole=True,
    )


def reports(found: Iterable[Report]) -> Listing:
    """What the button heard, by MQTT."""
    return Listing(
        title="What the button hears",
        heads=("Press", "Outcome", "Why", "Version", "Tried", "Newest"),
        rows=tuple(
            (
                each.press_id[-4:],
                each.outcome,
                each.why,
                f"{each.version}",
                f"{each.candidate} at {each.percent} %" if each.candidate else "",
                f"{each.newest}",
            )
            for each in found
        ),
        numbers=(3, 5),
    )


def history(decided: Iterable[Decision]) -> Listing:
    """Decisions as they were written down."""
    return Listing(
        title="Decisions in the release table",
        heads=("Time (UTC)", "Source", "Who", "Action", "Outcome", "Why", "Versions"),
        rows=tuple(
            (
                f"{each.at:%H:%M:%S}",
                each.source,
                shortened(each.who),
                each.action,
                each.outcome,
                each.why,
                _versions(each),
            )
            for each in decided
        ),
        whole=True,
    )


def _versions(decision: Decision) -> str:
    return " → ".join(f"{each}" for each in (decision.from_version, decision.to_version) if each is not None)


def _short(device_id: str) -> str:
    """Without the part that all names of a run share."""
    return device_id.rpartition("-")[0]


def _cut(text: str) -> str:
    return text if len(text) <= _PAYLOAD else f"{text[: _PAYLOAD - 1]}…"
