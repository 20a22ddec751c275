"""Waits until everything that was put is counted: the checkpoints tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from lambdas.stream_analytics.contract import Position
from local.use_cases.waiting import wait_until_done


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

    def left() -> list[str]:
        now = {shard_id: checkpoint(shard_id) for shard_id in ends}
        return [
            f"{shard_id} at {at or 'its start'}, to go until {end}"
            for shard_id, end in ends.items()
            if (at := now[shard_id]) is None or at < end
        ]

    wait_until_done(left, "the stream is not drained, and no checkpoint has moved", clock=clock, sleep=sleep)
