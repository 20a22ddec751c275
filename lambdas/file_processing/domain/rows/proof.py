"""Proves rows of JSON good in a few calls for many of them; what is not proven is not bad yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from lambdas.common.lines import Line, Overlong
from lambdas.file_processing.domain.rows.columns import offenders
from lambdas.file_processing.domain.rows.strict import Strict

_DIGITS: Final = bytes.maketrans(b"123456789E", b"000000000e")
_EXPONENT: Final = re.compile(rb"[\s:,\[]-?[0-9][0-9.]*+[eE]")
_encode = msgspec.json.Encoder().encode


def keeps_all_keys(texts: Sequence[bytes], values: Sequence[Any]) -> bool:
    """Whether all keys of some texts are in what was read from them; False may also mean that it is not known.

    Each key has one colon, so that a key that was dropped, because it is there twice, makes one less, unless a colon
    that was written as an escape makes one more. All other colons are within strings, and stay.
    """
    text = b"".join(texts)
    if b"\\" in text and (b"\\u003a" in text or b"\\u003A" in text):
        return False
    return text.count(b":") == _encode(values).count(b":")


class Proof:
    """Reads rows as a strict type."""

    def __init__(self, strict: Strict) -> None:
        self._decode = msgspec.json.Decoder(strict.type).decode
        self._texts = strict.texts

    def doubtful(self, rows: Sequence[Line]) -> Sequence[int]:
        """Places of the rows that are not proven good, in their order."""
        bad, read = self._read(rows)
        texts = [row for place, row in enumerate(rows) if place not in bad and isinstance(row, bytes)]
        doubts = {*self._of_bad_form(read), *_with_exponents(texts), *_of_lost_keys(texts, read)}
        if doubts:
            places = [place for place in range(len(rows)) if place not in bad]
            bad.update(places[at] for at in doubts)
        return sorted(bad)

    def _read(self, rows: Sequence[Line]) -> tuple[set[int], list[Any]]:
        """Places of those that cannot be read as the type; and the others."""
        bad: set[int] = set()
        read: list[Any] = []
        decode = self._decode
        for place, row in enumerate(rows):
            try:
                read.append(decode(b"" if isinstance(row, Overlong) else row))
            except (msgspec.DecodeError, UnicodeDecodeError):
                bad.add(place)
        return bad, read

    def _of_bad_form(self, read: Sequence[Any]) -> list[int]:
        found: list[int] = []
        for get, fine in self._texts:
            values = list(map(get, read))
            at: Sequence[int] = range(len(values))
            if UNSET in values:
                at = [place for place in at if values[place] is not UNSET]
                values = [values[place] for place in at]
            if values and not fine(values):
                found.extend(at[place] for place in offenders(fine, values))
        return found


def _with_exponents(texts: Sequence[bytes]) -> list[int]:
    """Read as floats, they may be zero where Decimal has a number, or no number at all."""
    if b"0e" not in b"".join(texts).translate(_DIGITS):
        return []
    return [place for place, text in enumerate(texts) if _EXPONENT.search(text)]


def _of_lost_keys(texts: Sequence[bytes], read: Sequence[Any]) -> list[int]:
    if keeps_all_keys(texts, read):
        return []
    return [place for place, text in enumerate(texts) if not keeps_all_keys((text,), (read[place],))]
