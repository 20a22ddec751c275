"""What one transaction adds to the counters, and which log events it counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from lambdas.log_analysis.contract import hour_text
from lambdas.log_analysis.domain.analysis import Counted
from lambdas.log_analysis.domain.found import Access
from lambdas.log_analysis.domain.latencies import cell_of

MOST_ITEMS = 100
"""Of a transaction ("TransactWriteItems")."""
MOST_DIGESTS = 20_000
"""Of an item, which may have 400 KB."""

Named = tuple[Counted, str]
"""A log event and the id of its signature, empty if it is no error."""


@dataclass
class Requests:
    """Requests of some time."""

    number: int = 0
    size: int = 0
    """Bytes of all answers."""
    statuses: Counter[int] = field(default_factory=Counter)
    """By class: 2 of 200 to 299."""
    cells: Counter[int] = field(default_factory=Counter)
    """Latencies, by the cells of ``latencies``; fewer than requests where a format tells none."""

    def add(self, access: Access) -> None:
        """Counts one more."""
        self.number += 1
        self.size += access.size
        self.statuses[access.status // 100] += 1
        if access.milliseconds is not None:
            self.cells[cell_of(access.milliseconds)] += 1


@dataclass
class Tally:
    """Sums of some log events of one stream."""

    digests: dict[int, bytearray] = field(default_factory=lambda: defaultdict(bytearray))
    """By slice."""
    errors: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By signature and minute."""
    hours: set[tuple[str, str]] = field(default_factory=set)
    """Signatures and hours of these errors, which have sums of their own."""
    requests: dict[int, Requests] = field(default_factory=lambda: defaultdict(Requests))
    """By minute."""

    def add(self, event: Counted, signature_id: str) -> None:
        """Counts one more."""
        self.digests[event.slice] += event.digest
        if signature_id:
            self.errors[signature_id, event.minute] += 1
            self.hours.add((signature_id, hour_text(event.minute)))
        if event.access:
            self.requests[event.minute].add(event.access)

    def fits(self, event: Counted, signature_id: str) -> bool:
        """Whether one more may be in the same transaction."""
        if len(self.digests.get(event.slice, b"")) >= MOST_DIGESTS * len(event.digest):
            return False
        more = int(event.slice not in self.digests)
        if signature_id:
            more += (signature_id, event.minute) not in self.errors
            more += (signature_id, hour_text(event.minute)) not in self.hours
        if event.access:
            more += event.minute not in self.requests
        return len(self.digests) + len(self.errors) + len(self.hours) + len(self.requests) + more <= MOST_ITEMS


def tallied(events: Sequence[Named]) -> tuple[Tally, int]:
    """As many of the events, from the first on, as a transaction takes, and how many these are."""
    tally = Tally()
    for number, (event, signature_id) in enumerate(events):
        if not tally.fits(event, signature_id):
            return tally, number
        tally.add(event, signature_id)
    return tally, len(events)
