"""Whether the demo of the IoT backend notices releases that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from lambdas.iot_backend.contract import Canary
from lambdas.iot_backend.contract.devices import ENROLMENT
from local.use_cases import waiting
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.iot_backend import asking, releasing
from local.use_cases.outcome import UseCaseError
from stacks.config import STAGES
from tests.iot_backend import releasing_world
from tests.iot_backend.releasing_world import SENSOR
from tests.local.iot import Cloud

Story = Callable[..., Shown]
STORIES: tuple[Story, ...] = (
    releasing.single,
    releasing.double_and_long,
    releasing.strangers,
    asking.voice,
    asking.people,
)


def told(story: Story, cloud: Cloud, directory: Path) -> tuple[Shown, list[str]]:
    transcript, fleet = Transcript(), cloud.fleet(directory)
    course = cloud.course(fleet)
    course.look("published")
    if story is releasing.double_and_long:
        cloud.world.press("SINGLE", "press-before")
        cloud.world.wait(601)
    with cloud.reached():
        shown = story(fleet, transcript, course)
    return shown, transcript.problems


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.2)


@pytest.mark.parametrize("story", STORIES)
def test_a_right_backend_has_no_problems(story: Story, tmp_path: Path) -> None:
    assert told(story, Cloud(), tmp_path)[1] == []


def test_the_demo_knows_the_canary_of_its_stage() -> None:
    assert STAGES["local"].iot_backend.canary.percent == releasing.PERCENT


@pytest.mark.parametrize("story", [releasing.single, asking.voice, asking.people])
def test_a_weight_that_is_another_one_is_noticed(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing_world, "WIRING", replace(releasing_world.WIRING, canary=Canary(percent=20)))
    problems = told(story, Cloud(), tmp_path)[1]
    assert any("the alias is 1 {2: 0.2}, not 1 {2: 0.1}" in each for each in problems)


@pytest.mark.parametrize("story", [releasing.single, releasing.double_and_long, releasing.strangers])
def test_a_button_that_hears_nothing_is_noticed(story: Story, tmp_path: Path) -> None:
    with pytest.raises(UseCaseError, match="has heard nothing"):
        told(story, Cloud(deaf=True), tmp_path)


def test_a_canary_that_is_taken_back_is_noticed(tmp_path: Path) -> None:
    cloud = Cloud()
    cloud.world.cloudwatch.state = "INSUFFICIENT_DATA"
    with pytest.raises(UseCaseError, match="the canary does not end"):
        told(releasing.single, cloud, tmp_path)


def test_an_alias_that_a_rollback_does_not_move_is_noticed(tmp_path: Path) -> None:
    cloud = Cloud()
    cloud.world.function.point("2")
    problems = told(releasing.double_and_long, cloud, tmp_path)[1]
    assert any(each.startswith("after DOUBLE the alias is 2 {}, not 1 {}") for each in problems)


def test_a_stranger_who_is_taken_for_the_button_is_noticed(tmp_path: Path) -> None:
    problems = told(releasing.strangers, Cloud(strangers_pass=True), tmp_path)[1]
    assert {
        "the button hears of a stranger's press",
        "a stranger has changed what the alias has to be",
        "a stranger has moved the alias",
    } <= set(problems)
    assert any(each.startswith("the history tells of") for each in problems)


def test_a_skill_that_answers_for_another_one_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud()
    invoke = cloud.invoke

    def careless(*, Payload: bytes, **_: object) -> object:  # noqa: N803  boto's names
        return invoke(Payload=Payload.replace(b"amzn1.ask.skill.another", cloud.skill_id.encode()))

    monkeypatch.setattr(cloud, "invoke", careless)
    problems = told(asking.voice, cloud, tmp_path)[1]
    assert any(each.startswith("another skill is answered") for each in problems)


def test_a_skill_that_asks_for_no_yes_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud()
    invoke = cloud.invoke

    def hasty(*, Payload: bytes, **_: object) -> object:  # noqa: N803  boto's names
        return invoke(Payload=Payload.replace(b'"NONE"', b'"CONFIRMED"'))

    monkeypatch.setattr(cloud, "invoke", hasty)
    problems = told(asking.voice, cloud, tmp_path)[1]
    assert any(each.startswith("the skill asks for no yes") for each in problems)


def test_an_api_that_lets_everybody_release_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(UseCaseError, match="no Problem in"):
        told(asking.people, Cloud(everybody_releases=True), tmp_path)


def test_an_api_that_forgets_idempotency_keys_is_noticed(tmp_path: Path) -> None:
    problems = told(asking.people, Cloud(forgetful=True), tmp_path)[1]
    assert "the second answer to an Idempotency-Key is not the first one" in problems


def test_a_device_that_is_not_listed_is_noticed(tmp_path: Path) -> None:
    cloud = Cloud()
    del cloud.world.dynamodb.tables["devices"][SENSOR, ENROLMENT]
    assert told(asking.people, cloud, tmp_path)[1] == [f"['{SENSOR}'] are not listed"]
