"""One Kinesis record becomes its events: each in its place, none lost, and none that harms its siblings."""

from __future__ import annotations

import gzip
import random
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.stream_analytics.contract import Limits, ReasonCode
from lambdas.stream_analytics.domain.unpacking import Broken, unpack
from tests.support.kpl import aggregate, seal

LIMITS = Limits(max_decompressed_bytes=1000, max_events_per_record=10)
EVENT = b'{"type":"view"}'

events = st.binary(min_size=1, max_size=40).filter(
    lambda line: b"\n" not in line and line.strip() == line and not line.startswith((b"\x1f\x8b", b"\xf3\x89\x9a\xc2"))
)


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def kpl(*users: bytes) -> bytes:
    return aggregate([("key", user) for user in users])


def codes(pieces: list[bytes | Broken]) -> list[bytes | ReasonCode]:
    """Events as they are, broken pieces as their reasons."""
    return [piece.code if isinstance(piece, Broken) else piece for piece in pieces]


# --- NDJSON ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (EVENT, [EVENT]),
        (b" " + EVENT + b" ", [b" " + EVENT + b" "]),
        (b"no JSON", [b"no JSON"]),
        (EVENT + b"\n", [EVENT]),
        (b"\n" + EVENT, [EVENT]),
        (b'{"a":1}\n{"a":2}', [b'{"a":1}', b'{"a":2}']),
        (b'{"a":1}\r\n\t{"a":2} \r\n\r\n \n[3]\n\n', [b'{"a":1}', b'{"a":2}', b"[3]"]),
        (b"{\n}", [b"{", b"}"]),
    ],
)
def test_lines_are_events(data: bytes, expected: list[bytes]) -> None:
    assert unpack(data, LIMITS) == expected


@pytest.mark.parametrize("data", [b"", b" ", b"\n", b"\r\n \n\n", b"\n" * 50])
def test_a_record_without_an_event_does_not_vanish(data: bytes) -> None:
    assert unpack(data, LIMITS) == [data]
    assert unpack(kpl(EVENT, data, EVENT), LIMITS) == [EVENT, data, EVENT]
    assert unpack(zipped(data), LIMITS) in ([data], [zipped(data)])


def test_an_aggregated_record_without_user_records_does_not_vanish() -> None:
    assert unpack(kpl(), LIMITS) == [kpl()]


# --- gzip -----------------------------------------------------------------------------------------------------------


def test_gzip_holds_lines() -> None:
    assert unpack(zipped(b'{"a":1}\n{"a":2}\n'), LIMITS) == [b'{"a":1}', b'{"a":2}']
    assert unpack(zipped(EVENT), LIMITS) == [EVENT]


def test_members_of_gzip_follow_each_other_even_within_a_line_and_with_padding() -> None:
    data = zipped(b'{"a"') + bytes(3) + zipped(b"") + zipped(b":1}\n[2]\n") + bytes(100)

    assert unpack(data, LIMITS) == [b'{"a":1}', b"[2]"]


