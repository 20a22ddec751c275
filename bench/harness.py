"""What every slice's measurements share: interleaved runs on one core, peers as processes, rows, JSON and table."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median_low
from time import perf_counter
from typing import Any, Final, Self

from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).parents[1]
BUILD: Final = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Row:
    """One comparison; `ratio` says how many times better ours is, whether more or less of `unit` is better."""

    case: str
    peer: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    note: str = ""


Case = Callable[[], Iterable[Row]]
"""One measurement; a slice's module has `cases()`, which maps their names to them."""


class BenchError(Exception):
    """Something that measuring needs is missing; the message says what to do about it."""


class Peer:
    """A process that answers one line of JSON with one line of JSON, and first of all says what it is.

    Every implementation runs in one of its own, so that none inherits another's heap, and its start is not counted.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                start_new_session=True,  # Ctrl-C is for us; the process ends with its input
            )
        except FileNotFoundError as error:
            raise BenchError(f"{command[0]} is missing: install it to measure beside it") from error
        try:
            self.ready: dict[str, Any] = self._answer()
        except BenchError:
            self.close()
            raise

    def ask(self, request: Mapping[str, object]) -> dict[str, Any]:
        """Sends a request and waits for its answer. Raises BenchError if the process ended instead."""
        if self._process.stdin is None:
            raise BenchError("the peer was started without a pipe to ask it through")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def peak_memory(self) -> float:
        """Most memory that the process ever held, in megabytes (10^6 bytes).

        Read from the kernel, because the usual `ru_maxrss` starts at the size of the parent process.
        """
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError as error:
            raise BenchError("peak memory is measured on Linux only: leave the memory cases out") from error
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        if found is None:
            raise BenchError(f"the kernel does not report the peak memory of {self._command}")
        return int(found[1]) * 1024 / 1e6

    def close(self) -> None:
        """Ends the process by closing its input, and waits for it."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout:
            self._process.stdout.close()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise BenchError(f"{' '.join(self._command)} ended without an answer: see its message above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def pin_to_one_core() -> int | None:
    """Keeps this process, and all that it starts from now on, on one core; None where the system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def interleaved(
    runs: Mapping[str, Callable[[], float]], *, budget: float, rounds: range = range(3, 16)
) -> dict[str, list[float]]:
    """Runs A B C A B C …; what each run returned, by name.

    As many rounds as fit into `budget` seconds, within `rounds`, and an odd number, so that one is in the middle. A
    slow first round needs no exception: it does not end up there.
    """
    results: dict[str, list[float]] = {name: [] for name in runs}
    began = perf_counter()
    done = 0
    while done < rounds.start or done % 2 == 0 or (done < rounds[-1] and perf_counter() - began < budget):
        for name, run in runs.items():
            results[name].append(run())
        done += 1
    return results


def middle_pair(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """The round whose ratio is the median of all: speeds of a shared machine drift, ratios within a round do not."""
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    at = ratios.index(median_low(ratios))
    return ours[at], theirs[at]


def report(slice_name: str, rows: Sequence[Row], console: Console) -> Path:
    """Writes `build/bench/<slice>.json` and prints the same as a table."""
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{slice_name}.json"
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    table = Table(title=slice_name, caption="ratio: how many times better ours is", title_justify="left")
    for heading in ("case", "peer"):
        table.add_column(heading, no_wrap=True)
    for heading in ("ours", "theirs"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("note", overflow="fold", style="dim")
    previous = rows[0].case if rows else ""
    for row in rows:
        if row.case != previous:
            table.add_section()
        previous = row.case
        style = "green" if row.ratio >= 1 else "red"
        numbers = (f"{row.ours:.4g}", f"{row.theirs:.4g}", row.unit, f"[{style}]{row.ratio:.2f}[/]")
        table.add_row(row.case, row.peer, *numbers, row.note)
    console.print(table)
    return path
