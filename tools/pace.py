"""No more than so many a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Pace:
    """A token bucket that holds one second's worth, and is full at first."""

    rate: float
    """A second."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._at = self.rate, self.clock()

    def take(self, count: float) -> None:
        """Waits until ``count`` may go; more than a second's worth goes at once, and the next one waits for it."""
        self._refill()
        wanted = min(count, self.rate)
        while self._tokens < wanted - 1e-9:
            self.sleep((wanted - self._tokens) / self.rate)
            self._refill()
        self._tokens -= count

    def _refill(self) -> None:
        now = self.clock()
        self._tokens = min(self.rate, self._tokens + (now - self._at) * self.rate)
        self._at = now
