"""What people say to the skill, what it answers, and what it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lambdas.iot_backend.domain.skill import Intent, NotOursError
from tests.events import alexa
from tests.iot_backend.releasing_world import World
from tests.support.fake_aws import Fault

MODEL = Path(__file__).parents[2] / "lambdas" / "iot_backend" / "interaction_model.json"
CONFIRMED = alexa.intent("PromoteIntent", confirmation="CONFIRMED")


@pytest.fixture
def world() -> World:
    return World()


def text(answer: Any) -> str:
    speech = answer["outputSpeech"]
    assert speech["type"] == "PlainText"
    found: str = speech["text"]
    return found


def test_before_it_promotes_the_skill_asks_for_a_yes(world: World) -> None:
    answer = world.say(alexa.intent("PromoteIntent"))
    assert answer["directives"] == [{"type": "Dialog.ConfirmIntent"}]
    assert not answer["shouldEndSession"]
    assert "Version 2 waits to be promoted" in text(answer)
    assert (world.history, world.function.shapes) == ([], [("1", {})])


def test_after_a_yes_it_promotes(world: World) -> None:
    answer = world.say(CONFIRMED)
    assert (text(answer), answer["shouldEndSession"]) == ("Version 2 is being tried beside version 1.", True)
    assert world.function.alias == ("1", {"2": 0.1})


def test_after_a_no_it_leaves_everything_as_it_is(world: World) -> None:
    answer = world.say(alexa.intent("PromoteIntent", confirmation="DENIED"))
    assert (text(answer), answer["shouldEndSession"]) == ("Nothing was changed.", True)
    assert (world.history, world.function.shapes) == ([], [("1", {})])


def test_it_rolls_back_without_asking(world: World) -> None:
    world.say(CONFIRMED)
    answer = world.say(alexa.intent("RollbackIntent", request_id="another"))
    assert (text(answer), world.function.alias) == ("Version 1 is back in place of version 2.", ("1", {}))


def test_the_same_request_acts_once_and_is_answered_the_same(world: World) -> None:
    first = world.say(CONFIRMED)
    assert world.say(CONFIRMED) == first
    assert world.outcomes == ["canary: asked"]


def test_who_spoke_is_written_down(world: World) -> None:
    world.say(CONFIRMED)
    (decision,) = world.history
    assert (decision.source, decision.who) == ("voice", alexa.USER_ID)


def test_it_says_why_nothing_was_done(world: World) -> None:
    world.cloudwatch.state = "ALARM"
    assert text(world.say(CONFIRMED)) == "Nothing was changed, because the alarm is on."


STANDINGS = {
    "at first": ((), "Version 1 serves. Version 2 waits to be promoted. The alarm is off."),
    "while trying": ((0,), "Version 1 serves. Version 2 is being tried with 10 percent. The alarm is off."),
    "promoted": ((0, 601), "Version 2 serves. There is no newer one. The alarm is off."),
}


@pytest.mark.parametrize(("waits", "expected"), STANDINGS.values(), ids=STANDINGS)
def test_it_tells_how_things_stand(world: World, waits: tuple[float, ...], expected: str) -> None:
    for at, seconds in enumerate(waits):
        if at == 0:
            world.press("SINGLE")
        world.wait(seconds)
    assert text(world.say(alexa.intent("StatusIntent"))) == expected
    assert world.outcomes[-1] == "reported: asked"


def test_it_does_not_say_that_a_version_serves_when_somebody_else_moved_the_alias(world: World) -> None:
    world.press("SINGLE")
    world.function.point("2")
    told = "Version 1 was decided last, but somebody else has moved the alias. The alarm is off."
    assert text(world.say(alexa.intent("StatusIntent"))) == told


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("AMAZON.HelpIntent", False),
        ("AMAZON.FallbackIntent", False),
        ("AMAZON.StopIntent", True),
        ("AMAZON.CancelIntent", True),
        ("AMAZON.NavigateHomeIntent", True),
    ],
)
def test_what_every_skill_has_to_answer_changes_nothing(world: World, name: str, ends: bool) -> None:  # noqa: FBT001
    answer = world.say(alexa.intent(name))
    assert answer["shouldEndSession"] is ends
    assert ("reprompt" in answer) is not ends
    assert text(answer)
    assert world.outside.calls == []


def test_whoever_opens_the_skill_hears_what_it_can_do(world: World) -> None:
    answer = world.say(alexa.launch())
    assert not answer["shouldEndSession"]
    assert "promote" in text(answer)
    assert text(answer) == text({"outputSpeech": answer["reprompt"]["outputSpeech"]})


def test_after_a_session_there_is_nothing_to_say(world: World) -> None:
    assert world.say(alexa.ended()) == {}


def test_the_request_for_another_skill_is_refused(world: World) -> None:
    with pytest.raises(NotOursError, match=r"amzn1\.ask\.skill\.other"):
        world.say(alexa.intent("RollbackIntent", skill_id="amzn1.ask.skill.other"))
    assert world.outside.calls == []


def test_an_intent_that_the_model_does_not_have_is_an_error(world: World) -> None:
    with pytest.raises(msgspec.ValidationError, match="Invalid enum value 'DeleteEverythingIntent'"):
        world.say(alexa.intent("DeleteEverythingIntent"))


def test_where_aws_does_not_answer_the_user_is_told_to_look_first(world: World) -> None:
    world.outside.decide = lambda name: Fault.THROTTLED if name == "GetAlias" else Fault.NONE
    assert "Ask for the status before you try again" in text(world.say(CONFIRMED))


# --- the interaction model --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Any:
    return json.loads(MODEL.read_text())["interactionModel"]


def test_the_interaction_model_has_the_intents_that_the_code_knows(model: Any) -> None:
    assert {each["name"] for each in model["languageModel"]["intents"]} == set(Intent)


def test_what_is_said_belongs_to_one_intent(model: Any) -> None:
    samples = [sample for each in model["languageModel"]["intents"] for sample in each["samples"]]
    assert len(samples) == len(set(samples))
    assert all(each["samples"] for each in model["languageModel"]["intents"] if not each["name"].startswith("AMAZON."))


def test_the_skill_confirms_a_promotion_and_nothing_else_by_itself(model: Any) -> None:
    """Alexa takes Dialog.ConfirmIntent for intents of the dialog model alone, and leaves the dialog to the skill."""
    assert model["dialog"]["delegationStrategy"] == "SKILL_RESPONSE"
    confirmed = {each["name"]: each["prompts"]["confirmation"] for each in model["dialog"]["intents"]}
    assert confirmed.keys() == {Intent.PROMOTE}
    assert all(each["confirmationRequired"] for each in model["dialog"]["intents"])
    assert set(confirmed.values()) == {each["id"] for each in model["prompts"]}
