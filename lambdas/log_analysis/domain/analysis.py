"""What a delivery has to be counted: errors by template and minute, requests by minute."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from lambdas.log_analysis.contract import SLICE_SECONDS
from lambdas.log_analysis.domain.found import Access, Error
from lambdas.log_analysis.domain.messages import error_of, read
from lambdas.log_analysis.domain.payload import Delivery

DIGEST_BYTES = 8
"""Of an event's id. Two of 100,000 events of one stream in one slice are alike with a probability of 3 in 10^10."""


class Counted(msgspec.Struct, frozen=True):
    """A log event that is to be counted, exactly once: an error, a request, or a request that failed and is both."""

    digest: bytes
    milliseconds: int
    message: str
    error: Error | None
    access: Access | None

    @property
    def minute(self) -> int:
        """Since 1970."""
        return self.milliseconds // 60_000

    @property
    def slice(self) -> int:
        """Of the time, under which it is remembered."""
        return self.milliseconds // (1000 * SLICE_SECONDS)


def counted(delivery: Delivery) -> Iterator[Counted]:
    """The log events that count, in the order in which they came."""
    for event in delivery.log_events:
        found = read(event.message)
        if found is None:
            continue
        access = found if isinstance(found, Access) else None
        error = error_of(access) if access else found
        digest = hashlib.blake2b(event.id.encode(), digest_size=DIGEST_BYTES).digest()
        yield Counted(digest, event.timestamp, event.message, error if isinstance(error, Error) else None, access)
