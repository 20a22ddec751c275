"""What is told of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.backups.contract import resource_name, run_id
from lambdas.backups.contract.records import Kind, Run, Work, WorkState

_MOST_LINES = 200
"""Of each outcome: SNS takes 256 KB, and a line has up to some hundred bytes."""
_MOST_REASON = 500
"""Characters."""


@dataclass(frozen=True)
class Report:
    """A message."""

    subject: str
    """Up to 100 ASCII characters."""
    message: str


def report(run: Run, work: Sequence[Work]) -> Report:
    """Of a run that is finished: what failed first."""
    failed = [each for each in work if each.state is WorkState.FAILED]
    good = [each for each in work if each.state is WorkState.GOOD]
    outcome = f"{len(failed)} of {len(work)} failed" if failed else f"all {len(good)} good"
    if run.reason:
        outcome += ", and not all resources were found"
    late = ", begun late: its schedule did not fire" if run.caught_up else ""
    lines = [
        f"Backup {run_id(run.policy, run.slot)}: {outcome}{late}.",
        *([f"FAILED to find all resources: {_shortened(run.reason)}"] if run.reason else []),
        *_some([f"UNKNOWN whether bucket {name} has the tag: it may not be read" for name in run.unreadable]),
        *_some([f"FAILED {each.kind} {resource_name(each.resource)}: {_shortened(each.reason)}" for each in failed]),
        *_some([f"good {each.kind} {resource_name(each.resource)}{_notes(each)}" for each in good]),
    ]
    return Report(f"Backup {run_id(run.policy, run.slot)}: {outcome}", "\n".join(lines) + "\n")


def _some(lines: Sequence[str]) -> Sequence[str]:
    more = len(lines) - _MOST_LINES
    return lines if more <= 0 else [*lines[:_MOST_LINES], f"... and {more} more: see the status table"]


def _shortened(reason: str) -> str:
    return reason if len(reason) <= _MOST_REASON else f"{reason[:_MOST_REASON]}..."


def _notes(work: Work) -> str:
    notes = [f"{work.size:,} bytes"]
    if work.kind is not Kind.VOLUME:
        notes.append(f"{'items' if work.kind is Kind.TABLE else 'objects'}: {work.items:,}")
    if work.skipped:
        notes.append(f"archived objects that could not be read: {work.skipped:,}")
    if work.deleted:
        notes.append(f"old backups deleted: {work.deleted}")
    if work.reason:
        notes.append(f"but {_shortened(work.reason)}")
    return f": {', '.join(notes)}"
