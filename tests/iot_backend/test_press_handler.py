"""Presses of a button: what they do, who may press, and what the button hears."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from lambdas.common.failures import UnavailableError
from lambdas.iot_backend.contract.devices import Kind
from tests.events import iot
from tests.iot_backend.release_records import BUTTON
from tests.iot_backend.releasing_world import SENSOR, World
from tests.support.fake_aws import Fault


@pytest.fixture
def world() -> World:
    return World()


def promoted(world: World) -> None:
    world.press("SINGLE", "prepared-1")
    world.wait(601)


def test_a_single_click_tries_the_newest_version_with_a_part_of_all_invocations(world: World) -> None:
    world.press("SINGLE")
    assert world.function.alias == ("1", {"2": 0.1})


def test_a_trial_that_goes_well_ends_with_all_invocations(world: World) -> None:
    world.press("SINGLE")
    world.wait(599)
    assert world.function.alias == ("1", {"2": 0.1})
    world.wait(2)
    assert world.function.alias == ("2", {})


def test_a_trial_in_alarm_ends_at_once(world: World) -> None:
    world.press("SINGLE")
    world.cloudwatch.state = "ALARM"
    world.wait(60)
    assert (world.function.alias, world.outcomes) == (("1", {}), ["canary: asked", "rolled_back: alarm"])


def test_a_trial_of_which_the_alarm_tells_nothing_is_given_more_time_and_then_ends(world: World) -> None:
    world.cloudwatch.state = None
    world.press("SINGLE")
    for _ in range(4):
        world.wait(601)
    assert world.outcomes == [
        "canary: asked",
        "extended: alarm_silent",
        "extended: alarm_silent",
        "rolled_back: alarm_silent",
    ]
    assert world.function.alias == ("1", {})
    assert set(world.scheduler.made.values()) == {1}
    assert len(world.scheduler.made) == 3


def test_a_double_click_ends_a_trial(world: World) -> None:
    world.press("SINGLE", "press-0001")
    world.press("DOUBLE", "press-0002")
    assert world.function.alias == ("1", {})
    world.wait(601)
    assert world.outcomes == ["canary: asked", "rolled_back: asked"]


def test_a_double_click_goes_back_to_the_version_before(world: World) -> None:
    promoted(world)
    world.press("DOUBLE")
    assert world.function.alias == ("1", {})


def test_what_lambda_refuses_is_given_up_and_later_releases_are_not_held_up(world: World) -> None:
    world.function.of_another_role.add("2")
    world.press("SINGLE", "press-0001")
    assert (world.outcomes, world.function.shapes) == (["canary: asked", "given_up: alias_refused"], [("1", {})])
    assert "InvalidParameterValueException" in world.history[-1].reason
    world.function.publish()
    world.press("SINGLE", "press-0002")
    assert world.function.alias == ("1", {"3": 0.1})


def test_a_long_click_changes_nothing(world: World) -> None:
    world.press("LONG")
    assert (world.function.shapes, world.outcomes) == ([("1", {})], ["reported: asked"])


def test_the_button_hears_what_came_of_it_and_how_things_stand(world: World) -> None:
    world.press("SINGLE")
    (topic, told), *others = world.iot.published
    assert (topic, others) == (f"button/{BUTTON}/report", [])
    assert told == {
        "press_id": "press-0001",
        "outcome": "canary",
        "why": "asked",
        "phase": "canary",
        "version": 1,
        "candidate": 2,
        "percent": 10,
        "newest": 2,
        "alarm": "OK",
    }


def test_a_press_that_is_delivered_twice_acts_once_and_is_answered_the_same(world: World) -> None:
    event = world.pressed("SINGLE")
    world.deliver(event)
    world.press("DOUBLE", "press-0002")
    world.deliver(event)
    assert world.outcomes == ["canary: asked", "rolled_back: asked"]
    assert [each.outcome for each in world.heard] == ["canary", "rolled_back", "canary"]


def test_the_same_press_id_of_another_button_is_another_press(world: World) -> None:
    world.enrol("button-2", Kind.BUTTON)
    world.press("LONG")
    world.press("LONG", device_id="button-2", client_id="button-2")
    assert [each.who for each in world.history] == [BUTTON, "button-2"]


def test_who_pressed_and_what_was_found_is_written_down(world: World) -> None:
    world.press("SINGLE")
    (decision,) = world.history
    assert (decision.source, decision.who, decision.action, decision.alarm) == ("press", BUTTON, "promote", "OK")
    assert (decision.from_version, decision.to_version, decision.forced, decision.at) == (1, 2, False, world.made(0))


STRANGERS: dict[str, dict[str, Any]] = {
    "another certificate": {"principal": "f" * 64},
    "another client": {"client_id": "somebody"},
    "no client, over HTTPS": {"client_id": "n/a"},
    "a sensor": {"device_id": SENSOR, "client_id": SENSOR},
    "nobody who was enrolled": {"device_id": "button-9", "client_id": "button-9"},
    "a name that nobody can have": {"device_id": "Ünknown", "client_id": "Ünknown"},
    "no name at all": {"device_id": "", "client_id": ""},
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_of_a_stranger_nothing_comes_but_an_entry_in_the_history(world: World, stranger: dict[str, Any]) -> None:
    world.press("SINGLE", **stranger)
    assert world.outcomes == ["refused: stranger"]
    assert (world.function.shapes, world.iot.published, world.s3.buckets) == ([("1", {})], [], {})


def test_a_stranger_is_named_by_client_and_certificate(world: World) -> None:
    world.press("SINGLE", client_id="somebody", principal="abc")
    (decision,) = world.history
    assert (decision.who, decision.reason) == ("somebody (abc)", "as 'button-1'")


def test_a_stranger_cannot_spend_the_press_ids_of_a_button(world: World) -> None:
    world.press("SINGLE", principal="f" * 64)
    world.press("SINGLE")
    assert world.outcomes == ["refused: stranger", "canary: asked"]


def test_a_press_that_comes_too_late_is_refused(world: World) -> None:
    event = world.pressed("SINGLE")
    world.now += timedelta(seconds=301)
    world.deliver(event)
    assert (world.outcomes, world.function.alias) == (["refused: stale"], ("1", {}))
    assert [each.why for each in world.heard] == ["stale"]


def test_a_press_that_was_decided_in_time_is_carried_out_however_late(world: World) -> None:
    event = world.pressed("SINGLE")
    world.outside.decide = lambda name: Fault.THROTTLED if name == "UpdateAlias" else Fault.NONE
    with pytest.raises(UnavailableError, match="move the alias"):
        world.deliver(event)
    world.outside.decide = lambda _: Fault.NONE
    world.now += timedelta(seconds=301)
    world.deliver(event)
    assert (world.outcomes, world.function.alias) == (["canary: asked"], ("1", {"2": 0.1}))


MALFORMED = {
    "no JSON": b"\xff{",
    "no object": b"[]",
    "no click": b'{"press_id": "press-0001"}',
    "no such click": b'{"click": "TRIPLE", "press_id": "press-0001"}',
    "short press id": b'{"click": "SINGLE", "press_id": "1"}',
    "long press id": json.dumps({"click": "SINGLE", "press_id": "1" * 65}).encode(),
    "line feed in the press id": json.dumps({"click": "SINGLE", "press_id": "press-0001\n"}).encode(),
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED)
def test_a_press_that_nobody_can_read_is_kept_whole(world: World, payload: bytes) -> None:
    world.deliver(iot.event(payload, device_id=BUTTON))
    assert (world.outcomes, world.function.shapes) == (["refused: malformed"], [("1", {})])
    (kept,) = world.quarantined
    assert (kept.reason, kept.where.payload, kept.where.device_id) == ("malformed_press", payload, BUTTON)
    assert "no press: " in kept.message


def test_a_press_that_nobody_can_read_is_kept_once(world: World) -> None:
    for _ in range(2):
        world.deliver(iot.event(b"{", device_id=BUTTON))
    assert (len(world.quarantined), world.outcomes) == (1, ["refused: malformed"])


@pytest.mark.parametrize(
    "call", ["GetItem", "GetAlias", "DescribeAlarms", "TransactWriteItems", "CreateSchedule", "Publish"]
)
def test_what_aws_does_not_do_is_raised_so_that_lambda_tries_again(world: World, call: str) -> None:
    world.outside.decide = lambda name: Fault.THROTTLED if name == call else Fault.NONE
    with pytest.raises(UnavailableError, match="Throttling"):
        world.press("SINGLE")
