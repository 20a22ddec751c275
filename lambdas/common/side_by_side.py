"""Calls of AWS at the same time: made one after the other, they mostly wait, and waiting is paid for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")
U = TypeVar("U")

THREADS = 8
"""Fewer than the ten connections that a client of boto3 keeps open."""


class Together(Protocol):
    """A way to make calls that do not depend on each other."""

    def __call__(self, call: Callable[[T], U], items: Sequence[T]) -> list[U]:
        """What ``call`` returns for each item, in their order. Others may have been made when one fails."""


def side_by_side(call: Callable[[T], U], items: Sequence[T]) -> list[U]:
    """Calls in several threads. All calls are made, then the first error is raised, if there was one."""
    if len(items) < 2:
        return [call(item) for item in items]
    with ThreadPoolExecutor(min(THREADS, len(items))) as pool:
        results = [pool.submit(call, item) for item in items]
    return [each.result() for each in results]
