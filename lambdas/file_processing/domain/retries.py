"""How long a message that failed waits until it comes again."""

from __future__ import annotations

_WAITS = (20, 100, 500, 2_500)
"""Seconds: a slip of AWS is over after the first; all of them outlast the half hour for which a table on demand may be
throttled, when it gets more than twice what it ever got (DynamoDB Developer Guide, "on-demand capacity mode")."""
_SPREAD = 0.25
"""Share of a wait that is left to chance, so that what failed together does not come again together."""


def wait(attempt: int, longest: int, chance: float) -> int:
    """Seconds after the ``attempt`` of that number, from 1: five times those before, less up to a quarter.

    They begin anew after four: queues give messages up after their fifth attempt, and nothing is gained by a long way
    to the dead letters. ``longest`` is never exceeded; ``chance`` is from 0 to 1.
    """
    whole = _WAITS[(attempt - 1) % len(_WAITS)]
    return min(longest, round(whole * (1 - _SPREAD * chance)))
