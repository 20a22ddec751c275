"""What the commands show: a bar while they run, if somebody watches, and a table at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from lambdas.log_analysis.contract import minute_text
from lambdas.log_analysis.domain.latencies import percentile
from lambdas.log_analysis.domain.tally import Requests
from tools import backfill, failed, redrive, replay
from tools.signatures import Group, sparkline

Tell = Callable[[str, int, int], None]
MOST_REMEDIES = 20
SAMPLE = 140
"""Characters shown of a log line."""


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """Tells how far a command is; on a terminal alone."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)


def redriven(console: Console, summary: redrive.Summary, *, dry_run: bool) -> None:
    """Table of a redrive, by reason."""
    table = _table("reason", ["found", "to send" if dry_run else "sent", "counted already", "in flight", "left"])
    columns = [summary.found, summary.sent, summary.counted, summary.in_flight, summary.left]
    for reason in sorted(summary.found):
        table.add_row(reason, *(str(column[reason]) for column in columns))
    table.add_section()
    table.add_row("all", *(str(column.total()) for column in columns))
    console.print(table)
    if summary.finished:
        console.print(f"{summary.finished} discarded records had been done with before: what they hold is not listed.")
    _list(console, summary.remedies)
    if summary.in_flight:
        console.print("What is in flight is being retried by the event source: run this again later.")


def redriven_whole(console: Console, summary: failed.Summary, *, dry_run: bool) -> None:
    """Table of a redrive of rows, or of whole events, by reason."""
    table = _table("reason", ["found", "to send" if dry_run else "sent", "rejected", "in flight", "left"])
    columns = [summary.found, summary.sent, summary.rejected, summary.in_flight, summary.left]
    for reason in sorted(set().union(*columns)):
        table.add_row(reason, *(str(column[reason]) for column in columns))
    table.add_section()
    table.add_row("all", *(str(column.total()) for column in columns))
    console.print(table)
    _list(console, summary.remedies)
    if summary.in_flight.total():
        console.print("What is in flight was received, but not yet deleted, by another run: run this again in minutes.")


def backfilled(console: Console, summary: backfill.Summary) -> None:
    """What became of an export."""
    begun = "An export that had begun before is complete now" if summary.continued else "The export is complete"
    console.print(f"{begun}: {summary.items} items in {summary.uri}. The stack loads them now.", soft_wrap=True)


def replayed(console: Console, summary: replay.Summary, *, dry_run: bool) -> None:
    """Table of a replay, by recipe and day."""
    written = [] if dry_run else ["items", "changed"]
    table = _table("recipe, day", ["objects", "events", "counted", "repeated", "left out", *written])
    for row in summary.rows:
        numbers = [row.objects, row.lines, row.counted, row.repeated, row.left_out]
        numbers += [] if dry_run else [row.items, row.changed]
        table.add_row(f"{row.recipe} {row.day}", *map(str, numbers))
    console.print(table)
    if summary.undecodable:
        console.print(
            f"{len(summary.undecodable)} archived events are not what their recipes decode now, so nothing was "
            f"written. Let the recipe take the old form, too, or move these objects elsewhere:"
        )
        _list(console, summary.undecodable)


def signatures(console: Console, groups: Sequence[Group]) -> None:
    """A table for each log group: its signatures over time, each with a sample, and its requests."""
    for group in groups:
        console.print(f"\n{group.name}", style="bold", markup=False, highlight=False)
        if group.requests.number:
            console.print(_requests(group.requests), highlight=False)
        if not group.rows:
            console.print("no errors", highlight=False)
            continue
        table = Table("over time", "signature; its id, and a sample")
        for name in ("errors", "first seen", "last seen"):
            table.add_column(name, justify="right", no_wrap=True)
        for row in group.rows:
            sample = Text(f"{row.signature.id}: {_one_line(row.signature.latest)}\n", "dim")
            seen = (minute_text(each).replace("T", " ") for each in (row.signature.first, row.last))
            what = Text("\n").join([Text(row.signature.template, "bold"), sample])
            table.add_row(sparkline(row.steps), what, f"{row.count:,}", *seen)
        console.print(table)


def _requests(requests: Requests) -> str:
    told = f"{requests.number:,} requests, {requests.statuses[5] / requests.number:.1%} answered 500 or above"
    times = [f"p{percent} {percentile(requests.cells, percent):.0f} ms" for percent in (50, 99) if requests.cells]
    return ", ".join([told, *times])


def _one_line(sample: str) -> str:
    line = " ".join(sample.split())
    return line if len(line) <= SAMPLE else f"{line[:SAMPLE]}…"


def _table(first: str, others: Sequence[str]) -> Table:
    table = Table(first)
    for each in others:
        table.add_column(each, justify="right")
    return table


def _list(console: Console, lines: Sequence[str]) -> None:
    for line in lines[:MOST_REMEDIES]:
        console.print(f"- {line}", markup=False, highlight=False, soft_wrap=True)
    if len(lines) > MOST_REMEDIES:
        console.print(f"... and {len(lines) - MOST_REMEDIES} more")
