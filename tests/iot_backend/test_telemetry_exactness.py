"""Whatever happens, nothing that a device told is lost, its latest state is the latest, and each crossing is alerted.

The real function over fakes of AWS. Messages come in any order, some of them twice, several invocations at a time;
calls are killed before and after they take effect, throttled, left without an answer, or made twice. Lambda tries again
after a minute and after two more, or not at all; what fails then goes to the failure queue, and is sent from there at
the end.
"""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given, settings

from lambdas.iot_backend.contract.devices import DeviceState
from tests.events import iot
from tests.iot_backend.telemetry_schedules import DEVICES, Run, Schedule, Told, finished, schedules
from tests.iot_backend.telemetry_world import THRESHOLDS
from tests.support.fake_aws import Fault
from tests.support.schedules import SCHEDULES, under_schedules


def assert_nothing_is_lost(found: Run) -> None:
    """Each message is in the stream, or in quarantine, whole."""
    assert found.dead == []
    good = {each for each in found.schedule.told if each.is_good}
    events = [json.loads(line) for line in found.world.stream.lines]
    forwarded = {(each["device"], each["time"][-4:-1], float(each["value"])) for each in events}
    assert forwarded == {
        (f"{each.device_id}/temperature", f"{(iot.RECEIVED_AT - each.at) % 1000:03d}", each.temperature)
        for each in good
    }
    kept = {(each.where.device_id, each.where.payload) for each in found.world.quarantined()}
    assert kept == {(each.device_id, each.payload) for each in found.schedule.told if not each.is_good}


def assert_latest_wins(found: Run) -> None:
    """The state is that of the greatest version; on the way there none was ever replaced by an older one."""
    for device_id in DEVICES:
        mine = [each for each in found.schedule.told if each.is_good and each.device_id == device_id]
        versions = [state.version for state in found.world.states(device_id)]
        assert versions == sorted(versions)
        state = found.world.state(device_id)
        assert (state.version if state else None) == max((each.version for each in mine), default=None)
        if state:
            told = [each.temperature for each in mine if each.version == state.version]
            assert state.readings["temperature"] in told
            assert state.unsent == ()


def crossings(states: list[DeviceState]) -> list[tuple[str, bool]]:
    """Version and kind of each crossing, by the states that a device had."""
    found, version, high = [], "", False
    threshold = THRESHOLDS["temperature"]
    for state in states:
        temperature = state.readings["temperature"]
        if state.version == version:
            continue
        version = state.version
        if temperature <= threshold.clear if high else temperature > threshold.above:
            high = not high
            found.append((version, high))
    return found


def assert_alerted(found: Run) -> None:
    """Each crossing; once, unless somebody ended between publishing and noting that."""
    published = found.world.topic.published
    expected = {
        (device_id, version, raised)
        for device_id in DEVICES
        for version, raised in crossings(found.world.states(device_id))
    }
    told = {(each.device_id, each.alert_id.split("#", 1)[1].rsplit("#", 1)[0], each.raised) for each in published}
    assert told == expected
    for alert_id, times in Counter(each.alert_id for each in published).items():
        assert times <= 1 + found.doubtful[alert_id]


def check(schedule: Schedule) -> None:
    """Runs a schedule, and looks at what came of it."""
    found = finished(schedule)
    assert_nothing_is_lost(found)
    assert_latest_wins(found)
    assert_alerted(found)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_nothing_is_lost_the_latest_wins_and_each_crossing_is_alerted(schedule: Schedule) -> None:
    check(schedule)


PEAK = [Told("dev-1", 2, 0, 20), Told("dev-1", 1, 0, 31), Told("dev-1", 0, 0, 20)]


def test_without_faults_two_crossings_make_two_alerts() -> None:
    found = finished(Schedule(PEAK, [1], [0], [1], [], []))

    assert [each.raised for each in found.world.topic.published] == [True, False]


@pytest.mark.parametrize("fault", [each for each in Fault if each not in {Fault.NONE, Fault.PARTIAL}])
def test_a_fault_at_any_call_is_made_up_for(fault: Fault) -> None:
    calls = len(finished(Schedule(PEAK, [1], [0], [1], [], [])).world.outside.calls)
    for at in range(calls):
        check(Schedule(PEAK, [1], [0], [1], [Fault.NONE] * at + [fault], []))
