"""Which templates are one signature although words differ, and which stay apart."""

from __future__ import annotations

import pytest

from lambdas.log_analysis.domain.vocabulary import MOST_MEMBERS, Placed, Vocabulary, signature_id

LOGIN = "[ERROR] Login failed for user {} from <ip>"


def test_a_place_is_a_variable_once_three_words_have_stood_in_it() -> None:
    alice, bob, carol = map(LOGIN.format, ("alice", "bob", "carol"))
    vocabulary = Vocabulary([alice])
    assert vocabulary.place(bob) == Placed(bob)
    vocabulary.add(bob)
    placed = vocabulary.place(carol)
    assert placed.template == LOGIN.format("<word>")
    assert sorted(placed.members) == [alice, bob]


def test_whatever_fits_a_general_template_belongs_to_it() -> None:
    vocabulary = Vocabulary([LOGIN.format("<word>")])
    assert vocabulary.general(LOGIN.format("dave")) == LOGIN.format("<word>")
    assert vocabulary.place(LOGIN.format("dave")) == Placed(LOGIN.format("<word>"))


@pytest.mark.parametrize(
    "template",
    [LOGIN.format("dave:"), LOGIN.format("dave,"), LOGIN.format("dave or"), LOGIN.format("dave").replace("for", "of")],
)
def test_what_does_not_fit_a_general_template_stays_apart(template: str) -> None:
    vocabulary = Vocabulary([LOGIN.format("<word>")])
    assert vocabulary.general(template) is None
    assert vocabulary.place(template) == Placed(template)


def test_a_name_with_digits_fits_where_names_stand() -> None:
    vocabulary = Vocabulary([LOGIN.format("<word>")])
    assert vocabulary.general(LOGIN.format("<num>")) == LOGIN.format("<word>")


def test_a_place_that_has_been_masked_is_known_to_vary() -> None:
    placed = Vocabulary([LOGIN.format("<num>")]).place(LOGIN.format("admin"))
    assert placed == Placed(LOGIN.format("<word>"), (LOGIN.format("<num>"),))


def test_punctuation_around_a_name_stays() -> None:
    name = "no route to host ({}), giving up for now"
    vocabulary = Vocabulary([name.format("kite"), name.format("heron")])
    assert vocabulary.place(name.format("merlin")).template == name.format("<word>")


def test_two_places_may_vary_together() -> None:
    name = "Avatar of customer {} {} could not be scaled to <num>"
    vocabulary = Vocabulary([name.format("Alice", "Garcia"), name.format("Bob", "Chen")])
    placed = vocabulary.place(name.format("Carol", "Ito"))
    assert placed.template == name.format("<word>", "<word>")
    assert len(placed.members) == 2


def test_the_fewest_places_are_taken() -> None:
    name = "Avatar of customer {} {} could not be scaled to <num>"
    others = ["Alice Garcia", "Bob Garcia", "Erin Chen"]
    vocabulary = Vocabulary([name.format(*each.split()) for each in others])
    assert vocabulary.place(name.format("Carol", "Garcia")).template == name.format("<word>", "Garcia")


def test_a_general_template_becomes_more_general() -> None:
    name = "Avatar of customer {} {} could not be scaled to <num>"
    vocabulary = Vocabulary([name.format("<word>", "Garcia"), name.format("<word>", "Chen")])
    placed = vocabulary.place(name.format("Carol", "Ito"))
    assert placed.template == name.format("<word>", "<word>")
    assert len(placed.members) == 2


@pytest.mark.parametrize(
    "templates",
    [
        # Too little is equal to tell a variable from another error.
        ["Task failed", "Job failed", "Sync failed"],
        ["ERROR Payment went wrong", "ERROR Refund went wrong", "ERROR Login went wrong"],
        ["connection to database refused", "connection to cache closed", "connection to queue lost"],
        # Types of exceptions and frames say what went wrong.
        ["KeyError: in the large book", "ValueError: in the large book", "TypeError: in the large book"],
        ["KeyError raised by the book", "ValueError raised by the book", "TypeError raised by the book"],
        [f"ValueError: no such large order @ {name} (app.py)" for name in ("pay", "refund", "cancel")],
        [f"ValueError: no such large order @ pay ({name}.py)" for name in ("app", "api", "main")],
    ],
)
def test_other_errors_stay_apart(templates: list[str]) -> None:
    *known, last = templates
    assert Vocabulary(known).place(last) == Placed(last)


def test_a_signature_takes_no_more_members_than_can_be_read_together() -> None:
    vocabulary = Vocabulary([LOGIN.format(f"{chr(97 + at % 26)}{chr(97 + at // 26)}x") for at in range(100)])
    assert len(vocabulary.place(LOGIN.format("zoe")).members) == MOST_MEMBERS


def test_an_id_depends_on_the_template_alone() -> None:
    assert signature_id("no order <num>") == signature_id("no order <num>") == "ce36dfc6aeb282f6"
