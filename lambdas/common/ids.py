"""Ids that sort by the time at which they were made, and tokens that tell one state from all others."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)

_DIGITS = 20
"""Random ones, hexadecimal, of an id or a token."""
_BLOCK = 512
"""Ids or tokens of one system call, which takes longer than all else that makes one."""
_TOKEN = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")
_VARIANTS = {digit: "89ab"[int(digit, 16) & 0b11] for digit in "0123456789abcdef"}


def new_id(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562): milliseconds, then 74 random bits."""
    time, random = f"{(now - _EPOCH) // _MILLISECOND:012x}", new_token()
    return f"{time[:8]}-{time[8:]}-7{random[:3]}-{_VARIANTS[random[3]]}{random[4:7]}-{random[8:]}"


def made_at(identity: str) -> datetime:
    """The millisecond (UTC) in which `new_id` made an id."""
    return _EPOCH + int(f"{identity[:8]}{identity[9:13]}", 16) * _MILLISECOND


def _tokens() -> Iterator[str]:
    while True:
        block = os.urandom(_BLOCK * _DIGITS // 2).hex()
        for at in range(0, len(block), _DIGITS):
            yield block[at : at + _DIGITS]


# For one thread alone. The first block is drawn with the first id: one that was drawn at initialisation would come back
# in every environment that Lambda restores from one snapshot.
new_token: Callable[[], str] = _tokens().__next__
"""Makes 80 random bits, in hexadecimal digits."""


def is_token(text: str) -> bool:
    """Whether `new_token` can have made it."""
    return _TOKEN.fullmatch(text) is not None
