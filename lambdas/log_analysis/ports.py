"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with models of AWS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import msgspec

from lambdas.log_analysis.domain.alerts import Alert
from lambdas.log_analysis.domain.signatures import Signature
from lambdas.log_analysis.domain.tally import Tally


class ConflictError(Exception):
    """Somebody else has written what was to be written: read it again."""


class FullError(Exception):
    """The log group has as many signatures as are allowed."""


class Stored(msgspec.Struct, frozen=True):
    """A signature as it was read."""

    signature: Signature
    revision: int
    """0 of one that is not stored."""


class Seen(msgspec.Struct, frozen=True):
    """Which log events of some slices are counted."""

    digests: Mapping[int, frozenset[bytes]]
    """By slice."""
    parts: Mapping[int, int]
    """By slice, the number that the next one gets."""


class Signatures(Protocol):
    """The signatures of log groups."""

    def since(self, log_group: str, minute: int) -> int:
        """The first minute of a log group, which is this one if none is known."""

    def some(self, log_group: str, ids: Collection[str]) -> dict[str, Stored]:
        """Those of the signatures that there are, by id."""

    def all(self, log_group: str) -> Sequence[Stored]:
        """All signatures."""

    def register(self, log_group: str, signature: Signature, members: Sequence[Stored], most: int) -> Stored:
        """Adds a signature, and writes those that are to be counted under it, in one step.

        Raises:
            ConflictError: it is there, or a member is not as it was read.
            FullError: there are ``most``.
        """

    def recount(self, log_group: str, number: int, day: str) -> bool:
        """Corrects how many signatures there are, once a day; whether it did."""

    def save(self, log_group: str, read: Stored, signature: Signature) -> Stored:
        """Writes a signature if it is as it was read. Raises ConflictError."""


class Counters(Protocol):
    """The counts of log groups, and which log events they are of."""

    def seen(self, log_group: str, log_stream: str, slices: Collection[int]) -> Seen:
        """Which log events are counted."""

    def add(self, log_group: str, log_stream: str, tally: Tally, parts: Mapping[int, int]) -> None:
        """Adds a tally and remembers its log events, in one step; ``parts`` are their numbers, by slice.

        Raises:
            ConflictError: others have counted log events of the same slices, or write the same items just now.
        """

    def counts(self, log_group: str, ids: Collection[str], first: int, last: int) -> Mapping[int, int]:
        """Errors of some signatures together, by minute, of those minutes in which there were any."""


class Alerts(Protocol):
    """Who tells people."""

    def publish(self, alert: Alert) -> None:
        """Tells them."""


class Subscriptions(Protocol):
    """What log groups are subscribed."""

    def remove(self, log_group: str, name: str) -> None:
        """Deletes a subscription filter, whether there or not."""
