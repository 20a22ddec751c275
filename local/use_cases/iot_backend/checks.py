"""Whether all that was told is kept, counted, told on or in quarantine: by what the devices sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lambdas.common.tables.metrics.aggregates import Aggregate, Stats
from lambdas.iot_backend.contract.devices import Alert, DeviceState
from lambdas.iot_backend.contract.messages import Quarantined
from local.use_cases.iot_backend.script import READINGS, Crossing, Story, Wrong


def check_states(stories: Iterable[Story], states: Mapping[str, DeviceState | None]) -> Iterator[str]:
    """Each device's state is its latest message, and what was to be sent of it has been sent."""
    for story in stories:
        state, latest = states[story.device_id], story.latest
        if state is None:
            yield f"{story.device_id} has told nothing"
        elif (state.version, state.readings) != (latest.version, latest.readings):
            yield f"{story.device_id} is at {state.version}, {state.readings} instead of {latest.version}"
        elif state.alarms or state.unsent:
            yield f"{story.device_id} still has alarms {state.alarms} or alerts to be sent {state.unsent}"


def check_alerts(stories: Iterable[Story], alerts: Iterable[Alert]) -> Iterator[str]:
    """Each crossing was told once, and nothing else was."""
    wanted = Counter(crossing for story in stories for crossing in story.crossings)
    found = Counter(Crossing(each.device_id, each.value, each.raised) for each in alerts)
    for crossing in sorted(wanted.keys() | found.keys()):
        if wanted[crossing] != found[crossing]:
            yield f"{crossing} is told {found[crossing]} times, not {wanted[crossing]}"


def check_readings(stories: Iterable[Story], counted: Mapping[tuple[str, str], Aggregate | None]) -> Iterator[str]:
    """Stream analytics has every reading, late ones too; of messages that came again perhaps more than once."""
    for story in stories:
        for name, values in story.values():
            stats = counted[story.device_id, name]
            if not isinstance(stats, Stats):
                yield f"stream analytics has {stats} of {story.device_id}/{name}"
                continue
            found = (float(stats.minimum), float(stats.maximum))
            if found != (min(values), max(values)) or not len(values) <= stats.count <= len(story.messages):
                yield f"stream analytics has {stats} of {story.device_id}/{name} instead of {values}"


def missing_readings(stories: Iterable[Story], counted: Mapping[tuple[str, str], Aggregate | None]) -> int:
    """How many stream analytics has not got yet, at least."""
    wanted = sum(len(values) for story in stories for _, values in story.values())
    return wanted - sum(each.count for each in counted.values() if isinstance(each, Stats))


def check_quarantine(wrong: Sequence[Wrong], lines: Sequence[Quarantined]) -> Iterator[str]:
    """Everything that was rejected is there, whole and with its reason, and nothing else is."""
    wanted = Counter((each.device_id, each.reason, each.payload) for each in wrong)
    found = Counter((line.where.device_id, line.reason, line.where.payload) for line in lines)
    for each in wanted.keys() | found.keys():
        if wanted[each] != found[each]:
            device_id, reason, payload = each
            yield f"quarantine has {payload[:60]!r} of {device_id} as {reason} {found[each]} times, not {wanted[each]}"


def readings_of(stories: Iterable[Story]) -> list[tuple[str, str]]:
    """Names under which stream analytics counts: device and reading."""
    return [(story.device_id, name) for story in stories for name in READINGS]
