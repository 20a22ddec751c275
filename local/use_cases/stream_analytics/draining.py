"""Waits until everything that was put is counted: the checkpoints tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from lambdas.stream_analytics.contract import Position
from local.use_cases.outcome import UseCaseError

_PATIENCE_SECONDS = 30
_GLANCE_SECONDS = 0.1


def wait_until_drained(
    ends: Mapping[str, Position],
    checkpoint: Callable[[str], Position | None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until the checkpoint of each shard is at the last event put there; what it covers is counted for good.

    Raises:
        UseCaseError: no checkpoint has moved for half a minute.
    """
    reached: dict[str, Position | None] = {}
    moved = clock()
    while True:
        now = {shard_id: checkpoint(shard_id) for shard_id in ends}
        left = [shard_id for shard_id, end in ends.items() if (at := now[shard_id]) is None or at < end]
        if not left:
            return
        if now != reached:
            reached, moved = now, clock()
        if clock() - moved > _PATIENCE_SECONDS:
            where = "; ".join(f"{each} at {now[each] or 'its start'}, to go until {ends[each]}" for each in left)
            raise UseCaseError(
                f"the stream is not drained, and no checkpoint has moved for {_PATIENCE_SECONDS} s: {where}; "
                "the function's output is in the emulator's log"
            )
        sleep(_GLANCE_SECONDS)
