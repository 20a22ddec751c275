"""An in-memory AWS (moto) whose calls can be counted and killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.hooks import HierarchicalEmitter


class CutOffError(Exception):
    """The connection broke, or the function died: the caller of AWS never learns what came of the call."""


class Calls:
    """Counts the AWS calls of every client that `watch` was given, and cuts one of them off."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._of_thread: dict[int, int] = {}
        self.kill_at: int | None = None
        self.kill_before = True
        self._lock = threading.Lock()

    def watch(self, events: HierarchicalEmitter) -> None:
        """Listens to a client's (or a resource's client's) ``meta.events``."""
        events.register_first("before-call", self._before)
        events.register_last("after-call", self._after)

    def _before(self, model: Any, **_: Any) -> None:
        with self._lock:
            self.names.append(model.name)
            mine = self._of_thread[threading.get_ident()] = len(self.names) - 1
        if self.kill_before and mine == self.kill_at:
            raise CutOffError

    def _after(self, **_: Any) -> None:
        # A thread makes one call at a time, so the last one that it began is the one that ends.
        if not self.kill_before and self._of_thread[threading.get_ident()] == self.kill_at:
            raise CutOffError

    @contextmanager
    def cut_off(self, number: int, *, before: bool) -> Iterator[None]:
        """Cuts off the call with this number, counted from here: before it reaches AWS, or before the answer."""
        self.names.clear()
        self.kill_at, self.kill_before = number, before
        try:
            yield
        finally:
            self.kill_at = None
