"""Counts log events exactly once, however often and in whatever company they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lambdas.common.failures import UnavailableError
from lambdas.log_analysis.domain.tally import Named, tallied
from lambdas.log_analysis.ports import ConflictError, Counters

PATIENCE = 8
"""How often is looked anew for what is counted, because others count log events of the same stream, before the rest is
left to a retry."""


@dataclass(frozen=True)
class Counting:
    """Counts the log events of deliveries."""

    counters: Counters
    sleep: Callable[[float], None]

    def count(self, log_group: str, log_stream: str, events: Sequence[Named]) -> list[Named]:
        """Counts those that are not counted yet, and returns these.

        Raises:
            UnavailableError: a call failed, or others count log events of this stream all the time.
        """
        done: list[Named] = []
        left = list({event.digest: (event, signature_id) for event, signature_id in events}.values())
        for attempt in range(PATIENCE):
            seen = self.counters.seen(log_group, log_stream, {event.slice for event, _ in left})
            left = [each for each in left if each[0].digest not in seen.digests[each[0].slice]]
            parts = dict(seen.parts)
            try:
                while left:
                    tally, number = tallied(left)
                    self.counters.add(log_group, log_stream, tally, parts)
                    for each in tally.digests:
                        parts[each] += 1
                    done += left[:number]
                    left = left[number:]
            except ConflictError:
                self.sleep(0.02 * 2**attempt)
                continue
            return done
        raise UnavailableError(f"others kept counting log events of {log_stream} in {log_group}")
