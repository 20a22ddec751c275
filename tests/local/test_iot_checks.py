"""What the demo's account of twenty sensors comes to, and whether it notices what is lost, doubled or made up."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lambdas.common.tables.metrics.aggregates import Aggregate, Stats
from lambdas.iot_backend.contract.devices import Alert, DeviceState
from lambdas.iot_backend.contract.messages import Quarantined, ReasonCode
from lambdas.iot_backend.domain.envelopes import opened
from local.use_cases.iot_backend import checks
from local.use_cases.iot_backend.script import HOT, THRESHOLD, Message, story, wrong_ones
from stacks.config import STAGES
from tests.events import iot
from tests.iot_backend import telemetry_world
from tests.iot_backend.telemetry_world import World

RECEIVED = datetime.fromtimestamp(iot.RECEIVED_AT // 1000, UTC)
STORIES = [story(f"sensor-{number}", number, RECEIVED) for number in range(HOT + 1)]
WRONG = wrong_ones("sensor-1", "nobody", "sensor-2")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The real function has been told all of the stories."""
    monkeypatch.setattr(telemetry_world, "THRESHOLDS", {"temperature": THRESHOLD})
    found = World(enrolled=tuple(each.device_id for each in STORIES))
    with found.function():
        for each in STORIES:
            for message in each.messages:
                found.invoke(iot.event(message.payload, device_id=each.device_id))
    return found


def states(world: World) -> dict[str, DeviceState | None]:
    return {each.device_id: world.state(each.device_id) for each in STORIES}


def readings(world: World) -> dict[tuple[str, str], Aggregate | None]:
    told = [msgspec.json.decode(line) for line in world.stream.lines]
    found: dict[tuple[str, str], Aggregate | None] = {}
    for device_id, name in checks.readings_of(STORIES):
        values = [Decimal(each["value"]) for each in told if each["device"] == f"{device_id}/{name}"]
        found[device_id, name] = Stats.of(values) if values else None
    return found


def test_the_demo_knows_the_threshold_of_its_stage() -> None:
    assert STAGES["local"].iot_backend.thresholds == {"temperature": THRESHOLD}


def test_each_story_has_messages_that_repeat_one_and_messages_that_come_late() -> None:
    for each in STORIES:
        versions = [message.version for message in each.messages]
        assert max(Counter(versions).values()) > 1
        assert versions != sorted(versions)


def test_what_the_function_makes_of_the_stories_has_no_problems(world: World) -> None:
    assert list(checks.check_states(STORIES, states(world))) == []
    assert list(checks.check_alerts(STORIES, world.topic.published)) == []
    assert list(checks.check_readings(STORIES, readings(world))) == []
    assert checks.missing_readings(STORIES, readings(world)) <= 0


def told_at(state: DeviceState, message: Message) -> DeviceState:
    return msgspec.structs.replace(state, version=message.version, readings=dict(message.readings))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda _: None, "sensor-0 has told nothing"),
        (lambda state: told_at(state, STORIES[0].messages[0]), "sensor-0 is at "),
        (lambda state: msgspec.structs.replace(state, readings={"temperature": 99.0}), "sensor-0 is at "),
        (lambda state: msgspec.structs.replace(state, alarms=("temperature",)), "sensor-0 still has alarms"),
    ],
)
def test_a_state_that_is_not_the_latest_is_noticed(world: World, spoil: Any, problem: str) -> None:
    found = states(world)
    found["sensor-0"] = spoil(found["sensor-0"])
    (noticed,) = checks.check_states(STORIES, found)
    assert noticed.startswith(problem)


def _again(alerts: list[Alert]) -> list[Alert]:
    return [*alerts, alerts[0]]


def _lost(alerts: list[Alert]) -> list[Alert]:
    return alerts[1:]


def _other(alerts: list[Alert]) -> list[Alert]:
    return [msgspec.structs.replace(alerts[0], raised=False), *alerts[1:]]


@pytest.mark.parametrize(("spoil", "noticed"), [(_again, 1), (_lost, 1), (_other, 2)])
def test_an_alert_that_is_lost_doubled_or_another_is_noticed(world: World, spoil: Any, noticed: int) -> None:
    assert len(list(checks.check_alerts(STORIES, spoil(world.topic.published)))) == noticed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: None,
        lambda stats: replace(stats, count=len(STORIES[0].messages) + 1),
        lambda stats: replace(stats, count=1),
        lambda stats: replace(stats, maximum=Decimal(1)),
    ],
    ids=["none", "too many", "too few", "another maximum"],
)
def test_readings_that_stream_analytics_lacks_or_has_otherwise_are_noticed(world: World, spoil: Any) -> None:
    found = readings(world)
    found["sensor-0", "temperature"] = spoil(found["sensor-0", "temperature"])
    (noticed,) = checks.check_readings(STORIES, found)
    assert "sensor-0/temperature" in noticed


def test_readings_that_have_not_come_yet_are_counted(world: World) -> None:
    found = dict.fromkeys(readings(world))
    distinct = sum(len({message.version for message in each.messages}) for each in STORIES)
    assert checks.missing_readings(STORIES, found) == 2 * distinct


# --- quarantine -----------------------------------------------------------------------------------------------------


def line(reason: ReasonCode, payload: bytes, device_id: str) -> Quarantined:
    return Quarantined(reason=reason, message="", where=opened(iot.event(payload, device_id=device_id)))


LINES = [line(each.reason, each.payload, each.device_id) for each in WRONG]


def test_a_quarantine_that_holds_what_was_rejected_has_no_problems() -> None:
    assert list(checks.check_quarantine(WRONG, LINES)) == []


@pytest.mark.parametrize(
    ("lines", "noticed"),
    [
        (LINES[1:], 1),
        ([*LINES, LINES[0]], 1),
        ([line(ReasonCode.STRANGER, WRONG[0].payload, WRONG[0].device_id), *LINES[1:]], 2),
        ([line(WRONG[0].reason, WRONG[0].payload[:-1], WRONG[0].device_id), *LINES[1:]], 2),
    ],
    ids=["lost", "twice", "another reason", "cut"],
)
def test_a_message_that_quarantine_lacks_or_has_otherwise_is_noticed(lines: list[Quarantined], noticed: int) -> None:
    assert len(list(checks.check_quarantine(WRONG, lines))) == noticed


def test_the_function_rejects_what_the_demo_takes_for_wrong() -> None:
    world = World(enrolled=("sensor-1",))
    world.enrol("sensor-2", principal="0" * 64)
    received_at = int(datetime.now(UTC).timestamp() * 1000)
    with world.function():
        for each in WRONG:
            world.invoke(iot.event(each.payload, device_id=each.device_id, received_at=received_at))
    assert list(checks.check_quarantine(WRONG, world.quarantined())) == []
