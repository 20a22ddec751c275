"""Files of two dozen sorts through the deployed stack, changed and told of again, and everything compared."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.file_processing.adapters.totals import TotalsReader
from lambdas.file_processing.contract.access_logs import QuarantinedLine
from lambdas.file_processing.contract.search import SearchResult
from lambdas.file_processing.domain.rows.ledger import BadRow
from lambdas.file_processing.domain.totals import Totals
from local.cloud import Cloud, Outputs
from local.use_cases.file_processing import checks, gallery, measured, players, samples
from local.use_cases.file_processing.checks import Area, Problem, Read
from local.use_cases.file_processing.flow import Flow, Snapshot
from local.use_cases.file_processing.gallery import Gallery
from local.use_cases.file_processing.measured import Measured
from local.use_cases.file_processing.samples import Samples
from local.use_cases.file_processing.stack import FAILURES, INDEX_FAILURES, STACK, Catalog, Deployed
from local.use_cases.outcome import Card, Outcome, first_of

_HOUR_OF_REQUESTS = 12


@dataclass(frozen=True)
class Found:
    """All that the stack has made, and answers."""

    catalog: Catalog
    products: Read
    quarantine: Read
    kept: tuple[Mapping[str, str], Mapping[str, str]]
    """ETags in the products bucket, and in the quarantine bucket."""
    rows: Mapping[str, Sequence[BadRow]]
    lines: Mapping[str, Sequence[QuarantinedLine]]
    measured: Measured
    totals: Mapping[str, Mapping[str, Totals]]
    visible: Sequence[tuple[str, int, str]]
    searches: Mapping[str, SearchResult]
    failed: Mapping[str, int]

    @classmethod
    def of(cls, deployed: Deployed, start: datetime) -> Found:
        """Reads it."""

        def products(key: str) -> bytes:
            return deployed.read(deployed.products, key)

        def quarantine(key: str) -> bytes:
            return deployed.read(deployed.quarantine, key)

        catalog = deployed.catalog()
        visible = list(deployed.visible())
        totals = TotalsReader(deployed.dynamodb, deployed.catalog_table)
        waiting = deployed.waiting()
        return cls(
            catalog,
            products,
            quarantine,
            (deployed.objects(deployed.products), deployed.objects(deployed.quarantine)),
            {
                name: checks.bad_rows(catalog.version(name), quarantine)
                for name in (samples.ORDERS, samples.SHIPPED, samples.READINGS)
            },
            {
                name: checks.bad_lines(catalog.version(name), quarantine)
                for name in (samples.WEB_LOG, samples.BALANCER_LOG)
            },
            Measured.of(MetricsReader(deployed.dynamodb, deployed.metrics_table), start),
            {day: totals.of(day) for day in {day for *_, day in visible}},
            visible,
            {query: deployed.search(query) for query in samples.SEARCHES},
            {role: waiting[role] for role in (FAILURES, INDEX_FAILURES) if waiting[role]},
        )

    def problems(self, told: Samples) -> list[Problem]:
        """Whatever is not as it was generated."""
        shown = told.shown(told.uploads)
        tables = {samples.ORDERS: told.orders, samples.SHIPPED: told.shipped, samples.READINGS: told.readings}
        logs = {samples.WEB_LOG: told.traffic.web, samples.BALANCER_LOG: told.traffic.balancer}
        version = self.catalog.version
        return [
            *checks.check_catalog(shown, self.catalog),
            *checks.check_objects(self.catalog, *self.kept),
            *checks.check_own_prefix(self.catalog),
            *(Problem(Area.CATALOG, f"{count} messages in {role}") for role, count in self.failed.items()),
            *players.check_renditions(self.catalog, self.products),
            *(
                problem
                for name, table in tables.items()
                for problem in checks.check_rows(table, version(name), self.rows[name], self.products)
            ),
            *(
                problem
                for name, log in logs.items()
                for problem in checks.check_lines(log, version(name), self.lines[name])
            ),
            *measured.check_metrics(told.traffic.minutes, self.measured),
            *checks.check_totals(checks.recounted(shown, self.visible), self.totals),
            *checks.check_searches(self.searches),
        ]


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Uploads, changes and repeats, and compares everything with what was generated.

    The stack has to be new: whatever else was uploaded would be a difference.
    """
    deployed, journal = Deployed.of(cloud), cloud.journal
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    start = datetime(yesterday.year, yesterday.month, yesterday.day, _HOUR_OF_REQUESTS, tzinfo=UTC)
    with journal.phase("files: generate"):
        told = samples.samples(start)
    flow = Flow(deployed, told)
    began = time.perf_counter()
    with journal.phase("files: process"):
        flow.upload()
    seconds = time.perf_counter() - began
    with journal.phase("files: change and delete"):
        flow.change()
    with journal.phase("files: compare"):
        found = Found.of(deployed, start)
        problems = found.problems(told)
    with journal.phase("files: tell again"):
        before = Snapshot.of(deployed)
        repeated = flow.repeat()
        problems += [
            Problem(Area.AGAIN, f"{each} is not as it was") for each in before.differences(Snapshot.of(deployed))
        ]
    with journal.phase("files: draw"):
        cards = _cards(Gallery(directory), told, found, Once(seconds, repeated), problems)
    return Outcome(
        input=f"{len(told.first) + len(told.then)} uploads, {_megabytes(told):.1f} MB; {repeated} messages again",
        output=_summary(found),
        problems=first_of([f"{each.area.value}: {each.text}" for each in problems]),
        cards=cards,
    )


