"""The table as the adapters write it, in an in-memory AWS: conditions, limits, and what is read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from lambdas.common.calls import Patience
from lambdas.log_analysis.adapters.counters import DynamoCounters
from lambdas.log_analysis.adapters.signatures import DynamoSignatures
from lambdas.log_analysis.contract import ENTRY, EXPIRES_AT, PARTITION, Retention
from lambdas.log_analysis.domain.analysis import Counted
from lambdas.log_analysis.domain.found import Access, Error
from lambdas.log_analysis.domain.signatures import Signature
from lambdas.log_analysis.domain.tally import tallied
from lambdas.log_analysis.ports import ConflictError, FullError, Stored
from tests.log_analysis.conftest import TABLE, Cloud
from tests.log_analysis.world import FIRST_MINUTE, START
from tests.support.fake_aws import client_error

GROUP = "shop"
DAY = FIRST_MINUTE // 1440


@pytest.fixture
def signatures(cloud: Cloud) -> DynamoSignatures:
    found = DynamoSignatures(cloud.dynamodb, TABLE, 90, Patience(lambda _: None))
    found.since(GROUP, FIRST_MINUTE)
    return found


@pytest.fixture
def counters(cloud: Cloud) -> DynamoCounters:
    return DynamoCounters(cloud.dynamodb, TABLE, Retention(), lambda call, items: [call(each) for each in items])


def signature(identity: str) -> Signature:
    return Signature(
        id=identity,
        template=f"template of {identity}",
        level="ERROR",
        first=FIRST_MINUTE,
        registered=FIRST_MINUTE,
        last_day=DAY,
        sample="a",
        latest="a",
    )


def error(number: int, milliseconds: int = START, size: int = 8) -> Counted:
    return Counted(number.to_bytes(size, "big"), milliseconds, "x", Error("t", "ERROR"), None)


def items(cloud: Cloud, kind: str) -> list[dict[str, Any]]:
    """Of the partitions of a kind."""
    found: list[dict[str, Any]] = list(cloud.dynamodb.scan(TableName=TABLE)["Items"])
    return sorted((each for each in found if each[PARTITION]["S"].startswith(kind)), key=lambda each: each[ENTRY]["S"])


def test_a_log_group_s_first_minute_stays(signatures: DynamoSignatures) -> None:
    assert signatures.since(GROUP, FIRST_MINUTE + 5) == FIRST_MINUTE
    assert signatures.since("another", FIRST_MINUTE + 5) == FIRST_MINUTE + 5


def test_a_signature_is_registered_once(signatures: DynamoSignatures) -> None:
    stored = signatures.register(GROUP, signature("a"), [], 10)
    assert signatures.some(GROUP, {"a", "b"}) == {"a": stored}
    with pytest.raises(ConflictError):
        signatures.register(GROUP, signature("a"), [], 10)


def test_no_more_signatures_are_registered_than_are_allowed(signatures: DynamoSignatures) -> None:
    signatures.register(GROUP, signature("a"), [], 1)
    with pytest.raises(FullError):
        signatures.register(GROUP, signature("b"), [], 1)
    assert [each.signature.id for each in signatures.all(GROUP)] == ["a"]


def test_signatures_that_expired_make_room_once_a_day(signatures: DynamoSignatures) -> None:
    signatures.register(GROUP, signature("a"), [], 2)
    signatures.register(GROUP, signature("b"), [], 2)
    assert signatures.recount(GROUP, 1, "2026-11-21")
    signatures.register(GROUP, signature("c"), [], 2)
    assert not signatures.recount(GROUP, 0, "2026-11-21")
    with pytest.raises(FullError):
        signatures.register(GROUP, signature("d"), [], 2)


def test_a_general_signature_takes_its_members_in_one_step(signatures: DynamoSignatures) -> None:
    one, other = (signatures.register(GROUP, signature(name), [], 10) for name in "ab")
    signatures.save(GROUP, other, msgspec.structs.replace(other.signature, latest="changed"))
    with pytest.raises(ConflictError):
        signatures.register(GROUP, signature("g"), [one, other], 10)
    assert set(signatures.some(GROUP, {"a", "b", "g"})) == {"a", "b"}
    signatures.register(GROUP, signature("g"), list(signatures.some(GROUP, {"a", "b"}).values()), 10)
    assert {each.signature.same_as for each in signatures.some(GROUP, {"a", "b"}).values()} == {"g"}


def test_a_signature_that_somebody_else_changed_is_not_overwritten(signatures: DynamoSignatures) -> None:
    read = signatures.register(GROUP, signature("a"), [], 10)
    saved = signatures.save(GROUP, read, msgspec.structs.replace(read.signature, latest="b"))
    with pytest.raises(ConflictError):
        signatures.save(GROUP, read, msgspec.structs.replace(read.signature, latest="c"))
    assert signatures.some(GROUP, {"a"})["a"] == saved
    with pytest.raises(ConflictError):
        signatures.save(GROUP, Stored(read.signature, 0), read.signature)


def test_a_signature_that_a_transaction_is_just_writing_is_a_conflict(
    signatures: DynamoSignatures, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: Any) -> None:
        raise client_error("PutItem", "TransactionConflictException")

    monkeypatch.setattr(signatures.client, "put_item", refused)
    with pytest.raises(ConflictError):
        signatures.save(GROUP, Stored(signature("a"), 1), signature("a"))


def test_a_signature_expires_after_the_last_day_on_which_it_was_seen(
    cloud: Cloud, signatures: DynamoSignatures
) -> None:
    signatures.register(GROUP, signature("a"), [], 10)
    [item] = items(cloud, "signatures:")
    assert int(item[EXPIRES_AT]["N"]) == (DAY + 91) * 86_400


def test_more_signatures_than_one_call_takes_are_read(signatures: DynamoSignatures) -> None:
    for number in range(103):
        signatures.save(GROUP, Stored(signature(f"{number:03}"), 0), signature(f"{number:03}"))
    assert len(signatures.some(GROUP, {f"{number:03}" for number in range(103)})) == 103
    assert len(signatures.all(GROUP)) == 103


def count(counters: DynamoCounters, events: Sequence[Counted], parts: dict[int, int], stream: str = "s") -> None:
    tally, number = tallied([(each, "sig" if each.error else "") for each in events])
    assert number == len(events)
    counters.add(GROUP, stream, tally, parts)


def test_log_events_are_remembered_by_slice_and_part(counters: DynamoCounters) -> None:
    first, second, third = error(1), error(2, START + 1), error(3, START + 25_000)
    one, other = first.slice, third.slice
    count(counters, [first, third], {one: 0, other: 0})
    count(counters, [second], {one: 1})
    seen = counters.seen(GROUP, "s", {one, one + 1, other})
    assert dict(seen.digests) == {
        one: {first.digest, second.digest},
        one + 1: frozenset(),
        other: {third.digest},
    }
    assert dict(seen.parts) == {one: 2, one + 1: 0, other: 1}
    assert dict(counters.seen(GROUP, "s", {one}).parts) == {one: 2}
    assert dict(counters.seen(GROUP, "another", {one}).parts) == {one: 0}


def test_the_next_part_comes_after_all_others_though_the_first_has_expired(
    cloud: Cloud, counters: DynamoCounters
) -> None:
    number = error(1).slice
    for part in range(2):
        count(counters, [error(part)], {number: part})
    first = items(cloud, "seen:")[0]
    cloud.dynamodb.delete_item(TableName=TABLE, Key={name: first[name] for name in (PARTITION, ENTRY)})
    assert dict(counters.seen(GROUP, "s", {number}).parts) == {number: 2}


def test_a_part_that_somebody_else_has_written_is_a_conflict(counters: DynamoCounters) -> None:
    count(counters, [error(1)], {error(1).slice: 0})
    with pytest.raises(ConflictError):
        count(counters, [error(2)], {error(2).slice: 0})
    assert dict(counters.counts(GROUP, {"sig"}, 0, FIRST_MINUTE)) == {FIRST_MINUTE: 1}


def test_counts_of_all_streams_and_members_add_up(counters: DynamoCounters) -> None:
    for stream in ("s", "t", "u"):
        count(
            counters,
            [error(1), error(2), error(3, START + 60_000)],
            {error(1).slice: 0, error(3, START + 60_000).slice: 0},
            stream,
        )
    tally, _ = tallied([(error(4), "member")])
    counters.add(GROUP, "v", tally, {error(4).slice: 0})
    assert dict(counters.counts(GROUP, {"sig", "member"}, FIRST_MINUTE, FIRST_MINUTE + 1)) == {
        FIRST_MINUTE: 7,
        FIRST_MINUTE + 1: 3,
    }
    assert dict(counters.counts(GROUP, {"sig"}, FIRST_MINUTE + 1, FIRST_MINUTE + 9)) == {FIRST_MINUTE + 1: 3}


def test_counts_expire_some_days_after_their_minute(cloud: Cloud, counters: DynamoCounters) -> None:
    access = Access("GET", "/", 200, 7, 20.0)
    count(counters, [error(1), Counted(b"12345678", START, "x", None, access)], {error(1).slice: 0})
    for kind in ("counts:", "hours:", "access:"):
        [item] = items(cloud, kind)
        assert int(item[EXPIRES_AT]["N"]) == FIRST_MINUTE * 60 + 14 * 86_400


def test_a_large_delivery_is_as_many_transactions_as_it_takes(counters: DynamoCounters) -> None:
    events = [(error(number, START + number * 1_000), f"sig{number}") for number in range(120)]
    parts: dict[int, int] = {}
    transactions = 0
    while events:
        tally, number = tallied(events)
        counters.add(GROUP, "s", tally, {each: parts.setdefault(each, 0) for each in tally.digests})
        for each in tally.digests:
            parts[each] += 1
        events = events[number:]
        transactions += 1
    assert transactions == 3
    found = [dict(counters.counts(GROUP, {f"sig{number}"}, 0, FIRST_MINUTE + 9)) for number in range(120)]
    assert [sum(each.values()) for each in found] == [1] * 120
