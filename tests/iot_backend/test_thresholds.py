"""How a message changes its device's state: latest wins, alarms have a dead band, each alert has one sender."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lambdas.iot_backend.contract import Threshold
from lambdas.iot_backend.contract.devices import Alert, DeviceState, state_version
from lambdas.iot_backend.domain.states import MAX_UNSENT, Claim, Step, is_repeated, step, struck_out
from lambdas.iot_backend.domain.telemetry import Measured

THRESHOLDS = {"temperature": Threshold(above=30, clear=25)}
NOW, LEASE = 1_000, 30
ME, OTHER = Claim("me", NOW, NOW + LEASE), Claim("other", NOW, NOW + LEASE)
LATER = Claim("later", NOW + LEASE + 1, NOW + 2 * LEASE)


def measured(at: int, /, *, sequence: int = 0, **readings: float) -> Measured:
    return Measured("dev-1", f"t{at}", "t", sequence, state_version(at, sequence), readings or {"temperature": 20})


def after(*temperatures: float, claim: Claim = ME) -> DeviceState:
    """The state after these temperatures, none of whose alerts is sent."""
    state = None
    for at, temperature in enumerate(temperatures, 1):
        state = step(state, measured(at, temperature=temperature), THRESHOLDS, claim).state
    assert state
    return state


def alerts(*temperatures: float) -> list[tuple[float, bool]]:
    return [(each.alert.value, each.alert.raised) for each in after(*temperatures).unsent]


@pytest.mark.parametrize(
    ("temperatures", "expected"),
    [
        ((30,), []),
        ((30.1,), [(30.1, True)]),
        ((20, 31, 40), [(31, True)]),
        ((31, 25.1, 31), [(31, True)]),
        ((31, 25), [(31, True), (25, False)]),
        ((31, 24, 26, 30), [(31, True), (24, False)]),
        ((31, 20, 31), [(31, True), (20, False), (31, True)]),
        ((20, 10), []),
    ],
)
def test_each_crossing_makes_one_alert(temperatures: tuple[float, ...], expected: list[tuple[float, bool]]) -> None:
    assert alerts(*temperatures) == expected


def test_an_alert_tells_of_the_threshold_that_was_crossed() -> None:
    raised, over = (each.alert for each in after(31, 20).unsent)

    assert (raised.threshold, over.threshold) == (30, 25)


def test_a_reading_that_is_not_told_keeps_its_alarm() -> None:
    done = step(after(31), measured(9, humidity=50), THRESHOLDS, ME)

    assert done.state
    assert (done.state.alarms, done.state.readings) == (("temperature",), {"humidity": 50})


def test_an_alarm_whose_threshold_was_taken_away_is_forgotten() -> None:
    done = step(after(31), measured(9), {}, ME)

    assert done.state
    assert done.state.alarms == ()


@pytest.mark.parametrize(("at", "sequence"), [(4, 9), (5, 1), (5, 2)])
def test_a_message_that_is_older_or_equal_changes_nothing(at: int, sequence: int) -> None:
    state = step(None, measured(5, sequence=2, temperature=20), THRESHOLDS, ME).state

    done = step(state, measured(at, sequence=sequence, temperature=99), THRESHOLDS, ME)

    assert done == Step(state=None, latest=False, mine=[], waits=None)


def test_an_alert_is_sent_by_the_invocation_that_found_the_crossing() -> None:
    done = step(after(31, claim=OTHER), measured(2, temperature=20), THRESHOLDS, ME)

    assert [alert.raised for alert in done.mine] == [False]


def test_what_another_invocation_left_unsent_is_sent_once_that_has_ended() -> None:
    state = after(31, claim=OTHER)

    assert [alert.value for alert in step(state, measured(2), THRESHOLDS, LATER).mine] == [31, 20]


def test_what_is_unsent_is_left_to_an_invocation_that_may_still_run() -> None:
    last = Claim("last", NOW + LEASE, NOW + 2 * LEASE)

    assert [alert.value for alert in step(after(31, claim=OTHER), measured(2), THRESHOLDS, last).mine] == [20]


@pytest.mark.parametrize("at", [0, 1])
def test_even_a_late_message_sends_what_was_left_unsent(at: int) -> None:
    state = after(31, claim=OTHER)

    done = step(state, measured(at, temperature=31), THRESHOLDS, LATER)

    assert [alert.value for alert in done.mine] == [31]
    assert done.state
    assert replace(done.state, unsent=()) == replace(state, unsent=())
    assert not done.latest


def test_a_message_waits_while_its_own_alert_is_with_another_invocation() -> None:
    done = step(after(31, claim=OTHER), measured(1, temperature=31), THRESHOLDS, ME)

    assert done.waits
    assert done.mine == []


def test_a_message_does_not_wait_for_alerts_of_others() -> None:
    assert step(after(31, 20, claim=OTHER), measured(3), THRESHOLDS, ME).waits is None


def test_an_invocation_that_finds_its_own_write_still_sends() -> None:
    state = after(31, claim=ME)

    done = step(state, measured(1, temperature=31), THRESHOLDS, ME)

    assert (done.state, done.waits) == (None, None)
    assert [alert.value for alert in done.mine] == [31]


def test_too_many_unsent_alerts_keep_a_message_waiting_that_would_add_one() -> None:
    state = after(*[31, 20] * (MAX_UNSENT // 2))

    assert step(state, measured(MAX_UNSENT + 1, temperature=31), THRESHOLDS, OTHER).waits
    assert step(state, measured(MAX_UNSENT + 1, temperature=20), THRESHOLDS, OTHER).waits is None


def test_too_many_unsent_alerts_are_sent_all_the_same() -> None:
    state = after(*[31, 20] * (MAX_UNSENT // 2))

    done = step(state, measured(MAX_UNSENT + 1, temperature=31), THRESHOLDS, LATER)

    assert len(done.mine) == MAX_UNSENT


def test_alerts_that_were_sent_are_struck_out_and_no_others() -> None:
    state = after(31, 20)
    sent: Alert = state.unsent[0].alert

    assert [each.alert.value for each in struck_out(state, [sent]).unsent] == [20]


def test_only_the_very_message_that_made_the_state_is_a_repetition() -> None:
    state = after(20)

    assert is_repeated(state, measured(1, temperature=20))
    assert not is_repeated(state, measured(1, temperature=21))
    assert not is_repeated(state, measured(2, temperature=20))
    assert not is_repeated(None, measured(1, temperature=20))
