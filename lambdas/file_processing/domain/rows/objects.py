"""Rows that are objects of JSON: each is read, checked, and goes one way or the other as it stands in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from lambdas.common.lines import Line, Overlong
from lambdas.file_processing.domain.rows.columns import EXACT_DIGITS
from lambdas.file_processing.domain.rows.ledger import Ledger
from lambdas.file_processing.domain.rows.problems import CheckObjects, Found, Problem, problem, quoted
from lambdas.file_processing.domain.rows.proof import Proof, keeps_all_keys
from lambdas.file_processing.domain.rows.text import too_long

MOST_DEPTH = 100
"""Lists and objects within each other."""

_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]')


def _number(text: str) -> float | Decimal:
    """A float where it has all that the text says, in comparisons with others of so few digits."""
    return float(text) if len(text) <= EXACT_DIGITS and "e" not in text and "E" not in text else Decimal(text)


_decode_exactly = msgspec.json.Decoder(float_hook=Decimal).decode
_decode_fast = msgspec.json.Decoder(float_hook=_number).decode


class Objects:
    """Reads and checks rows."""

    def __init__(self, check: CheckObjects | None, most: int, *, exact: bool, proof: Proof | None = None) -> None:
        """``exact``: whether numbers have to be Decimal, because they are compared with such.

        ``proof`` finds rows good that ``check`` would find good, faster.
        """
        self.columns: list[str] = []
        """Keys of the first object."""
        self.readable = 0
        """Rows that are JSON."""
        self._check = check
        self._most = most
        self._decode = _decode_exactly if exact else _decode_fast
        self._proof = proof

    def found(self, rows: Sequence[Line]) -> Found:
        """What is wrong with each of these texts."""
        found: Found = {}
        read: list[dict[str, Any]] = []
        places: list[int] = []
        for place in self._unproven(rows):
            raw = rows[place]
            value = too_long(self._most) if isinstance(raw, Overlong) else self._value(raw)
            if isinstance(value, dict):
                read.append(value)
                places.append(place)
            else:
                found[place] = [value]
        twice = _twice([rows[place] for place in places], read)
        if twice:
            found |= {places[at]: [each] for at, each in twice.items()}
            places = [place for place in places if place not in found]
            read = [row for at, row in enumerate(read) if at not in twice]
        if read and not self.columns:
            self.columns = list(read[0])
        checked = self._check(read) if self._check else {}
        return found | {places[at]: each for at, each in checked.items()}

    def _unproven(self, rows: Sequence[Line]) -> Sequence[int]:
        """Places of the rows that have to be looked at; the first object is, as long as its keys are not known."""
        if self._proof is None:
            return range(len(rows))
        places = self._proof.doubtful(rows)
        self.readable += len(rows) - len(places)
        if self.columns or len(places) == len(rows):
            return places
        self.readable -= 1
        first = next(place for place in range(len(rows)) if place not in places)
        return sorted([*places, first])

    def _value(self, raw: bytes) -> dict[str, Any] | Problem:
        if len(raw) > MOST_DEPTH and raw.count(b"[") + raw.count(b"{") > MOST_DEPTH and depth_of(raw) > MOST_DEPTH:
            return problem("", "too_deep", f"has more than {MOST_DEPTH} lists and objects within each other")
        try:
            value = self._decode(raw)
        except UnicodeDecodeError:
            return problem("", "encoding", "there are bytes that are no text in the file's encoding")
        except msgspec.DecodeError as error:
            return problem("", "malformed", f"is no JSON: {error}")
        except ArithmeticError:
            return problem("", "malformed", "there is a number with too large an exponent")
        self.readable += 1
        if not isinstance(value, dict):
            return problem("", "not_an_object", f"is {quoted(value)}, and a row is an object")
        return value


class ObjectsFile:
    """Parts the rows of a file; its product has an object on each line."""

    def __init__(
        self, product: BinaryIO, ledger: Ledger, objects: Objects, normal: Callable[[bytes], bytes] | None = None
    ) -> None:
        self._product = product
        self._ledger = ledger
        self._objects = objects
        self._normal = normal
        """What makes a line of a row's text, if it is none yet."""

    def add(self, rows: Sequence[Line], lines: Sequence[int]) -> None:
        """Rows one after the other, and the line at which each begins."""
        found = self._objects.found(rows)
        good = [row for place, row in enumerate(rows) if place not in found and isinstance(row, bytes)]
        if self._normal:
            good = list(map(self._normal, good))
        if good:
            self._product.write(b"\n".join([*good, b""]))
        self._ledger.settle(found, rows, lines)


def depth_of(raw: bytes) -> int:
    """Lists and objects within each other."""
    depth = most = 0
    for token in _TOKENS.findall(raw):
        if token in b"[{":
            depth += 1
            most = max(most, depth)
        elif token in b"]}":
            depth -= 1
    return most


def _twice(rows: Sequence[Any], read: Sequence[dict[str, Any]]) -> dict[int, Problem]:
    """Of the texts in which an object has a key twice, by their place."""
    if keeps_all_keys(rows, read):
        return {}
    twice = {at: _key_twice(row) for at, row in enumerate(rows) if not keeps_all_keys((row,), (read[at],))}
    message = "is there twice, so that readers would disagree on its value"
    return {at: problem(name, "duplicate_key", message) for at, name in twice.items() if name is not None}


def _key_twice(raw: bytes) -> str | None:
    """A key that an object has twice; None if there is none."""
    twice: list[str] = []

    def keyed(pairs: list[tuple[str, Any]]) -> None:
        known: set[str] = set()
        for name, _ in pairs:
            if twice:
                break
            if name in known:
                twice.append(name)
            known.add(name)

    json.loads(raw, object_pairs_hook=keyed, parse_int=str)
    return twice[0] if twice else None
