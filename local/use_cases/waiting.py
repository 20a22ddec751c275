"""Waits until everything has come through, as long as something moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from local.use_cases.outcome import UseCaseError

PATIENCE_SECONDS = 30
_GLANCE_SECONDS = 0.1


def wait_until_done(
    left: Callable[[], Sequence[str]],
    stands_still: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until nothing is left; ``left`` tells what is, in other words whenever something has moved.

    Raises:
        UseCaseError: nothing has moved for half a minute. The message begins with ``stands_still``.
    """
    before: Sequence[str] = ()
    moved = clock()
    while now := left():
        if now != before:
            before, moved = now, clock()
        if clock() - moved > PATIENCE_SECONDS:
            raise UseCaseError(
                f"{stands_still} for {PATIENCE_SECONDS} s: {'; '.join(now)}; "
                "the function's output is in the emulator's log"
            )
        sleep(_GLANCE_SECONDS)
