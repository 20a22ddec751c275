"""Shows what is going on, and remembers how long each phase took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


@dataclass
class Phase:
    """One thing that takes time. ``seconds`` is None until it has ended."""

    name: str
    started: float = field(default_factory=time.perf_counter)
    seconds: float | None = None
    task: TaskID | None = None


class Journal:
    """Phases in the order of their beginning; some of them overlap.

    On a terminal each running phase is a line that moves; elsewhere each begin and end is a line of its own. Without
    a console nothing is shown.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.phases: list[Phase] = []
        self._console = console
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<24}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[detail]}", table_column=None),
            console=console,
        )

    @contextmanager
    def shown(self) -> Iterator[None]:
        """While inside, running phases are shown as they move."""
        if not self._moves:
            yield
            return
        with self._progress:
            yield

    @property
    def _moves(self) -> bool:
        return self._console is not None and self._console.is_terminal

    def begin(self, name: str) -> Phase:
        """Starts the clock of a phase."""
        phase = Phase(name)
        self.phases.append(phase)
        if self._moves:
            phase.task = self._progress.add_task(escape(name), total=1, detail="")
        elif self._console:
            self._console.print(f"{name} …", markup=False, highlight=False)
        return phase

    def detail(self, phase: Phase, text: str) -> None:
        """Says what a running phase is at; only where lines can move."""
        if phase.task is not None:
            self._progress.update(phase.task, detail=escape(text[:100]))

    def end(self, phase: Phase, *, outcome: str = "done") -> None:
        """Stops the clock of a phase; does nothing where it has been stopped."""
        if phase.seconds is not None:
            return
        phase.seconds = time.perf_counter() - phase.started
        if phase.task is not None:
            self._progress.update(phase.task, completed=1, detail=escape("" if outcome == "done" else outcome))
        elif self._console:
            self._console.print(f"{phase.name}: {outcome} in {phase.seconds:.1f} s", markup=False, highlight=False)

    @contextmanager
    def phase(self, name: str) -> Iterator[Phase]:
        """A phase as long as the block; one that raises is told as failed."""
        phase = self.begin(name)
        try:
            yield phase
        except BaseException:
            self.end(phase, outcome="failed")
            raise
        self.end(phase)
