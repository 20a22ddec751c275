"""Restores: the scheduled check proves them, and a command makes one."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from lambdas.backups.contract import CHECKING, CHECKS, SCRATCH_PREFIX, check_entry, resource_name, slot_id
from lambdas.backups.contract.records import Check, CheckResult
from local.environment import ROOT
from local.use_cases.backups.samples import Item, Samples, put
from local.use_cases.backups.visit import Visit, scheduled
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.outcome import Listing
from local.use_cases.waiting import wait_until_done

_TOLD_COLUMNS = 120


def proven(visit: Visit, samples: Samples, transcript: Transcript, slot: datetime) -> Shown:
    """The tables move on, then their backups are restored, and compared with the exports of their own moment."""
    tables = (*samples.daily_tables, samples.history)
    _move_on(visit, samples)
    visit.check({"slot": scheduled(slot)})
    wait_until_done(lambda: _open(visit, slot), "checks of restores stand still")
    checks = _finished(visit, slot, tables)
    transcript.check(sorted(checks) == sorted(tables), f"restored are {sorted(checks)}, not {sorted(tables)}")
    for name, check in checks.items():
        transcript.check(check.result is CheckResult.EQUAL, f"the restore of {name} is {check.result}: {check.reason}")
        transcript.check(check.scratch.items == len(samples.items[name]), f"{check.scratch.items} items of {name}")
    left = [name for name in _table_names(visit) if name.startswith(f"{SCRATCH_PREFIX}{slot_id(slot)}")]
    transcript.check(not left, f"scratch tables are left: {left}")
    return Shown(
        facts=(("Between backup and check", "items of every table were added, changed and deleted"),),
        listings=(_listing(visit, checks),),
    )


def _move_on(visit: Visit, samples: Samples) -> None:
    for name in (*samples.daily_tables, samples.history):
        put(visit.dynamodb, name, [{"pk": {"S": "later"}, "n": {"N": "1"}}])
        for item in samples.items[name][:2]:
            visit.dynamodb.delete_item(TableName=name, Key={"pk": item["pk"]})
        changed = [{**item, "changed": {"BOOL": True}} for item in samples.items[name][2:4]]
        put(visit.dynamodb, name, changed)


def _open(visit: Visit, slot: datetime) -> Sequence[str]:
    checks = visit.status.listed(CHECKING, Check, check_entry(slot_id(slot), ""))
    if checks:
        visit.check()
    return [f"{each.record.scratch_table}: {each.record.state} {each.revision}" for each in checks]


def _finished(visit: Visit, slot: datetime, tables: Sequence[str]) -> Mapping[str, Check]:
    found = [each.record for each in visit.status.listed(CHECKS, Check, check_entry(slot_id(slot), ""))]
    named = {resource_name(each.backup.resource): each for each in found}
    return {name: named[name] for name in tables if name in named}


def _table_names(visit: Visit) -> list[str]:
    pages = visit.dynamodb.get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"]]


def _listing(visit: Visit, checks: Mapping[str, Check]) -> Listing:
    rows = [
        (
            name,
            f"{check.result}",
            f"{check.scratch.items:,}",
            f"{len(_scanned(visit, name)):,}",
            f"{check.restore_seconds or 0:.1f}",
            check.scratch.digest[:8],
        )
        for name, check in checks.items()
    ]
    return Listing(
        title="Restored into scratch tables, and compared with the exports",
        heads=("Table", "Result", "Items restored", "Items now", "Seconds to restore", "Digest"),
        rows=tuple(rows),
        numbers=(2, 3, 4),
    )


def by_hand(visit: Visit, samples: Samples, transcript: Transcript, moment: datetime) -> Shown:
    """``python -m tools restore``: as it was, item by item; never over a table that is there."""
    name = f"{samples.types}-again"
    command = ("restore", samples.types, "--at", f"{moment:%Y-%m-%dT%H:%M:%SZ}", "--to", name)
    first = _tool(visit, *command)
    transcript.check(first.returncode == 0, f"the command ends with {first.returncode}: {first.stdout}{first.stderr}")
    restored = {item["pk"]["S"]: _meaning(item) for item in _scanned(visit, name)}
    wanted = {item["pk"]["S"]: _meaning(item) for item in samples.items[samples.types]}
    transcript.check(restored == wanted, f"restored are other items than were backed up: {restored}")
    again = _tool(visit, *command)
    transcript.check(again.returncode != 0, f"a table that was there is restored over: {again.stdout}")
    typed = f"$ python -m tools {' '.join(command)}"
    told = [typed, *_wrapped(first), "", typed, *_wrapped(again)]
    return Shown(
        facts=(("Restored", f"{len(restored)} items, equal to what was put before the backup, every type among them"),),
        listings=(Listing(title="By hand", heads=("Restored into",), rows=((name,),), code="\n".join(told)),),
    )


def _tool(visit: Visit, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools", *arguments],
        cwd=ROOT,
        env=dict(visit.environment),
        capture_output=True,
        text=True,
        check=False,
    )


def _wrapped(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = f"{done.stdout}{done.stderr}".splitlines()
    return [part for line in lines for part in textwrap.wrap(line, _TOLD_COLUMNS)]


def _scanned(visit: Visit, table: str) -> list[Item]:
    pages = visit.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def _meaning(item: Item) -> dict[str, Any]:
    """What an item is, however its numbers and sets are written. boto3's own deserializer refuses the largest ones."""
    return {name: _value(attribute) for name, attribute in item.items()}


def _value(attribute: Item) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return kind, Decimal(value)
        case "NS":
            return kind, {Decimal(each) for each in value}
        case "SS" | "BS":
            return kind, set(value)
        case "L":
            return kind, [_value(each) for each in value]
        case "M":
            return kind, _meaning(value)
        case _:
            return kind, value