def _megabytes(told: Samples) -> float:
    return sum(len(each.data) for each in (*told.first, *told.then)) / 1e6


def _summary(found: Found) -> str:
    products = sum(len(found.catalog.version(name).products) for name in found.catalog.files)
    bad = sum(map(len, found.rows.values())) + sum(map(len, found.lines.values()))
    requests = sum(each.count for each in found.measured.requests.values())
    files = len(found.catalog.files)
    return f"{files} files, {products} products, {bad} bad rows and lines, metrics of {requests:,} requests"


# --- the page -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Once:
    """What happened along the way."""

    seconds: float
    """From the first upload until everything was done with."""
    repeated: int
    """Messages that came again."""


def _cards(drawn: Gallery, told: Samples, found: Found, once: Once, problems: Sequence[Problem]) -> tuple[Card, ...]:
    def card(title: str, area: Area, status: str, facts: Sequence[tuple[str, str]] = (), **shown: Any) -> Card:
        wrong = first_of([each.text for each in problems if each.area is area])
        told = (*facts, *(("Problem", each) for each in wrong))
        return Card(title=title, status="wrong" if wrong else status, good=not wrong, facts=told, **shown)

    traffic = told.traffic
    bad = sum(map(len, found.rows.values())) + sum(map(len, found.lines.values()))
    rows = sum(each.rows for each in (told.orders, told.shipped, told.readings))
    times = gallery.seconds_of(found.catalog.version(name) for name in found.catalog.files)
    return (
        card(
            "Video and sound",
            Area.MEDIA,
            "decoded, and as they should be",
            figures=tuple(drawn.players(found.catalog, found.products)),
        ),
        card(
            "Full-text search",
            Area.SEARCH,
            "finds what it should",
            listings=(gallery.found(found.searches),),
        ),
        card(
            "Rows and lines",
            Area.ROWS,
            "every one accounted for",
            (("Checked", f"{rows:,} rows of CSV, Parquet and JSON Lines, {2 * 4000:,} log lines; {bad} are bad"),),
            listings=(gallery.quarantined(found.rows, found.lines),),
        ),
        card(
            "Access logs",
            Area.METRICS,
            "every minute exact",
            (("Logs", f"{samples.WEB_LOG}, combined format, gzipped; {samples.BALANCER_LOG}, of a load balancer"),),
            figures=tuple(drawn.traffic(found.measured, traffic.start)),
        ),
        card(
            "Running totals",
            Area.TOTALS,
            "as a recount gives them",
            listings=(gallery.totals(found.totals),),
        ),
        card(
            "Catalog",
            Area.CATALOG,
            "complete",
            (
                ("Uploaded", f"{len(told.first)} files at once; done with after {once.seconds:.1f} s"),
                ("A file", f"{times[len(times) // 2]:.1f} s from its arrival in the median, {times[-1]:.1f} s at most"),
                ("Then", f"{len(told.then)} came, one of them over another, and {len(told.deleted)} were deleted"),
            ),
            listings=(gallery.catalog_of(found.catalog),),
        ),
        card(
            "Told again",
            Area.AGAIN,
            "nothing changes",
            (
                ("Messages", f"{once.repeated}: each of S3, of members and to lanes, twice; the newest events first"),
                ("Compared", "each item of both tables, each object's ETag, before and after"),
            ),
        ),
    )


def example(outputs: Outputs) -> str:
    """Puts a document into the inbox, lists what came of it, and searches for a word of it."""
    own = outputs[STACK]
    return "\n".join(
        [
            f"aws s3 cp README.md s3://{own['InboxBucketName']}/mine/",
            f"aws s3 ls --recursive s3://{own['ProductsBucketName']}/products/",
            ".venv/bin/python -m tools search 'responsive renditions'",
        ]
    )
