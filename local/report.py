"""What `make demo` leaves behind: results as JSON, as a table, and as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from local.use_cases.outcome import Card


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one use case went. ``error`` is empty where it went well."""

    use_case: str
    title: str
    seconds: float
    input: str = ""
    output: str = ""
    error: str = ""
    cards: tuple[Card, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything came out as it should."""
        return not self.error


def write_report(results: Sequence[Result], path: Path) -> None:
    """Writes a list of ``{use_case, ok, seconds, input, output, error}``; ``error`` is null where it went well."""
    report = [
        {
            "use_case": each.use_case,
            "ok": each.ok,
            "seconds": round(each.seconds, 2),
            "input": each.input,
            "output": each.output,
            "error": each.error or None,
        }
        for each in results
    ]
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def table(results: Sequence[Result]) -> Table:
    """The results for the terminal; errors stand below it."""
    columns = Table("Use case", "Input", "Output", title="What came out", title_justify="left")
    columns.add_column("Seconds", justify="right")
    columns.add_column("OK")
    for each in results:
        verdict = Text("yes", "green") if each.ok else Text("no", "bold red")
        texts = (Text(text) for text in (each.use_case, each.input, each.output))
        columns.add_row(*texts, f"{each.seconds:.1f}", verdict)
    return columns
