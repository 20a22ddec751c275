"""From the JSON of events to typed events, many at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import reduce
from operator import itemgetter, or_
from typing import Any

import msgspec

from lambdas.stream_analytics.contract import Limits, ReasonCode, RedrivenEvent
from lambdas.stream_analytics.domain.events import Event
from lambdas.stream_analytics.domain.rejection import Rejected

CHUNK = 256
"""Events decoded in one go: a bad one among them costs only its chunk the faster way."""

Decoded = Event | RedrivenEvent | Rejected

_FIRST, _LAST = itemgetter(0), itemgetter(-1)
_MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Decoder:
    """Decodes events of the given types, and redriven ones; in the place of a bad one stands why it is rejected."""

    def __init__(self, types: Sequence[type[Event]], limits: Limits) -> None:
        union: Any = reduce(or_, types, RedrivenEvent)
        self._json = msgspec.json.Decoder(union)
        kinds: tuple[type[msgspec.Struct], ...] = (*types, RedrivenEvent)
        self._keys: dict[type, _LeastKeys] = {kind: _LeastKeys(kind) for kind in kinds}
        self._limits = limits

    def decode(self, pieces: Sequence[bytes]) -> list[Decoded]:
        """One answer for each piece, in order."""
        decoded: list[Decoded] = []
        for start in range(0, len(pieces), CHUNK):
            chunk = pieces[start : start + CHUNK]
            decoded += self._at_once(chunk) or [self.decode_one(piece) for piece in chunk]
        return decoded

    def _at_once(self, chunk: Sequence[bytes]) -> list[Decoded] | None:
        """The events of a chunk without anything wrong or unusual in it."""
        sizes = set(map(len, chunk))
        if min(sizes) < 2 or max(sizes) > self._limits.max_event_bytes:
            return None
        # msgspec takes two values on a line, and one on two: an event a line means that all begin and end like this.
        ends = set(map(_FIRST, chunk)), set(map(_LAST, chunk))
        if b"\n" in b"".join(chunk) or ends != ({ord("{")}, {ord("}")}):
            return None
        lines = b"\n".join(chunk)
        try:
            decoded: list[Decoded] = self._json.decode_lines(lines)
        except _MALFORMED:
            return None
        return decoded if len(decoded) == len(chunk) and _has_just(lines, self._least_keys(decoded)) else None

    def decode_one(self, piece: bytes) -> Decoded:
        """As `decode`, for one piece."""
        limit = self._limits.max_event_bytes
        # A redriven event carries its payload in base64, which takes a third more, and a few fields.
        envelope = 2 * limit + 512
        if len(piece) > limit and not (len(piece) <= envelope and piece.startswith(b'{"type":"redriven"')):
            return Rejected(ReasonCode.TOO_BIG, f"the event has {len(piece)} bytes; at most {limit} are taken")
        try:
            event: Decoded = self._json.decode(piece)
        except _MALFORMED as error:
            return Rejected(_reason(error), str(error))
        if b"\n" in piece or not _has_just(piece, self._least_keys([event])):
            repeated = _repeated_key(piece)
            if repeated is not None:
                return Rejected(ReasonCode.DUPLICATE_KEYS, f"the key {repeated!r} stands twice in one object")
        return event

    def _least_keys(self, decoded: Sequence[Decoded]) -> int:
        keys, least = self._keys, 0
        for kind, times in Counter(map(type, decoded)).items():
            least += keys[kind].own * times
            for name, of_each in keys[kind].lists:
                least += of_each * sum([len(getattr(event, name)) for event in decoded if event.__class__ is kind])
        return least


def _reason(error: Exception) -> ReasonCode:
    if not isinstance(error, msgspec.ValidationError):
        return ReasonCode.BAD_JSON
    return ReasonCode.UNKNOWN_TYPE if str(error).endswith("`$.type`") else ReasonCode.WRONG_SCHEMA


class _LeastKeys:
    """How many keys an event's JSON has at least: required ones, also of the structs in its lists."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        fields = msgspec.structs.fields(kind)
        self.own = sum(each.required for each in fields) + (kind.__struct_config__.tag is not None)
        self.lists = [
            (each.encode_name, _LeastKeys(item).own)
            for each in fields
            if (item := _struct_in_list(each.type)) is not None
        ]


def _struct_in_list(kind: Any) -> type[msgspec.Struct] | None:
    match msgspec.inspect.type_info(kind):
        case (
            msgspec.inspect.ListType(item_type=msgspec.inspect.StructType(cls=cls))
            | msgspec.inspect.VarTupleType(item_type=msgspec.inspect.StructType(cls=cls))
        ):
            return cls
        case _:
            return None


def _has_just(text: bytes, keys: int) -> bool:
    """Whether JSON that holds at least so many keys holds no more; if in doubt, not.

    Without white space a key ends in ``":``, and nothing else does but text after an escaped quote. msgspec would let
    the last of several equal keys win, and looking at each costs three times its whole work.
    """
    return b"\t" not in text and b"\r" not in text and text.replace(b" ", b"").count(b'":') == keys


def _repeated_key(piece: bytes) -> str | None:
    """A key that stands twice in one object of well-formed JSON."""
    repeated: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        counts = Counter(name for name, _ in pairs)
        repeated.extend(name for name, times in counts.items() if times > 1)

    json.loads(piece, object_pairs_hook=look, parse_int=str, parse_float=str)
    return repeated[0] if repeated else None
