"""A shop's changes and its history through the deployed stack."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lambdas.common.tables.shop import layout
from lambdas.table_etl.contract import Quarantined
from local.cloud import Cloud, Outputs
from local.use_cases.outcome import Card, Outcome, UseCaseError, first_of
from local.use_cases.table_etl import checks, tally
from local.use_cases.table_etl.checks import Problem
from local.use_cases.table_etl.draining import Awaited
from local.use_cases.table_etl.gallery import Gallery
from local.use_cases.table_etl.history import History, keys_of, past
from local.use_cases.table_etl.lake import DATASETS, Lake, LakeRow
from local.use_cases.table_etl.producers import drop, write
from local.use_cases.table_etl.script import Put, Shop
from local.use_cases.table_etl.shop import Key
from local.use_cases.table_etl.store import STACK, Store, Stored
from local.use_cases.table_etl.subscriber import Event, Subscriber
from local.use_cases.table_etl.tally import Tally, Totals
from local.use_cases.waiting import wait_until_done

if TYPE_CHECKING:
    from local.journal import Journal

CHANGES = 5_000


@dataclass(frozen=True)
class Found:
    """All that the stack has kept, and told."""

    stored: Mapping[Key, Stored]
    views: Mapping[str, list[Any]]
    totals: Totals
    lake: Mapping[str, Sequence[LakeRow]]
    events: Mapping[Key, Event]
    quarantined: Sequence[Quarantined]
    waiting: Mapping[str, int]

    @classmethod
    def of(cls, store: Store, lake: Lake, subscriber: Subscriber) -> Found:
        """Reads it."""
        stored = store.stored()
        return cls(
            stored=stored,
            views=store.views({each.view for each in stored.values() if each.view}),
            totals=store.totals(),
            lake={dataset: list(lake.rows(dataset)) for dataset in DATASETS},
            events=subscriber.rows,
            quarantined=store.quarantined(),
            waiting=store.waiting(),
        )

    @property
    def summary(self) -> str:
        """Counts."""
        rows = sum(bool(each.fields) for each in self.stored.values())
        parquet = sum(map(len, self.lake.values()))
        rejected = len({str(each.position) for each in self.quarantined})
        return f"{rows:,} rows and {len(self.totals):,} totals, {parquet:,} rows of Parquet; {rejected} quarantined"

    def problems(self, told: Tally) -> list[Problem]:
        """Whatever is not as the producers tell."""
        states = told.states()
        return [
            *checks.check_rows(states, self.stored),
            *checks.check_views(tally.views(states), self.views),
            *checks.check_totals(tally.totals(states), self.totals),
            *checks.check_lake(states, self.lake),
            *checks.check_events(states, self.events),
            *checks.check_quarantine(told.bad(), self.quarantined),
            *checks.check_failures(self.waiting),
        ]


def plan(today: date, changes: int = CHANGES) -> tuple[list[Put], History]:
    """What the demo writes and drops, the same each time but for the days."""
    shop = Shop(Random("a shop"), today)  # noqa: S311  sample data
    made = shop.changes(changes)
    return made, past(shop, made, changes / CHANGES)


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Writes changes and drops files at the same time, waits, compacts, and compares everything with the tally.

    The stack has to be new: whatever else was loaded there would be a difference.
    """
    store, journal = Store.of(cloud), cloud.journal
    subscriber = Subscriber.to(cloud.client("events"), store.sqs, store.bus)
    changes, history = plan(datetime.now(UTC).date())
    began = time.perf_counter()
    told = _put(store, changes, history, journal)
    written = time.perf_counter() - began
    with journal.phase("table: load"):
        _wait(store, subscriber, told)
    loaded = time.perf_counter() - began
    with journal.phase("table: compact"):
        store.compact()
    times = Times(written, loaded, time.perf_counter() - began - loaded)
    with TemporaryDirectory() as copies:
        with journal.phase("table: compare"):
            lake = Lake.copied(store.s3, store.lake, Path(copies))
            found = Found.of(store, lake, subscriber)
            problems = found.problems(told)
        with journal.phase("table: draw"):
            cards = tuple(_cards(Gallery(directory, store.reader, lake, told.states()), told, found, problems, times))
    return Outcome(
        input=f"{len(changes):,} changes; {_files(history)}",
        output=found.summary,
        problems=first_of([f"{each.where}: {each.text}" for each in problems]),
        cards=cards,
    )


def _put(store: Store, changes: Sequence[Put], history: History, journal: Journal) -> Tally:
    """Side by side: history comes in while the stream is on."""
    with journal.phase("table: write and drop"), ThreadPoolExecutor(1) as pool:
        dropping = pool.submit(drop, store.dynamodb, store.s3, store.backfill, history)
        write(store.dynamodb, store.source, changes)
        dropped = dropping.result()
    return Tally(changes, list(numbered(changes, store.stream())), history, dropped)


