"""Generations of a day's rows: how each is named, and which nobody reads any more.

A name is ``00000042-20261125T101500Z-<digest>``: a number that grows by one with each replacement, when it was made,
and of what. The number tells what was replaced when: a generation was made after the one before it had become the
current one. The time makes every attempt a new object, so that what a killed run left behind, and is about to be
removed, is never taken up again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


def successor(current: str | None, made: datetime, digest: str) -> str:
    """Name of the generation that is to replace ``current``."""
    number = _number(current) + 1 if current else 1
    return f"{number:08d}-{made:%Y%m%dT%H%M%SZ}-{digest}"


def removable(listed: Mapping[str, datetime], current: str | None, before: datetime) -> list[str]:
    """Those of a day's generations that have been replaced, or left behind by a killed run, since ``before``.

    ``listed``: when each of them was written; ``current``: the one that readers are led to now. A generation was
    replaced no later than a later one was: at the latest when all of a greater number were written. That is not after
    they were written by more than an invocation takes.
    """
    if current is not None and current not in listed:
        # It was replaced after the list had been made; what the list lacks would be taken for removed.
        return []
    newest: dict[int, datetime] = {}
    for name, written in listed.items():
        newest[_number(name)] = max(written, newest.get(_number(name), written))
    last = _number(current) if current else 0
    settled = max((number for number, written in newest.items() if number <= last and written < before), default=0)
    return sorted(
        name
        for name, written in listed.items()
        if name != current and written < before and not settled <= _number(name) < last
    )


def _number(name: str) -> int:
    return int(name.partition("-")[0])
