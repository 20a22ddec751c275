"""A bad event is told from good ones, whatever is wrong with it, and its siblings in the same chunk survive."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.stream_analytics.contract import Limits, ReasonCode, RedrivenEvent
from lambdas.stream_analytics.domain.decoding import CHUNK, Decoded, Decoder
from lambdas.stream_analytics.domain.events import Event, Name, Text
from lambdas.stream_analytics.domain.rejection import Rejected

LIMIT = 2_000


class Part(msgspec.Struct, forbid_unknown_fields=True):
    a: Name
    n: int


class Note(Event, tag="note"):
    a: Text
    b: Name | None


class Parcel(Event, tag="parcel"):
    a: Name
    parts: list[Part]
    price: Decimal


DECODER = Decoder([Note, Parcel], Limits(max_event_bytes=LIMIT))
TIME = b'"time":"2026-11-21T10:00:00Z"'


def note(text: bytes = b'"a":"x","b":null') -> bytes:
    return b'{"type":"note",' + TIME + b"," + text + b"}"


def parcel(parts: bytes = b'{"a":"x","n":1},{"a":"y","n":2}', price: bytes = b'"1.50"') -> bytes:
    return b'{"type":"parcel",' + TIME + b',"a":"x","parts":[' + parts + b'],"price":' + price + b"}"


GOOD = [note(), parcel(), note(b'"a":"y","b":"z"'), parcel(b"")]


def redriven(payload: bytes) -> bytes:
    return msgspec.json.encode(
        RedrivenEvent(shard_id="shard-1", sequence_number="0" * 56, index=3, arrived=1.5, payload=payload)
    )


BAD_JSON = {
    "nothing": b"",
    "blank": b" ",
    "cut off": note()[:-1],
    "two values": note() + note(),
    "two values with a space": note() + b" " + note(),
    "a trailing comma": note(b'"a":"x","b":null,'),
    "NaN": note(b'"a":NaN,"b":null'),
    "NaN as a number": parcel(price=b"NaN"),
    "Infinity": parcel(price=b"Infinity"),
    "minus Infinity": parcel(price=b"-Infinity"),
    "a leading zero": parcel(price=b"01"),
    "a lone high surrogate": note(b'"a":"\\ud800","b":null'),
    "a lone low surrogate": note(b'"a":"\\udc00","b":null'),
    "a lone surrogate in a key": note(b'"a":"x","b":null,"\\ud800":1'),
    "a surrogate in UTF-8": note(b'"a":"\xed\xa0\x80","b":null'),
    "invalid UTF-8": note(b'"a":"\xff","b":null'),
    "overlong UTF-8": note(b'"a":"\xc0\xaf","b":null'),
    "Latin-1": note('"a":"café","b":null'.encode("latin-1")),
    "UTF-16": note().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + note(),
    "a raw tab in a string": note(b'"a":"\t","b":null'),
    "a raw NUL in a string": note(b'"a":"\0","b":null'),
    "single quotes": note().replace(b'"', b"'"),
    "a comment": note(b'/* */"a":"x","b":null'),
    "binary": bytes(range(256)),
}

DEEP = 10_000
DEEP_NESTING = {
    "deep lists before the type": b'{"x":' + b"[" * DEEP + b"]" * DEEP + b',"type":"note"}',
    "deep objects before the type": b'{"x":' + b'{"x":' * DEEP + b"1" + b"}" * DEEP + b',"type":"note"}',
    "deep lists in a field": note(b'"a":' + b"[" * DEEP + b"]" * DEEP + b',"b":null'),
    "deep lists alone": b"[" * DEEP + b"]" * DEEP,
    "deep lists that never end": b"[" * DEEP,
}

DUPLICATE_KEYS = {
    "a field": note(b'"a":"x","b":null,"a":"y"'),
    "a field with the same value": note(b'"a":"x","a":"x","b":null'),
    "the time": note(b'"a":"x","b":null,' + TIME),
    "the type": note(b'"a":"x","b":null,"type":"note"'),
    "an escaped key": note(b'"a":"x","b":null,"\\u0061":"y"'),
    "an escaped type": note(b'"a":"x","b":null,"t\\u0079pe":"note"'),
    "a space before the colon": note(b'"a" :"x","b":null,"a":"y"'),
    "a space before both colons": note(b'"a" :"x","b":null,"a" :"y"'),
    "a tab before the colon": note(b'"a"\t:"x","b":null,"a":"y"'),
    "a carriage return before the colon": note(b'"a"\r:"x","b":null,"a":"y"'),
    "as many colons as there should be": note(b'"a" :"x","b" :null,"a":"y"'),
    "text that looks like a key": note(b'"a":"\\":","b":null,"a":"\\":"'),
    "text that makes up for a space": note(b'"a" :"\\":","b":null,"a" :"\\":"'),
    "an object in a list": parcel(b'{"a":"x","n":1,"n":2}'),
    "an escaped key in a list": parcel(b'{"a":"x","n":1,"\\u006e":2}'),
    "the second object in a list": parcel(b'{"a":"x","n":1},{"a":"x","n":1,"a":"y"}'),
    "a list twice": parcel(b'{"a":"x","n":1}],"parts":['),
    "a longer list that is overwritten": parcel(b'{"a":"x","n":1},{"a":"y","n":1}],"parts":[{"a":"x","n":1}'),
}

WRONG_SCHEMA = {
    "no type": b"{" + TIME + b',"a":"x","b":null}',
    "an empty object": b"{}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "a missing field": note(b'"a":"x"'),
    "an unknown field": note(b'"a":"x","b":null,"c":1'),
    "an unknown field in a list": parcel(b'{"a":"x","n":1,"m":1}'),
    "another JSON type": note(b'"a":1,"b":null'),
    "an empty name": note(b'"a":"x","b":""'),
    "a name that is too long": note(b'"a":"x","b":"' + b"x" * 257 + b'"'),
    "a number with a fraction for a whole one": parcel(b'{"a":"x","n":1.5}'),
    "no offset in the time": note().replace(b"00Z", b"00"),
    "a day that is none": note().replace(b"11-21", b"02-30"),
}

UNKNOWN_TYPE = {
    "another type": note().replace(b'"note"', b'"notes"'),
    "an empty type": note().replace(b'"note"', b'""'),
    "another case": note().replace(b'"note"', b'"Note"'),
    "a number": note().replace(b'"note"', b"1"),
    "null": note().replace(b'"note"', b"null"),
    "a type that stands behind the fields": b"{" + TIME + b',"a":"x","type":"y"}',
}

TOO_BIG = {
    "one byte too much": note(b'"a":"' + b"x" * LIMIT + b'","b":null'),
    "much too much": b"x" * 10 * LIMIT,
    "white space": note() + b" " * LIMIT,
    "redriven, and too big for that": b'{"type":"redriven"' + b" " * (2 * LIMIT + 512) + b"}",
}

CASES = [
    pytest.param(piece, reason, id=f"{reason}: {name}")
    for reason, cases in {
        ReasonCode.BAD_JSON: BAD_JSON,
        ReasonCode.DUPLICATE_KEYS: DUPLICATE_KEYS,
        ReasonCode.WRONG_SCHEMA: WRONG_SCHEMA,
        ReasonCode.UNKNOWN_TYPE: UNKNOWN_TYPE,
    }.items()
    for name, piece in cases.items()
]


def answer(decoded: Decoded) -> tuple[Any, ...]:
    """What can be compared."""
    return (decoded.code, decoded.message) if isinstance(decoded, Rejected) else (decoded,)


def decode(pieces: list[bytes], decoder: Decoder = DECODER) -> list[tuple[Any, ...]]:
    return [answer(each) for each in decoder.decode(pieces)]


GOOD_ANSWERS = decode(GOOD)


@pytest.mark.parametrize(("piece", "reason"), CASES)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_bad_event_is_rejected_with_its_reason_and_its_siblings_survive_in_order(
    piece: bytes, reason: ReasonCode, place: int
) -> None:
    answers = decode([*GOOD[:place], piece, *GOOD[place:]])

    assert answers[:place] + answers[place + 1 :] == GOOD_ANSWERS
    assert answers[place][0] == reason
    assert answers[place][1]


@pytest.mark.parametrize("piece", TOO_BIG.values(), ids=TOO_BIG)
def test_an_event_that_is_too_big_is_rejected_before_it_is_parsed(piece: bytes) -> None:
    answers = decode([*GOOD, piece, *GOOD])

    assert answers[len(GOOD)][0] == ReasonCode.TOO_BIG
    assert answers[: len(GOOD)] == answers[len(GOOD) + 1 :] == GOOD_ANSWERS


@pytest.mark.parametrize("piece", DEEP_NESTING.values(), ids=DEEP_NESTING)
def test_deep_nesting_is_rejected_and_its_siblings_survive(piece: bytes) -> None:
    answers = decode([*GOOD, piece], Decoder([Note, Parcel], Limits()))

    assert answers[: len(GOOD)] == GOOD_ANSWERS
    assert answers[-1][0] in {ReasonCode.BAD_JSON, ReasonCode.WRONG_SCHEMA}


def test_good_events_decode_to_what_they_say() -> None:
    assert not any(isinstance(each, Rejected) for each in DECODER.decode(GOOD))
    decoded = DECODER.decode([parcel(price=b"0.1")])[0]
    assert isinstance(decoded, Parcel)
    assert decoded.price == Decimal("0.1")
    assert [(part.a, part.n) for part in decoded.parts] == [("x", 1), ("y", 2)]


@pytest.mark.parametrize(
    "piece",
    [
        note(b'"a":"\\":","b":null'),
        note(b'"a":"\\":\\":\\":","b":"\\":"'),
        note(b'"a" : "x" , "b" : null'),
        note(b'"a"\t:\r"x","b":null'),
        note(b'"\\u0061":"x","b":null'),
        note(b'"a":"\\ud83d\\ude00","b":"\xf0\x9f\x98\x80"'),
        note(b'"a":"","b":null'),
        b" " + note() + b" ",
        b'{"a":"x","b":null,' + TIME + b',"type":"note"}',
        parcel(b'{"n":1,"a":"\\":"}'),
        note(b'"a":"' + b"x" * (LIMIT - len(note()) + 1) + b'","b":null'),
    ],
)
def test_unusual_events_that_are_well_formed_are_taken(piece: bytes) -> None:
    answers = decode([*GOOD, piece, *GOOD])

    assert isinstance(answers[len(GOOD)][0], Event)
    assert answers[: len(GOOD)] == answers[len(GOOD) + 1 :] == GOOD_ANSWERS


@pytest.mark.parametrize(
    "pieces",
    [
        [note() + note(), note()[:20], note()[20:]],
        [note()[:15], note()[15:], note() + b" " + note()],
        [note() + note(), b""],
        [b"", note() + note()],
        [note() + note(), b" ", note()],
        [parcel() + note(), parcel()[: parcel().index(b',{"a"')], parcel()[parcel().index(b',{"a"') :]],
        [parcel() + note(), parcel()[: parcel().index(b'{"a":"y"')], parcel()[parcel().index(b'{"a":"y"') :]],
        [note() + note() + note(), note()[:-1], b"}", b""],
    ],
)
def test_pieces_of_events_are_never_put_together_to_whole_ones(pieces: list[bytes]) -> None:
    answers = decode([*GOOD, *pieces])

    assert answers == GOOD_ANSWERS + [answer(DECODER.decode_one(piece)) for piece in pieces]
    taken = [piece for piece, each in zip(pieces, answers[len(GOOD) :], strict=True) if isinstance(each[0], Event)]
    assert taken == [piece for piece in pieces if piece == note()]


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_there_is_one_answer_for_each_event_whatever_their_number(count: int) -> None:
    pieces = [note(b'"a":"%d","b":null' % number) for number in range(count)]
    if count > 2:
        pieces[count // 2] = b"bad"

    decoded = DECODER.decode(pieces)

    expected = [str(number) if piece != b"bad" else "rejected" for number, piece in enumerate(pieces)]
    assert [each.a if isinstance(each, Note) else "rejected" for each in decoded] == expected


# --- redriven events ------------------------------------------------------------------------------------------------


def test_a_redriven_event_keeps_its_origin_and_its_payload_which_may_be_as_big_as_an_event() -> None:
    payload = b"\xff" * LIMIT

    decoded = DECODER.decode([redriven(payload), note()])[0]

    assert isinstance(decoded, RedrivenEvent)
    assert (decoded.shard_id, decoded.index, decoded.arrived) == ("shard-1", 3, 1.5)
    assert decoded.payload == payload


@pytest.mark.parametrize(
    "piece",
    [redriven(b"x").replace(b'"eA=="', b'"!"'), redriven(b"x").replace(b'"index"', b'"place"')],
)
def test_a_redriven_event_of_another_shape_is_rejected(piece: bytes) -> None:
    assert decode([piece])[0][0] == ReasonCode.WRONG_SCHEMA


@pytest.mark.parametrize("space", [b" ", b"\t", b"\r", b"\n"])
def test_no_white_space_hides_a_repeated_key_in_what_comes_alone(space: bytes) -> None:
    piece = note(b'"a"' + space + b':"x","b":null,"a":"y"')

    assert answer(DECODER.decode_one(piece))[0] == ReasonCode.DUPLICATE_KEYS


# --- all at once, or piece by piece ---------------------------------------------------------------------------------


class NotStrictError(ValueError):
    """What the reference does not take, although the standard library does."""


def _refuse(what: str) -> Any:
    raise NotStrictError(what)


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else _refuse("duplicate keys")


def well_formed(piece: bytes) -> bool:
    """By the standard library: one value in UTF-8, without NaN, duplicate keys and lone surrogates."""
    try:
        text = piece.decode()
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return not text.startswith("\ufeff")


TEXTS = st.text(st.sampled_from('a":\\ {}[],\té😀\n'), max_size=8)
NOTES = st.builds(
    lambda a, b: {"type": "note", "time": "2026-11-21T10:00:00+01:00", "a": a, "b": b},
    TEXTS,
    st.none() | st.text(min_size=1, max_size=4),
)
PARCELS = st.builds(
    lambda a, parts, price: {"type": "parcel", "time": "2026-11-21T10:00:00Z", "a": a, "parts": parts, "price": price},
    TEXTS.filter(bool),
    st.lists(st.builds(lambda a, n: {"a": a, "n": n}, TEXTS.filter(bool), st.integers(-9, 9)), max_size=3),
    st.integers(0, 99) | st.just("0.10") | st.floats(0, 9),
)
DUMPS: list[Callable[[Any], str]] = [
    lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    lambda value: json.dumps(value, separators=(",", ":")),
    json.dumps,
]
VALID = st.builds(lambda value, dumps: dumps(value).encode(), NOTES | PARCELS, st.sampled_from(DUMPS))
SNIPPETS = [
    *(b'"a":"x",', b'"a" :1,', b'"\\u0061":"x",', b'"type":"note",', b'"n":1,', b'"parts":[],', b'{"a":"x","n":1},'),
    *(
        b"NaN",
        b"\\ud800",
        b"\\",
        b'"',
        b":",
        b'":',
        b"{",
        b"}",
        b" ",
        b"\t",
        b"\xff",
        b",",
        b"\xef\xbb\xbf",
        b"[",
        b"]",
    ),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid event with bytes put in, cut out, or doubled; without line feeds, as pieces are."""
    piece: bytes = draw(VALID)
    for _ in range(draw(st.integers(1, 3))):
        start, length = draw(st.integers(0, len(piece))), draw(st.integers(0, 12))
        doubled = piece[start : start + length] * 2
        inside = draw(st.just(b"") | st.just(doubled) | st.sampled_from(SNIPPETS) | st.binary(max_size=2))
        piece = piece[:start] + inside + piece[start + (length if draw(st.booleans()) else 0) :]
    return piece.replace(b"\n", b"")