def numbered(changes: Sequence[Put], stream: Iterator[tuple[Key, str]]) -> Iterator[str]:
    """The sequence number of each change: of one item, the stream has them in the order in which they were made.

    Raises:
        UseCaseError: the stream has others.
    """
    numbers: dict[Key, list[str]] = {}
    for key, number in stream:
        numbers.setdefault(key, []).append(number)
    for change in changes:
        if not numbers.get(change.key):
            raise UseCaseError(f"the stream of the source table lacks a change of {' '.join(change.key)}")
        yield numbers[change.key].pop(0)
    if more := {key for key, left in numbers.items() if left}:
        raise UseCaseError(f"the stream of the source table has more changes than were made: of {sorted(more)[:3]}")


def awaited(told: Tally) -> Awaited:
    """What there has to be when everything has come through."""
    live = {put.key for put in told.changes}
    only_history = {key for puts in told.history.puts.values() for key in keys_of(puts)} - live
    return Awaited({told.changes[-1].key, *only_history}, len(told.bad()))


def _wait(store: Store, subscriber: Subscriber, told: Tally) -> None:
    wanted = awaited(told)

    def left() -> list[str]:
        subscriber.take()
        return wanted.left(store)

    wait_until_done(left, "not everything has come through, and nothing has moved")
    # Events are sent last, and so may still come in.
    rows = tally.shown(told.states()).keys()

    def untold() -> list[str]:
        subscriber.take()
        count = len(rows - subscriber.rows.keys())
        return [f"{count} rows"] if count else []

    wait_until_done(untold, "not every row was told of, and no event has come")


@dataclass(frozen=True)
class Times:
    """Seconds."""

    written: float
    """From the first change to the last one that the table took, files included."""
    loaded: float
    """From the first change until everything was loaded."""
    compacted: float


def _cards(gallery: Gallery, told: Tally, found: Found, problems: Sequence[Problem], times: Times) -> Iterator[Card]:
    wrong = {each.where for each in problems}

    def card(title: str, checked: set[str], **shown: Any) -> Card:
        good = not checked & wrong
        return Card(title=title, status="every value right" if good else "wrong", good=good, **shown)

    yield card(
        "Changes and history",
        {checks.EVENTS, checks.FAILURES},
        figures=(gallery.changes(told.changes), gallery.statuses()),
        facts=(
            *((f"History: {name}", _rows(puts)) for name, puts in told.history.puts.items()),
            ("Came out", f"{found.summary}; events of {len(found.events):,} items"),
            ("Time", f"{times.written:.1f} s to write, {times.loaded:.1f} s until all was loaded"),
        ),
    )
    yield card(
        "Read model and lake",
        {checks.READ_MODEL, checks.TOTALS, checks.LAKE},
        figures=(gallery.revenue_of_totals(), gallery.revenue_of_lake()),
        listings=(gallery.newest_orders(), gallery.top_articles()),
        facts=(("Compaction", f"{times.compacted:.1f} s, {gallery.lake.size / 1e3:,.0f} kB of Parquet"),),
    )
    yield card(
        "Quarantine",
        {checks.QUARANTINE},
        figures=(gallery.rejected(found.quarantined),),
        listings=(gallery.examples(found.quarantined),),
        facts=(("Kept", "each with its payload and where it stood, to be redriven"),),
    )


def _rows(puts: Sequence[Put]) -> str:
    bad = sum(bool(each.reason) for each in puts)
    return f"{len(puts):,} rows, {bad} of them bad"


def _files(history: History) -> str:
    return ", ".join(f"{len(puts):,} rows of {name}" for name, puts in history.puts.items())


def example(outputs: Outputs) -> str:
    """Writes a customer, and asks for the customers of a country."""
    item = {
        **layout.customer_key("c-1"),
        "name": "Ada",
        "email": "ada@example.com",
        "country": "AT",
        "since": "2026-11-01",
    }
    typed = {name: {"S": value} for name, value in item.items()} | {"schema_version": {"N": "1"}}
    names, values = {"#view": "view"}, {":view": {"S": "country#AT#customers"}}
    return "\n".join(
        [
            f"aws dynamodb put-item --table-name {outputs[STACK]['SourceTableName']} --item '{json.dumps(typed)}'",
            f"aws dynamodb query --table-name {outputs[STACK]['ReadModelTableName']} --index-name by-view \\",
            f"  --key-condition-expression '#view = :view' --expression-attribute-names '{json.dumps(names)}' \\",
            f"  --expression-attribute-values '{json.dumps(values)}'",
        ]
    )
