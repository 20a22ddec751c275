"""The schedules bite: each of these deliberate faults in the function is found by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from lambdas.log_analysis.adapters import counters, signatures
from lambdas.log_analysis.adapters.counters import DynamoCounters
from lambdas.log_analysis.domain import signatures as episodes
from lambdas.log_analysis.domain.signatures import Episode, Signature
from lambdas.log_analysis.domain.tally import Named, Tally
from lambdas.log_analysis.ports import Seen, Stored
from lambdas.log_analysis.workflow import telling
from lambdas.log_analysis.workflow.counting import Counting
from lambdas.log_analysis.workflow.naming import Naming
from lambdas.log_analysis.workflow.watching import Watching
from tests.log_analysis.test_exactness import check, schedules
from tests.support.schedules import Patch, expect_to_find

SEEN, CLAIMED, WATCH, COUNT, MADE = (
    DynamoCounters.seen,
    episodes.claimed,
    Watching.watch,
    Counting.count,
    Naming._made,
)
NEVER = 1e12
"""Unix time."""
counted_now: set[bytes] = set()


def forgetful(self: DynamoCounters, log_group: str, log_stream: str, slices: Collection[int]) -> Seen:
    """Nothing has been counted."""
    found = SEEN(self, log_group, log_stream, slices)
    return Seen({each: frozenset() for each in found.digests}, found.parts)


def unconditional(*_: Any) -> dict[str, Any]:
    """Writes whatever is there."""
    return {}


def greedy(signature: Signature, owner: str, _: float) -> tuple[Signature, tuple[Episode, ...]]:
    """Takes no notice of others' claims."""
    return CLAIMED(signature, owner, NEVER)


def for_ever(signature: Signature, owner: str, now: float) -> tuple[Signature, tuple[Episode, ...]]:
    """Claims without an end."""
    signature, mine = CLAIMED(signature, owner, now)
    claims = [
        msgspec.structs.replace(each, claimed_until=NEVER) if each.claimed_by == owner else each
        for each in signature.episodes
    ]
    return msgspec.structs.replace(signature, episodes=tuple(claims)), mine


def unmarked(signature: Signature, episode: Episode, now: float) -> Signature:  # noqa: ARG001
    """Does not note what was told."""
    return signature


def hurried(self: Watching, log_group: str, stored: Mapping[str, Stored], events: Sequence[Named]) -> int:
    """Looks only at what has just been counted, as `counted_now` leaves it."""
    return WATCH(self, log_group, stored, [each for each in events if each[0].digest in counted_now])


def noting(self: Counting, log_group: str, log_stream: str, events: Sequence[Named]) -> list[Named]:
    """Notes what it counts for `hurried`."""
    done = COUNT(self, log_group, log_stream, events)
    counted_now.clear()
    counted_now.update(event.digest for event, _ in done)
    return done


def apart(self: DynamoCounters, log_group: str, log_stream: str, tally: Tally, parts: Mapping[int, int]) -> None:
    """Remembers log events in another transaction than it counts them in."""
    remembered = type(tally)(digests=tally.digests)
    ADD(
        self, log_group, log_stream, type(tally)(errors=tally.errors, hours=tally.hours, requests=tally.requests), parts
    )
    ADD(self, log_group, log_stream, remembered, parts)


ADD = DynamoCounters.add


def known(*arguments: Any) -> Signature:
    """Takes every signature for one that was learned."""
    return msgspec.structs.replace(MADE(*arguments), episodes=())


FAULTS: dict[str, list[Patch]] = {
    "log events that come again are counted again": [(DynamoCounters, "seen", forgetful)],
    "two count the same log event at the same time": [(counters, "absent", unconditional)],
    "counting and remembering are two steps": [(DynamoCounters, "add", apart)],
    "changes of a signature overwrite each other": [(signatures, "equal", unconditional)],
    "claims of others are ignored": [(telling, "claimed", greedy)],
    "claims never end": [(telling, "claimed", for_ever)],
    "what was told is not marked": [(telling, "told", unmarked)],
    "only what was just counted is looked at": [(Watching, "watch", hurried), (Counting, "count", noting)],
    "new signatures are not told of": [(Naming, "_made", known)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules(), check)
