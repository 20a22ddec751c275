"""Things in groups that are not too large for one call, or for one piece of work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def groups(items: Iterable[T], size: Callable[[T], int], *, largest: int, most: int | None = None) -> Iterator[list[T]]:
    """Items in their order, as many at a time as have together up to ``largest``, and at most ``most``.

    One that is larger alone is a group of its own.
    """
    group: list[T] = []
    total = 0
    for item in items:
        more = size(item)
        if group and (total + more > largest or len(group) == most):
            yield group
            group, total = [], 0
        group.append(item)
        total += more
    if group:
        yield group
