"""One slot that fires twice: what is tagged is backed up once, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from lambdas.backups.contract import resource_name, run_id, slot_id
from lambdas.backups.contract.records import Kind, Work, WorkState
from local.use_cases.backups import vault
from local.use_cases.backups.samples import MARKERS, Samples
from local.use_cases.backups.visit import ADVANCE, Visit, scheduled
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.outcome import Listing
from local.use_cases.waiting import wait_until_done

POLICY = "daily"


def fired_twice(visit: Visit, samples: Samples, transcript: Transcript, slot: datetime) -> Shown:
    """Its schedule fires twice at the same moment, and so do two invocations of the minute, which go on with it."""
    event = {"policy": POLICY, "slot": scheduled(slot)}
    at_once = (event, ADVANCE, event, ADVANCE)
    with ThreadPoolExecutor(len(at_once)) as pool:
        list(pool.map(visit.back_up, at_once))
    visit.finish(POLICY, slot)
    work = [each for each in visit.work(POLICY, slot) if resource_name(each.resource) in samples.names]
    _check_work(visit, samples, transcript, work, slot)
    pictures = vault.held(visit, samples.pictures, POLICY, slot)
    transcript.check(pictures == samples.objects[samples.pictures], "the vault does not hold what the bucket does")
    _check_untagged(visit, samples, transcript)
    report = _report(visit, run_id(POLICY, slot_id(slot)))
    transcript.check("FAILED" not in report["Message"], f"the report is {report}")
    for each in work:
        name = resource_name(each.resource)
        transcript.check(f" {name}:" in report["Message"], f"the report does not tell of {name}")
    return Shown(
        facts=(
            ("Fired", f"slot {scheduled(slot)} twice at once, amid two invocations of the minute"),
            ("Left alone", f"table, bucket and volume without the tag, and {MARKERS:,} objects deleted long ago"),
        ),
        listings=(
            _listing(work),
            Listing(
                title="The report that arrived",
                heads=("Subject",),
                rows=((report["Subject"],),),
                code=report["Message"],
            ),
        ),
    )


def _check_work(visit: Visit, samples: Samples, transcript: Transcript, work: Sequence[Work], slot: datetime) -> None:
    names = sorted(resource_name(each.resource) for each in work)
    wanted = sorted([*samples.daily_tables, samples.pictures, samples.volume])
    transcript.check(names == wanted, f"backed up are {names}, not {wanted}")
    for each in work:
        transcript.check(each.state is WorkState.GOOD, f"{each.resource} is {each.state}: {each.reason}")
    run = run_id(POLICY, slot_id(slot))
    for table in samples.daily_tables:
        made = vault.on_demand_backups(visit, table).count(run)
        transcript.check(made == 1, f"{made} on-demand backups of {table} were made")
        exported = vault.exports(visit, table, POLICY, slot)
        transcript.check(len(exported) == 1, f"{len(exported)} exports of {table} were made")
    taken = vault.snapshots(visit, samples.volume).count(run)
    transcript.check(taken == 1, f"{taken} snapshots were made")


def _check_untagged(visit: Visit, samples: Samples, transcript: Transcript) -> None:
    found = [
        *vault.on_demand_backups(visit, samples.private),
        *vault.snapshots(visit, samples.untagged_volume),
        *vault.copies(visit, samples.private),
    ]
    transcript.check(not found, f"without a tag these were made: {found}")


def _report(visit: Visit, run: str) -> dict[str, str]:
    found: list[dict[str, str]] = []

    def left() -> Sequence[str]:
        found.extend(each for each in visit.reports() if f"{run}:" in each["Subject"])
        return () if found else ("no report",)

    wait_until_done(left, f"nobody tells of {run}")
    return found[0]


def _listing(work: Sequence[Work]) -> Listing:
    rows = [
        (
            resource_name(each.resource),
            each.kind.value,
            "" if each.kind is Kind.VOLUME else f"{each.items:,}",
            f"{each.size:,}",
        )
        for each in work
    ]
    return Listing(
        title="What was backed up",
        heads=("Name", "Kind", "Items or objects", "Bytes"),
        rows=tuple(sorted(rows, key=lambda row: (row[1], row[0]))),
        numbers=(2, 3),
    )
