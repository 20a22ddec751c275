"""Steps several workers one call at a time, in any order, and kills any of them before or after a call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

T = TypeVar("T")


class Command(Enum):
    """What happens to a worker that is about to make a call."""

    RUN = "run"
    KILL_BEFORE = "kill before"
    KILL_AFTER = "kill after"


class Killed(BaseException):
    """Ends a worker as the end of its process would: no handler of Exception sees it."""


class Worker:
    """One invocation; it stops before each call to the outside world until `step` lets it go on."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._command = Command.RUN
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self.running = True
        self.killed = False
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.worker = self  # type: ignore[attr-defined]
        self._thread.start()
        self._stopped.acquire()

    def step(self, command: Command = Command.RUN) -> None:
        """Lets the worker make its next call, or kills it there; returns when it waits again or has ended."""
        self._command = command
        self._go.release()
        self._stopped.acquire()

    def finish(self) -> None:
        """Runs the worker to its end."""
        while self.running:
            self.step()

    def _run(self) -> None:
        try:
            self._work()
        except Killed:
            self.killed = True
        except Exception as error:  # noqa: BLE001  kept for the test to look at
            self.error = error
        finally:
            self.running = False
            self._stopped.release()

    def call(self, effect: Callable[[], T]) -> T:
        """Makes ``effect`` a call that the schedule decides on."""
        self._stopped.release()
        self._go.acquire()
        if self._command is Command.KILL_BEFORE:
            raise Killed
        answer = effect()
        if self._command is Command.KILL_AFTER:
            raise Killed
        return answer


def scheduled(effect: Callable[[], T]) -> T:
    """Runs ``effect`` under the current worker's schedule; at once where there is none."""
    worker: Worker | None = getattr(threading.current_thread(), "worker", None)
    return worker.call(effect) if worker else effect()
