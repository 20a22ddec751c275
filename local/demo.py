"""``make demo``: every stack deployed, sample input through every use case, and a report of what came out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.cloud import Cloud, laptop_cloud
from local.environment import ROOT
from local.errors import LocalCloudError
from local.journal import Journal, Phase
from local.page import render
from local.report import Result, table, write_report
from local.use_cases.outcome import UseCase
from local.use_cases.registry import USE_CASES

DIRECTORY = ROOT / "build" / "demo"


def demo(use_cases: Sequence[UseCase] = USE_CASES, directory: Path = DIRECTORY) -> int:
    """Runs the use cases and writes ``report.json`` and ``index.html``; 1 if any of them failed, else 0."""
    console = Console()
    journal = Journal(console)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    with journal.shown():
        results = _results(use_cases, journal, directory)
    write_report(results, directory / "report.json")
    page = directory / "index.html"
    page.write_text(render(results, journal.phases))
    console.print(_times(journal.phases), table(results), sep="\n")
    for each in results:
        if each.error:
            console.print(f"{each.use_case}: {each.error}", style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(f"See {page}", markup=False, highlight=False, soft_wrap=True)
    return 0 if all(each.ok for each in results) else 1


def _results(use_cases: Sequence[UseCase], journal: Journal, directory: Path) -> list[Result]:
    """One for each use case, in the same order, even where the cloud does not come up."""
    try:
        with laptop_cloud(journal=journal) as cloud:
            cloud.deploy()
            return [_result(use_case, cloud, directory) for use_case in use_cases]
    except LocalCloudError as error:
        return [Result(use_case=each.name, title=each.title, seconds=0, error=str(error)) for each in use_cases]


def _result(use_case: UseCase, cloud: Cloud, directory: Path) -> Result:
    pictures = directory / use_case.name
    pictures.mkdir()
    started = time.perf_counter()
    phase = cloud.journal.begin(use_case.name)
    try:
        outcome = use_case.run(cloud, pictures)
    except Exception as error:  # noqa: BLE001 - it is told in the report, and the other use cases go on
        cloud.journal.end(phase, outcome="failed")
        seconds = time.perf_counter() - started
        return Result(
            use_case=use_case.name, title=use_case.title, seconds=seconds, error=f"{type(error).__name__}: {error}"
        )
    cloud.journal.end(phase, outcome="failed" if outcome.problems else "done")
    return Result(
        use_case=use_case.name,
        title=use_case.title,
        seconds=time.perf_counter() - started,
        input=outcome.input,
        output=outcome.output,
        error="\n".join(outcome.problems),
        cards=outcome.cards,
    )


def _times(phases: Sequence[Phase]) -> Table:
    rows = Table("Phase", title="Where the time went", title_justify="left")
    rows.add_column("Begins at", justify="right")
    rows.add_column("Seconds", justify="right")
    for each in phases:
        rows.add_row(each.name, f"{each.started - phases[0].started:.1f}", f"{each.seconds or 0:.1f}")
    return rows
