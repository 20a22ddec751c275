"""Which signatures errors are counted under: of their own, of a more general one, or of the rest."""

from __future__ import annotations

import pytest

from lambdas.log_analysis.contract import OTHER, Detection, signature_key
from tests.events import logs
from tests.log_analysis.world import FIRST_MINUTE, START, World

GROUP = "shop"
WORDS = ("able", "baker", "charlie", "dog", "easy", "fox", "george", "how")


def deliver(world: World, minute: int, *messages: str) -> None:
    numbers = range(len(world.outside.calls) * 100, 10**9)
    events = [
        logs.log_event(number, START + minute * 60_000, message)
        for number, message in zip(numbers, messages, strict=False)
    ]
    world.invoke(logs.event(events, log_group=GROUP, log_stream="s"))


def templates(world: World) -> set[str]:
    return {each.template for each in world.reader.signatures(GROUP)}


def distinct(number: int) -> str:
    """An error like no other."""
    return f"ERROR {WORDS[number % 8] * 2}{WORDS[number // 8]} went wrong"


@pytest.fixture
def small() -> World:
    return World(detection=Detection(learning_minutes=10, max_signatures=3))


def test_errors_beyond_the_most_signatures_are_counted_together(small: World) -> None:
    for number in range(6):
        deliver(small, number, distinct(number), distinct(number))
    counts = small.counts(GROUP)
    assert sum(counts.values()) == 12
    [rest] = [each for each in small.reader.signatures(GROUP) if each.id == OTHER]
    assert sum(small.reader.counts(GROUP, rest, 0, FIRST_MINUTE + 10).values()) == 6
    assert len(templates(small)) == 4


def test_those_that_are_registered_keep_their_names_when_the_group_is_full(small: World) -> None:
    for number in (0, 1, 2, 3, 0, 1, 2):
        deliver(small, number, distinct(number))
    counts = small.counts(GROUP)
    assert [counts[distinct(number), number] for number in range(3)] == [2, 2, 2]


def test_a_flood_of_new_errors_does_not_read_all_signatures_each_time(small: World) -> None:
    for number in range(4):
        deliver(small, number, distinct(number))
    small.outside.calls.clear()
    deliver(small, 5, distinct(10), distinct(11))
    # One for what is seen, and one for the counts of the rest.
    assert small.outside.calls.count("Query") == 2


def test_the_first_of_a_flood_tries_to_register_once_when_the_group_is_full(small: World) -> None:
    for number in range(3):
        deliver(small, 0, distinct(number))
    small.outside.calls.clear()
    deliver(small, 1, *(distinct(number) for number in range(3, 23)))
    # One try, and the counts.
    assert small.outside.calls.count("TransactWriteItems") == 2


def test_that_there_are_too_many_is_told_once(small: World) -> None:
    for number in range(3):
        deliver(small, 0, distinct(number))
    for number in range(3, 6):
        deliver(small, 30, distinct(number))
    assert [each["signature"] for each in small.sns.published] == [OTHER]


def test_signatures_that_expired_make_room(small: World) -> None:
    for number in range(3):
        deliver(small, 0, distinct(number))
    [expired] = [each.id for each in small.reader.signatures(GROUP) if each.template == distinct(0)]
    del small.dynamodb.tables["signatures"][signature_key(GROUP, expired)]
    deliver(small, 1, distinct(5))
    assert templates(small) == {distinct(1), distinct(2), distinct(5)}


@pytest.mark.parametrize("new_environments", [False, True])
def test_names_that_vary_in_two_places_end_up_in_one_signature_with_all_counts(*, new_environments: bool) -> None:
    world = World()
    customers = [f"{WORDS[number % 8].title()} {WORDS[number // 8].title()}" for number in range(24)]
    for minute, customer in enumerate(customers + customers):
        if new_environments:
            world.start()
        deliver(world, minute, f"ERROR avatar of customer {customer} could not be scaled to 7 pixels today")
    assert templates(world) == {"ERROR avatar of customer <word> <word> could not be scaled to <num> pixels today"}
    assert sorted(minute for _, minute in world.counts(GROUP)) == list(range(48))
    assert set(world.counts(GROUP).values()) == {1}
    assert world.sns.published == []


def test_a_rate_is_compared_with_what_was_counted_under_the_members() -> None:
    world = World()
    for minute in range(12):
        deliver(world, minute, f"ERROR login failed for user {WORDS[minute % 2]} again today")
    deliver(world, 12, *(f"ERROR login failed for user {WORDS[2 + number % 6]} again today" for number in range(30)))
    [alert] = world.sns.published
    assert alert["kind"] == "rate"
    assert "Expected    1.00 a minute" in world.sns.texts[0]
