"""Presses that come in another order than they were made in, and that have to act while a part of AWS does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.common.failures import UnavailableError
from tests.iot_backend.releasing_world import World
from tests.support.fake_aws import Fault


@pytest.fixture
def world() -> World:
    return World()


def promoted(world: World) -> None:
    world.press("SINGLE", "prepared-1")
    world.wait(601)


@pytest.mark.parametrize("click", ["SINGLE", "DOUBLE"])
def test_a_press_that_comes_after_a_later_one_took_a_version_back_is_refused(world: World, click: str) -> None:
    """Lambda hands it over again when it failed: by then somebody has seen for himself."""
    promoted(world)
    world.function.publish()
    late = world.pressed(click, "press-0001")
    world.press("SINGLE", "press-0002")
    world.press("DOUBLE", "press-0003")
    world.now += timedelta(seconds=60)
    world.deliver(late)
    assert (world.function.alias, world.outcomes[-1]) == (("2", {}), "refused: stale")
    world.press("SINGLE", "press-0004")
    assert world.function.alias == ("2", {"3": 0.1})


def test_a_press_that_comes_after_a_trial_was_taken_back_for_an_alarm_is_refused(world: World) -> None:
    world.press("SINGLE", "press-0001")
    late = world.pressed("SINGLE", "press-0002")
    world.cloudwatch.state = "ALARM"
    world.wait(60)
    world.cloudwatch.state = "OK"
    world.deliver(late)
    assert (world.function.alias, world.outcomes[-1]) == (("1", {}), "refused: stale")


def test_a_double_click_takes_back_a_trial_that_was_decided_after_it(world: World) -> None:
    impatient = world.pressed("DOUBLE", "press-0002")
    world.press("SINGLE", "press-0001")
    world.deliver(impatient)
    assert world.function.alias == ("1", {})


def unscheduled(world: World) -> None:
    world.outside.decide = lambda name: Fault.THROTTLED if name == "CreateSchedule" else Fault.NONE
    with pytest.raises(UnavailableError, match="schedule a step"):
        world.press("SINGLE", "press-0001")
    assert world.function.alias == ("1", {"2": 0.1})


def test_a_double_click_ends_a_trial_while_nothing_can_be_scheduled(world: World) -> None:
    unscheduled(world)
    world.press("DOUBLE", "press-0002")
    assert world.function.alias == ("1", {})


def test_a_trial_in_alarm_ends_while_nothing_can_be_scheduled(world: World) -> None:
    unscheduled(world)
    world.cloudwatch.state = "ALARM"
    world.advance()
    assert world.function.alias == ("1", {})
