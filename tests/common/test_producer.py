"""The producer packs events into few records, and puts each record until it is stored or handed back."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common import producer
from lambdas.common.producer import Producer, Record, UndeliveredError, pack, pack_by_key, spread

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import PutRecordsOutputTypeDef, PutRecordsRequestEntryTypeDef

events = st.integers(1, 60).flatmap(lambda size: st.binary(min_size=size, max_size=size)).map(
    lambda body: b"{" + body.hex().encode() + b"}"
)  # fmt: skip


Packed = TypeVar("Packed")


def page_view(number: int) -> bytes:
    choice = random.Random(number)
    event = {"type": "view", "visitor": choice.randbytes(8).hex(), "url": f"https://shop.example/{choice.random()}"}
    return json.dumps(event).encode()


def unpacked(data: bytes) -> list[bytes]:
    return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).split(b"\n")


# --- packing --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(events), st.integers(130, 400), st.booleans())
def test_packed_events_are_all_there_in_order_and_within_the_size(
    given_events: list[bytes],
    most: int,
    compress: bool,  # noqa: FBT001
) -> None:
    packed = list(pack(given_events, max_record_bytes=most, compress=compress))

    assert [event for data in packed for event in unpacked(data)] == given_events
    assert all(len(data) <= most for data in packed)


@settings(deadline=None)
@given(st.lists(events, min_size=1), st.integers(130, 400))
def test_a_record_takes_every_event_that_fits(given_events: list[bytes], most: int) -> None:
    packed = list(pack(given_events, max_record_bytes=most))

    for data, following in itertools.pairwise(packed):
        assert len(data) + 1 + len(unpacked(following)[0]) > most


def test_a_record_of_the_default_size_is_one_put_payload_unit() -> None:
    records = list(spread(pack(page_view(number) for number in range(2000))))

    assert max(record.size for record in records) <= 24 * 1024
    assert min(record.size for record in records[:-1]) > 23 * 1024


def test_compressed_records_are_filled_too() -> None:
    given_events = [page_view(number) for number in range(20_000)]
    packed = list(pack(given_events, compress=True))

    assert [event for data in packed for event in unpacked(data)] == given_events
    assert max(map(len, packed)) <= producer.PACKED_BYTES
    # The first record only shows how well the events compress, the last one takes what is left.
    assert min(map(len, packed[1:-1])) > 0.8 * producer.PACKED_BYTES
    assert packed == list(pack(given_events, compress=True))


def test_events_that_compress_badly_after_good_ones_still_fit() -> None:
    noise = [random.Random(number).randbytes(5000).hex().encode() for number in range(20)]
    given_events = [b'{"a":1}'] * 5000 + noise + [b'{"a":1}'] * 5000

    packed = list(pack(given_events, compress=True))

    assert [event for data in packed for event in unpacked(data)] == given_events
    assert max(map(len, packed)) <= producer.PACKED_BYTES


def test_what_compresses_well_is_no_bomb_to_its_consumer() -> None:
    packed = list(pack([b'{"same":"%s"}' % (b"x" * 300)] * 20_000 + [b"{}"] * 30_000, compress=True))

    assert max(len(gzip.decompress(data)) for data in packed) <= 1024 * 1024
    assert max(len(unpacked(data)) for data in packed) <= 10_000


@pytest.mark.parametrize("bad", [b"", b"  ", b'{\n"a":1}', b"{}\n", b"x" * 101])
@pytest.mark.parametrize("compress", [False, True])
def test_what_cannot_be_packed_is_refused_after_every_event_before_it(bad: bytes, compress: bool) -> None:  # noqa: FBT001
    packed = pack([b"[1]", b"[2]", bad, b"[3]"], max_record_bytes=100, compress=compress)
    keyed = [("a", b"[1]"), ("b", b"[2]"), ("a", bad), ("a", b"[3]")]
    by_key = pack_by_key(keyed, groups=50, max_record_bytes=100, compress=compress)

    assert sorted(event for data in until_refusal(packed) for event in unpacked(data)) == [b"[1]", b"[2]"]
    assert sorted(event for each in until_refusal(by_key) for event in unpacked(each.data)) == [b"[1]", b"[2]"]


def until_refusal(packed: Iterator[Packed]) -> Iterator[Packed]:
    """What is yielded before the error, which must come."""
    with pytest.raises(ValueError, match=r"one line|raise max_record_bytes"):
        yield from packed


def test_an_event_as_big_as_a_record_fits_even_if_gzip_makes_it_bigger() -> None:
    event = random.Random(1).randbytes(100).replace(b"\n", b"x")

    for compress in (False, True):
        (data,) = pack([event], max_record_bytes=100, compress=compress)
        assert unpacked(data) == [event]


# --- partitioning ---------------------------------------------------------------------------------------------------


def shard(partition_key: str, shards: int) -> int:
    """Kinesis: the MD5 of the key as a number of 128 bits, of which each shard has an equal range."""
    return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()) * shards >> 128


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=3), events)), st.integers(1, 5), st.booleans())
def test_events_of_a_key_stay_in_order_under_one_partition_key(
    given_events: list[tuple[str, bytes]],
    groups: int,
    compress: bool,  # noqa: FBT001
) -> None:
    numbered = [(key, b"%d %s" % (number, event)) for number, (key, event) in enumerate(given_events)]
    key_of = {event: key for key, event in numbered}
    records = list(pack_by_key(numbered, groups=groups, max_record_bytes=200, compress=compress))

    seen = [(record.partition_key, event) for record in records for event in unpacked(record.data)]
    assert len({partition_key for partition_key, _ in seen}) <= groups
    for key in {key for key, _ in numbered}:
        assert len({partition_key for partition_key, event in seen if key_of[event] == key}) == 1
        assert [event for _, event in seen if key_of[event] == key] == [
            event for each, event in numbered if each == key
        ]
    assert len(seen) == len(numbered)


def test_keys_are_grouped_so_that_records_fill_up_and_other_processes_group_alike() -> None:
    given_events = [(f"visitor-{number % 5000}", page_view(number)) for number in range(20_000)]
    records = list(pack_by_key(given_events, groups=8))

    assert len({record.partition_key for record in records}) == 8
    assert len(records) < 2 * sum(len(event) for _, event in given_events) / producer.PACKED_BYTES
    (again,) = pack_by_key([given_events[7]], groups=8)
    (holder,) = (record for record in records if given_events[7][1] in record.data)
    assert again.partition_key == holder.partition_key


def test_no_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        list(pack_by_key([], groups=0))


def test_records_without_a_key_reach_all_shards_alike_even_if_packed_one_by_one() -> None:
    records = [record for _ in range(4000) for record in spread([b"{}"])]

    counts = Counter(shard(record.partition_key, 4) for record in records)
    assert set(counts) == {0, 1, 2, 3}
    assert all(850 < count < 1150 for count in counts.values())  # 5.5 standard deviations


# --- sending --------------------------------------------------------------------------------------------------------

PUT_RECORDS = get_session().get_service_model("kinesis").shape_for("PutRecordsInput")

Fail = Callable[[int], bool]
"""Whether the entry at an index fails."""


@dataclass
class Kinesis:
    """A stream that stores what the schedule lets through, and refuses calls as the service does."""

    schedule: Iterator[Fail | Exception]
    stored: list[Record] = field(default_factory=list)
    calls: list[list[Record]] = field(default_factory=list)

    def put_records(
        self,
        *,
        Records: Sequence[PutRecordsRequestEntryTypeDef],  # noqa: N803
        StreamName: str,  # noqa: N803
    ) -> PutRecordsOutputTypeDef:
        request = {"Records": list(Records), "StreamName": StreamName}
        report = ParamValidator().validate(request, PUT_RECORDS)
        assert not report.has_errors(), report.generate_report()
        assert StreamName == "events"
        assert 1 <= len(Records) <= 500
        records = [Record(bytes(each["Data"]), each["PartitionKey"]) for each in Records]  # type: ignore[arg-type]
        assert sum(len(each.data) + len(each.partition_key.encode()) for each in records) <= 10 * 1024 * 1024
        self.calls.append(records)
        step = next(self.schedule)
        if isinstance(step, Exception):
            raise step
        results: list[dict[str, str]] = []
        for index, record in enumerate(records):
            if step(index):
                results.append({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"})
            else:
                self.stored.append(record)
                results.append({"ShardId": "shardId-000000000000", "SequenceNumber": str(len(self.stored))})
        failed = sum("ErrorCode" in result for result in results)
        return {"FailedRecordCount": failed, "Records": results}  # type: ignore[typeddict-item]


def stores_all() -> Iterator[Fail | Exception]:
    while True:
        yield lambda _: False


def throttles_all() -> Iterator[Fail | Exception]:
    while True:
        yield lambda _: True


@dataclass
class Waits:
    """Stands in for the clock and for chance."""

    chance: float = 0.5
    seconds: list[float] = field(default_factory=list)

    def producer(self, kinesis: Kinesis) -> Producer:
        return Producer(kinesis, "events", sleep=self.seconds.append, random=lambda: self.chance)


def numbered(count: int, size: int = 0, keys: int = 3) -> list[Record]:
    return [Record(b"%d " % number + bytes(size), f"key-{number % keys}") for number in range(count)]


@pytest.mark.parametrize(("count", "size", "calls"), [(0, 0, 0), (1, 0, 1), (500, 0, 1), (501, 0, 2), (1700, 10, 4)])
def test_records_are_put_in_order_in_as_few_calls_as_500_records_allow(count: int, size: int, calls: int) -> None:
    kinesis, waits = Kinesis(stores_all()), Waits()

    waits.producer(kinesis).put(numbered(count, size))

    assert kinesis.stored == numbered(count, size)
    assert len(kinesis.calls) == calls
    assert waits.seconds == []


def test_a_call_holds_10_mib_with_partition_keys() -> None:
    kinesis = Kinesis(stores_all())
    key = "ü" * 128
    exact = [Record(bytes(1024 * 1024 - 256), key)] * 10

    Waits().producer(kinesis).put([*exact, *exact, Record(b"{}", key)])

    assert [len(call) for call in kinesis.calls] == [10, 10, 1]
    kinesis.calls.clear()
    Waits().producer(kinesis).put([Record(bytes(10 * 1024 * 1024 - 256), key), Record(b"", key)])
    assert [len(call) for call in kinesis.calls] == [1, 1]


@pytest.mark.parametrize(
    "record",
    [
        Record(bytes(10 * 1024 * 1024), "k"),
        Record(bytes(10 * 1024 * 1024 - 1), "ü"),
        Record(b"{}", ""),
        Record(b"", "k" * 257),
    ],
    ids=["too big", "too big with its key", "no key", "long key"],
)
def test_what_kinesis_never_takes_is_refused_before_anything_is_put(record: Record) -> None:
    kinesis = Kinesis(stores_all())

    with pytest.raises(ValueError, match="Kinesis takes"):
        Waits().producer(kinesis).put([*numbered(600), record])
    assert kinesis.calls == []


def test_only_failed_entries_are_put_again_and_before_the_next_call() -> None:
    kinesis = Kinesis(iter([lambda index: index in {3, 499}, lambda index: index == 1, *[lambda _: False] * 2]))
    records = numbered(501)

    Waits().producer(kinesis).put(records)

    assert kinesis.calls == [records[:500], [records[3], records[499]], [records[499]], [records[500]]]


@settings(deadline=None)
@given(
    st.integers(1, 1200),
    st.lists(st.tuples(st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.6, 1.0]), st.booleans()), max_size=40),
)
def test_under_any_schedule_each_record_is_stored_or_handed_back_and_without_failures_in_order(
    count: int, schedule: list[tuple[int, float, bool]]
) -> None:
    def steps() -> Iterator[Fail | Exception]:
        for seed, share, cut_off in schedule:
            if cut_off and seed % 8 == 0:
                yield ConnectionError("reset")
            chance = random.Random(seed)
            yield lambda _, chance=chance, share=share: chance.random() < share  # type: ignore[misc]
        yield from stores_all()

    kinesis = Kinesis(steps())
    records = numbered(count)
    undelivered: tuple[Record, ...] = ()
    try:
        Waits().producer(kinesis).put(records)
    except UndeliveredError as error:
        undelivered = error.undelivered

    assert Counter([*kinesis.stored, *undelivered]) == Counter(records)
    assert list(undelivered) == sorted(undelivered, key=lambda record: int(record.data))
    if all(share == 0 for _, share, _ in schedule):
        assert kinesis.stored == records[: len(kinesis.stored)]


def test_a_stream_that_takes_nothing_ends_with_all_records_handed_back() -> None:
    kinesis, waits = Kinesis(throttles_all()), Waits(chance=1.0)
    records = numbered(700)

    with pytest.raises(UndeliveredError, match=r"700 records.*ProvisionedThroughputExceededException") as raised:
        waits.producer(kinesis).put(records)

    assert raised.value.undelivered == tuple(records)
    assert len(kinesis.calls) == 10
    assert waits.seconds == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2, 2, 2, 2])


def test_waits_are_anything_up_to_their_bound() -> None:
    for chance in (0.0, 0.25):
        waits = Waits(chance=chance)
        with pytest.raises(UndeliveredError):
            waits.producer(Kinesis(throttles_all())).put(numbered(1))
        assert waits.seconds[:3] == pytest.approx([0.1 * chance, 0.2 * chance, 0.4 * chance])


def test_a_stream_that_takes_a_little_each_time_gets_all() -> None:
    def one_a_call() -> Iterator[Fail | Exception]:
        while True:
            yield lambda index: index > 0

    kinesis = Kinesis(one_a_call())
    records = numbered(60)

    Waits().producer(kinesis).put(records)

    assert kinesis.stored == records


def test_a_call_that_raises_hands_back_what_is_not_known_to_be_stored() -> None:
    broken = ConnectionError("reset")
    kinesis = Kinesis(iter([lambda _: False, lambda index: index < 5, broken]))
    records = numbered(1200)

    with pytest.raises(UndeliveredError, match="reset") as raised:
        Waits().producer(kinesis).put(records)

    assert raised.value.undelivered == (*records[500:505], *records[1000:])
    assert raised.value.__cause__ is broken