@st.composite
def broken_in_two(draw: st.DrawFn) -> list[bytes]:
    """Two events, not cut where the one ends and the other begins."""
    text: bytes = draw(VALID) + draw(VALID)
    cut = draw(st.integers(0, len(text)))
    return [text[:cut], text[cut:]]


PIECES = st.lists(st.lists(VALID, max_size=2) | st.lists(mutated(), max_size=1) | broken_in_two(), max_size=6)


@settings(max_examples=200, deadline=None, print_blob=True)
@given(PIECES)
@example([[note() + note()], [note()[:20], note()[20:]]])
def test_all_at_once_is_as_piece_by_piece_and_as_the_standard_library_decides(lists: list[list[bytes]]) -> None:
    pieces = [piece for each in lists for piece in each]

    answers = decode(pieces)

    assert answers == [answer(DECODER.decode_one(piece)) for piece in pieces]
    for piece, (decoded, *_) in zip(pieces, answers, strict=True):
        strict = well_formed(piece)
        if isinstance(decoded, Event):
            assert strict, piece
        elif decoded in {ReasonCode.BAD_JSON, ReasonCode.DUPLICATE_KEYS}:
            assert not strict, piece


@settings(max_examples=100, deadline=None, print_blob=True)
@given(VALID)
def test_what_is_valid_is_taken(piece: bytes) -> None:
    assert isinstance(DECODER.decode([note(), piece])[1], Event)


@settings(max_examples=100, deadline=None, print_blob=True)
@given(st.lists(st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")), max_size=4))
def test_random_bytes_are_rejected_and_never_raise(pieces: list[bytes]) -> None:
    assert decode([*pieces, note()])[-1] == GOOD_ANSWERS[0]
    assert all(isinstance(each[0], ReasonCode) for each in decode(pieces))
