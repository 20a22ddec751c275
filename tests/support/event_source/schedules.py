"""Who decides what AWS leaves to chance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Schedule(Protocol):
    """Asked before every step; it must stop restarting the poller at some time, or the shard never drains."""

    def records_to_take(self, available: int) -> int:
        """How many of the ``available`` records, 1 to all, are there when the batching window ends."""

    def redeliver_from(self, processed: int) -> int | None:
        """Position, 0 to ``processed``, that a restarted poller reads from; None where the poller lives on.

        A restart at ``processed`` itself delivers nothing twice that was done, but cuts the batch at hand anew.
        """

    def seconds_to_wait(self) -> float:
        """Time that passes before the next invocation."""


class Steady:
    """Takes all that is there, at once, with a poller that never restarts."""

    def records_to_take(self, available: int) -> int:
        return available

    def redeliver_from(self, processed: int) -> int | None:  # noqa: ARG002  a Schedule's signature
        return None

    def seconds_to_wait(self) -> float:
        return 0.0


class Script:
    """Plays lists that Hypothesis generates and shrinks; where one has ended, as `Steady`.

    ``takes``: the most records for each batch, 0 for all. ``restarts``: for each step None, or by how many records the
    restarted poller goes back. ``waits``: seconds before each invocation.
    """

    def __init__(
        self, *, takes: Iterable[int] = (), restarts: Iterable[int | None] = (), waits: Iterable[float] = ()
    ) -> None:
        self._takes = iter(takes)
        self._restarts = iter(restarts)
        self._waits = iter(waits)

    def records_to_take(self, available: int) -> int:
        return min(next(self._takes, 0) or available, available)

    def redeliver_from(self, processed: int) -> int | None:
        back = next(self._restarts, None)
        return None if back is None else max(0, processed - back)

    def seconds_to_wait(self) -> float:
        return next(self._waits, 0.0)
