"""Old backups go, grandfather, father, son; those that stay are whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from lambdas.backups.contract import run_id, slot_id
from local.use_cases.backups import vault
from local.use_cases.backups.samples import Samples, delete, write
from local.use_cases.backups.visit import Visit, scheduled
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.outcome import Listing

POLICY = "weekly"
WEEKS = 7
_KEPT_WEEKS = 5
_HOUR = 5
"""After the policy's own slot: of a week this one is the newest."""


def past_slots(now: datetime) -> list[datetime]:
    """A slot on each of the last Sundays, the oldest first."""
    last = (now - timedelta(days=(now.weekday() + 1) % 7)).replace(hour=_HOUR, second=0, microsecond=0)
    if last > now:
        last -= timedelta(weeks=1)
    return [last - timedelta(weeks=weeks) for weeks in reversed(range(WEEKS))]


def pruned(visit: Visit, samples: Samples, transcript: Transcript, now: datetime) -> Shown:
    """Past weeks are backed up one after the other, and between them the bucket changes."""
    slots, bucket = past_slots(now), samples.history
    as_of = {}
    for number, slot in enumerate(slots):
        write(visit, samples, bucket, "log.txt", b"week %d" % number)
        if number == 1:
            delete(visit, samples, bucket, "note.txt")
        as_of[slot] = dict(samples.objects[bucket])
        visit.back_up({"policy": POLICY, "slot": scheduled(slot)})
        visit.finish(POLICY, slot)
    kept = _kept(slots)
    runs = {run_id(POLICY, slot_id(slot)): slot for slot in slots}
    tables = {runs[name] for name in vault.on_demand_backups(visit, samples.history) if name in runs}
    transcript.check(tables == kept, f"of the table these are kept: {_days(tables)}, not {_days(kept)}")
    for slot in slots:
        wanted = as_of[slot] if slot in kept else None
        found = vault.held(visit, bucket, POLICY, slot)
        transcript.check(found == wanted, f"of {_days([slot])} the vault holds {found}, not {wanted}")
    stray = vault.copies(visit, bucket) - vault.referred(visit, bucket)
    transcript.check(not stray, f"copies are left that no manifest refers to: {stray}")
    return Shown(
        facts=(
            ("Kept", f"the newest of each of {_KEPT_WEEKS} weeks, and of each month"),
            ("Shared", f"{len(vault.copies(visit, bucket))} copies of objects serve {len(kept)} backups of the bucket"),
        ),
        listings=(_listing(slots, kept, as_of),),
    )


def _kept(slots: Sequence[datetime]) -> set[datetime]:
    """By the rule in the docs: weeks, then months."""
    months = {(slot.year, slot.month): slot for slot in slots}
    return {*slots[-_KEPT_WEEKS:], *months.values()}


def _days(slots: Iterable[datetime]) -> str:
    return ", ".join(f"{slot:%Y-%m-%d}" for slot in sorted(slots))


def _listing(slots: Sequence[datetime], kept: set[datetime], as_of: Mapping[datetime, Mapping[str, bytes]]) -> Listing:
    rows = [
        (
            f"{slot:%Y-%m-%d}",
            "kept" if slot in kept else "deleted",
            ", ".join(f"{key}: {content.decode()}" for key, content in sorted(as_of[slot].items())),
        )
        for slot in slots
    ]
    return Listing(title="Backups of past Sundays", heads=("Slot", "Now", "What the bucket held"), rows=tuple(rows))
