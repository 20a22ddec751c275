"""Episodes of a signature: what belongs together, who tells of it, and what is kept."""

from __future__ import annotations

import msgspec

from lambdas.log_analysis.contract import Kind
from lambdas.log_analysis.domain.signatures import (
    CLAIM_SECONDS,
    MOST_EPISODES,
    SAMPLE_CHARACTERS,
    Sighting,
    Signature,
    claimed,
    seen_on,
    sighted,
    told,
)

QUIET = 15
PLAIN = Signature(id="s", template="t", level="ERROR", first=100, registered=100, last_day=1, sample="a", latest="a")


def high(minute: int, count: int = 9, kind: Kind = Kind.RATE) -> Sighting:
    return Sighting(kind=kind, minute=minute, count=count, expected=1.0, sample="x")


def with_highs(*minutes: int) -> Signature:
    signature = PLAIN
    for minute in minutes:
        signature = sighted(signature, high(minute), QUIET)
    return signature


def spans(signature: Signature) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in signature.episodes]


def test_minutes_within_the_quiet_time_are_one_episode() -> None:
    assert spans(with_highs(200, 201, 216)) == [(200, 216)]


def test_a_minute_after_the_quiet_time_begins_another_episode() -> None:
    assert spans(with_highs(200, 216)) == [(200, 200), (216, 216)]


def test_a_minute_that_comes_late_belongs_to_the_episode_before_which_it_was() -> None:
    assert spans(with_highs(210, 200)) == [(200, 210)]


def test_a_new_signature_that_becomes_frequent_is_told_of_again() -> None:
    signature = sighted(sighted(PLAIN, high(200, kind=Kind.NEW), QUIET), high(203), QUIET)
    assert [each.kind for each in signature.episodes] == [Kind.NEW, Kind.RATE]


def test_an_episode_has_the_count_of_its_worst_minute() -> None:
    signature = sighted(sighted(with_highs(200), high(201, 30), QUIET), high(202, 12), QUIET)
    assert [each.count for each in signature.episodes] == [30]


def test_minutes_of_a_high_rate_are_not_usual() -> None:
    signature = with_highs(200, 203)
    assert [minute for minute in range(198, 206) if not signature.is_usual(minute)] == [200, 201, 202, 203]
    assert sighted(PLAIN, high(200, kind=Kind.NEW), QUIET).is_usual(200)


def test_an_episode_is_claimed_by_one() -> None:
    signature, mine = claimed(with_highs(200), "me", 1_000)
    assert [each.first for each in mine] == [200]
    assert claimed(signature, "you", 1_000 + CLAIM_SECONDS)[1] == ()


def test_a_claim_that_nobody_kept_to_runs_out() -> None:
    signature, _ = claimed(with_highs(200), "me", 1_000)
    assert len(claimed(signature, "you", 1_001 + CLAIM_SECONDS)[1]) == 1


def test_a_claim_whose_answer_was_lost_is_still_mine() -> None:
    signature, _ = claimed(with_highs(200), "me", 1_000)
    assert len(claimed(signature, "me", 1_001)[1]) == 1


def test_what_was_told_is_not_claimed_again_however_long_it_goes_on() -> None:
    signature, (mine,) = claimed(with_highs(200), "me", 1_000)
    signature = told(sighted(signature, high(205), QUIET), mine, 1_001)
    assert spans(signature) == [(200, 205)]
    assert claimed(sighted(signature, high(210), QUIET), "you", 9_999)[1] == ()


def test_the_episodes_that_were_told_of_go_first() -> None:
    signature, mine = claimed(with_highs(200, 300), "me", 1_000)
    signature = told(signature, mine[1], 1_001)
    for at in range(2, MOST_EPISODES + 1):
        signature = sighted(signature, high(200 + 100 * at), QUIET)
    assert [each.first for each in signature.episodes][:2] == [200, 400]
    assert len(signature.episodes) == MOST_EPISODES


def test_one_that_nobody_was_told_of_is_kept_in_any_case() -> None:
    signature = with_highs(*range(200, 200 + 100 * (MOST_EPISODES + 3), 100))
    assert len(signature.episodes) == MOST_EPISODES + 3


def test_a_day_is_noted_with_its_first_message() -> None:
    later = seen_on(PLAIN, 3, "b" * 10_000)
    assert (later.last_day, len(later.latest), later.sample) == (3, SAMPLE_CHARACTERS, "a")
    assert seen_on(later, 3, "c") is later
    assert seen_on(later, 2, "c") is later


def test_a_signature_is_the_same_after_it_was_stored() -> None:
    signature = msgspec.structs.replace(with_highs(200, 300), members=("m",), same_as="g")
    assert msgspec.json.decode(msgspec.json.encode(signature), type=Signature) == signature