@pytest.mark.parametrize("size", [10, 4_000, 100_000])
def test_gzip_cut_off_at_any_byte_is_broken_as_a_whole(size: int) -> None:
    data = zipped(random.Random(size).randbytes(size).replace(b"\n", b" "))
    limits = Limits()
    ends = {*range(2, 40), *range(40, len(data), max(1, len(data) // 300)), *range(len(data) - 40, len(data))}
    ends |= {end + off for end in range(4096, len(data), 4096) for off in (-1, 0, 1)}

    for end in sorted(end for end in ends if 2 <= end < len(data)):
        (piece,) = unpack(data[:end], limits)
        assert isinstance(piece, Broken), end
        assert (piece.code, piece.payload) == (ReasonCode.BAD_GZIP, data[:end])


@pytest.mark.parametrize(
    "data",
    [
        zipped(EVENT) + b"garbage",
        zipped(EVENT) + b"\0garbage",
        zipped(EVENT) + b"\x1f",
        zipped(EVENT) + zipped(EVENT)[:-1],
        zipped(EVENT)[:-8] + b"\0\0\0\0" + zipped(EVENT)[-4:],
        zipped(EVENT)[:-4] + b"\0\0\0\0",
        zipped(EVENT)[:10] + b"\xff" + zipped(EVENT)[11:],
        b"\x1f\x8b\x07" + zipped(EVENT)[3:],
        b"\x1f\x8b",
    ],
    ids=["garbage", "garbage behind padding", "one byte", "second member cut off", "checksum", "length", "deflate",
         "method", "magic alone"],
)  # fmt: skip
def test_malformed_gzip_is_broken_with_its_payload(data: bytes) -> None:
    (piece,) = unpack(data, LIMITS)

    assert isinstance(piece, Broken)
    assert (piece.code, piece.payload) == (ReasonCode.BAD_GZIP, data)
    assert piece.message


@pytest.mark.parametrize("inner", [zipped(b"1\n2"), kpl(b"1", b"2")])
def test_what_is_packed_again_within_gzip_stays_whole(inner: bytes) -> None:
    (piece,) = unpack(zipped(inner), LIMITS)

    assert isinstance(piece, Broken)
    assert (piece.code, piece.payload) == (ReasonCode.BAD_GZIP, zipped(inner))
    assert "once" in piece.message


def test_gzip_may_hold_as_much_as_the_limit_and_no_byte_more() -> None:
    assert unpack(zipped(b"a" * 1000), LIMITS) == [b"a" * 1000]
    assert unpack(zipped(b"a" * 600) + zipped(b"b" * 400) + zipped(b""), LIMITS) == [b"a" * 600 + b"b" * 400]
    assert codes(unpack(zipped(b"a" * 1001), LIMITS)) == [ReasonCode.DECOMPRESSION_BOMB]
    assert codes(unpack(zipped(b"a" * 600) + zipped(b"b" * 401), LIMITS)) == [ReasonCode.DECOMPRESSION_BOMB]


def peak_bytes(data: bytes, limits: Limits) -> int:
    tracemalloc.start()
    try:
        unpack(data, limits)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_never_takes_more_memory_than_the_limit_and_a_little() -> None:
    bomb = zipped(bytes(10_000_000))
    assert len(bomb) < 10_000

    assert peak_bytes(bomb, Limits(max_decompressed_bytes=1_000_000)) < 1_300_000
    assert peak_bytes(kpl(*[bomb] * 20), Limits(max_decompressed_bytes=1_000_000)) < 2_000_000
    assert peak_bytes(zipped(b"\n" * 5_000_000), Limits()) < 12_000_000
    assert peak_bytes(zipped(b"1\n" * 2_500_000), Limits()) < 15_000_000


def test_large_content_is_not_held_twice_while_it_is_inflated() -> None:
    text = bytes(random.Random(1).choices(range(65, 91), k=4_000_000))

    assert peak_bytes(zipped(text), Limits()) < 5_500_000


# --- KPL ------------------------------------------------------------------------------------------------------------


def test_each_user_record_is_unpacked_in_turn() -> None:
    data = kpl(b"[1]", b"[2]\n[3]\n", zipped(b"[4]\n[5]"), b"", b"[6]")

    assert unpack(data, LIMITS) == [b"[1]", b"[2]", b"[3]", b"[4]", b"[5]", b"", b"[6]"]


def test_a_broken_user_record_leaves_its_siblings_in_their_places() -> None:
    broken = zipped(b"[2]\n[3]")[:-5]
    bomb = zipped(bytes(1001))
    pieces = unpack(kpl(b"[1]", broken, bomb, zipped(b"[4]\n[5]")), LIMITS)

    assert codes(pieces) == [b"[1]", ReasonCode.BAD_GZIP, ReasonCode.DECOMPRESSION_BOMB, b"[4]", b"[5]"]
    assert [piece.payload for piece in pieces if isinstance(piece, Broken)] == [broken, bomb]


def test_the_limit_on_decompressed_bytes_holds_for_all_user_records_together() -> None:
    users = [zipped(bytes([letter]) * 400) for letter in b"abc"] + [zipped(b"d" * 200)]

    assert codes(unpack(kpl(*users), LIMITS)) == [
        b"a" * 400, b"b" * 400, ReasonCode.DECOMPRESSION_BOMB, b"d" * 200,
    ]  # fmt: skip


def test_kpl_within_kpl_stays_whole() -> None:
    inner = kpl(b"[1]", b"[2]\n[3]")

    assert b"\n" in inner
    assert unpack(kpl(b"[0]", inner), LIMITS) == [b"[0]", inner]


def test_what_only_begins_like_an_aggregated_record_is_an_ordinary_one() -> None:
    data = kpl(b"[1]", b"[2]\n[3]")

    for end in range(4, len(data)):
        assert unpack(data[:end], LIMITS) == [data[:end]]
    malformed = seal(b"\x1a\x7f\n\n")
    assert unpack(malformed, LIMITS) == [malformed]


# --- limits and guarantees ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [b"\n".join, lambda lines: zipped(b"\n".join(lines)), lambda lines: kpl(*lines)])
@pytest.mark.parametrize("blank", [b"", b"\n\n\r\n" * 20])
def test_a_record_may_hold_as_many_events_as_the_limit_and_not_one_more(
    pack: Callable[[list[bytes]], bytes], blank: bytes
) -> None:
    allowed = [b"%d" % number + (blank and b"\n") + blank for number in range(10)]

    assert unpack(pack(allowed), LIMITS) == [b"%d" % number for number in range(10)]
    (piece,) = unpack(pack([*allowed, b"10"]), LIMITS)
    assert isinstance(piece, Broken)
    assert (piece.code, piece.payload) == (ReasonCode.TOO_MANY_EVENTS, pack([*allowed, b"10"]))


def test_the_limit_on_events_holds_for_all_user_records_together() -> None:
    data = kpl(b"1\n2\n3\n4\n5\n6", b"7\n8\n9\n10\n11")

    assert codes(unpack(data, LIMITS)) == [ReasonCode.TOO_MANY_EVENTS]
    assert len(unpack(kpl(b"1\n2\n3\n4\n5\n6", b"7\n8\n9\n10"), LIMITS)) == 10


@settings(deadline=None)
@given(st.lists(st.lists(events, min_size=1, max_size=4), min_size=1, max_size=5), st.data())
def test_packed_any_way_the_events_are_the_same_in_the_same_places(
    users: list[list[bytes]], data: st.DataObject
) -> None:
    ways = [b"\n".join, lambda lines: b"\r\n".join(lines) + b"\n\n", lambda lines: zipped(b"\n".join(lines))]
    packed = [data.draw(st.sampled_from(ways))(user) for user in users]
    flat = [event for user in users for event in user]
    limits = Limits()

    assert unpack(kpl(*packed), limits) == flat
    assert unpack(b"\n".join(flat), limits) == flat
    assert unpack(zipped(b"\n".join(flat)), limits) == flat


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(),
        st.binary().map(lambda rest: b"\x1f\x8b\x08" + rest),
        st.lists(st.binary() | st.binary().map(zipped)).map(lambda users: kpl(*users)),
        st.tuples(st.binary(), st.binary(max_size=3), st.integers(0, 60)).map(
            lambda each: zipped(each[0])[: each[2]] + each[1] + zipped(each[0])[each[2] :]
        ),
    )
)
def test_whatever_the_bytes_there_are_pieces_and_they_are_the_same_again(data: bytes) -> None:
    pieces = unpack(data, LIMITS)

    assert pieces
    assert pieces == unpack(data, LIMITS)
    assert len(pieces) <= LIMITS.max_events_per_record
