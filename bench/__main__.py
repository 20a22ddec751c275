"""`python -m bench [slice] [case…]`: measures every slice, one of them, or some of its cases (`12mp-*` works)."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from fnmatch import fnmatch

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import bench
from bench.harness import ROOT, BenchError, Case, Row, pin_to_one_core, report


def slices() -> list[str]:
    """Names of the slices that can be measured: every package here."""
    return [module.name for module in pkgutil.iter_modules(bench.__path__) if module.ispkg]


def chosen(slice_name: str, patterns: list[str]) -> dict[str, Case]:
    """Cases of a slice that match a pattern, or all of them. Raises BenchError for names that there are not."""
    if slice_name not in slices():
        raise BenchError(f"there is no slice {slice_name!r} to measure; there is {', '.join(slices())}")
    cases: dict[str, Case] = importlib.import_module(f"bench.{slice_name}").cases()
    for pattern in patterns:
        if not any(fnmatch(name, pattern) for name in cases):
            raise BenchError(f"{slice_name} has no case {pattern!r}; it has {', '.join(cases)}")
    return {name: case for name, case in cases.items() if not patterns or any(fnmatch(name, p) for p in patterns)}


def measure(cases: dict[str, Case], console: Console) -> list[Row]:
    """Runs the cases one after the other, showing which."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    rows: list[Row] = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(cases))
        for name, case in cases.items():
            progress.update(task, description=name)
            if not console.is_terminal:
                console.print(f"measuring {name}")
            rows.extend(case())
            progress.advance(task)
    return rows


def tell(slice_name: str, rows: list[Row], console: Console) -> None:
    """Prints and writes the rows, and whatever else the slice makes of them: it may have `tables(rows)`."""
    path = report(slice_name, rows, console)
    module = importlib.import_module(f"bench.{slice_name}")
    if hasattr(module, "tables"):
        for table in module.tables(rows):
            console.print(table)
    console.print(f"written to {path.relative_to(ROOT)}")


def main() -> int:
    """Exit code 2 says that something to measure with is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("slice", nargs="?", help=f"one of: {', '.join(slices())}")
    parser.add_argument("case", nargs="*", help="names of cases, or patterns of them")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    pin_to_one_core()
    try:
        for name in [arguments.slice] if arguments.slice else slices():
            tell(name, measure(chosen(name, arguments.case), console), console)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
