"""Sample events of all recipes through the deployed stack."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lambdas.common.tables.metrics.aggregates import Aggregate, Count
from lambdas.common.tables.metrics.layout import METRIC, PERIOD_AND_SHARD, metric_key
from lambdas.stream_analytics.contract import ArchivedEvent, QuarantinedEvent
from lambdas.stream_analytics.domain.tally import FILTERED
from local.cloud import Cloud, Outputs
from local.use_cases.outcome import Card, Figure, Outcome, first_of
from local.use_cases.stream_analytics import checks
from local.use_cases.stream_analytics.checks import STREAM, Problem
from local.use_cases.stream_analytics.draining import wait_until_drained
from local.use_cases.stream_analytics.gallery import Gallery
from local.use_cases.stream_analytics.producers import EVENTS, MINUTES, Produced, produce
from local.use_cases.stream_analytics.store import STACK, Store
from tools.samples.base import Item


@dataclass(frozen=True)
class Found:
    """All that the stack has kept."""

    counted: Mapping[Item, Aggregate]
    archived: Sequence[ArchivedEvent]
    quarantined: Sequence[QuarantinedEvent]
    orders: Sequence[tuple[str, bytes]]
    given_up: int

    @classmethod
    def of(cls, store: Store) -> Found:
        """Reads it."""
        return cls(
            store.counted(), list(store.archived()), list(store.quarantined()), store.stored_orders(), store.given_up()
        )

    @property
    def summary(self) -> str:
        """Counts, of archive and quarantine without repeated lines."""
        archived, quarantined = ({str(each) for each in lines} for lines in (self.archived, self.quarantined))
        filtered = sum(
            value.count for item, value in self.counted.items() if item.metric == FILTERED and isinstance(value, Count)
        )
        return (
            f"{len(archived):,} events archived, {len(quarantined):,} quarantined, {filtered:,} filtered; "
            f"{len(self.counted):,} metrics, {len(self.orders):,} orders"
        )

    def problems(self, produced: Produced) -> list[Problem]:
        """Whatever is not as the producers tell."""
        told, put = produced.tally, produced.events
        return [
            *checks.check_metrics(told, self.counted),
            *checks.check_stream(told, self.counted),
            *checks.check_archive(put, told, self.archived),
            *checks.check_quarantine(put, self.quarantined),
            *checks.check_orders(put, self.orders),
            *checks.check_failures(self.given_up),
        ]


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Puts the events, waits until they are counted, and compares everything with what their producers tell.

    The stack has to be new: whatever else was counted there would be a difference.
    """
    store, journal = Store.of(cloud), cloud.journal
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=MINUTES)
    began = time.perf_counter()
    with journal.phase("stream: produce"):
        produced = produce(store.kinesis, store.events, start)
    with journal.phase("stream: drain"):
        wait_until_drained(produced.ends, store.ledger.checkpoint)
    seconds = time.perf_counter() - began
    with journal.phase("stream: compare"):
        found = Found.of(store)
        problems = found.problems(produced)
    with journal.phase("stream: draw"):
        gallery = Gallery(directory, store.reader, start, MINUTES, found.counted)
        cards = tuple(_cards(gallery, produced, found, problems, seconds))
    return Outcome(
        input=f"{len(produced.events):,} events of {len(EVENTS)} recipes in {produced.records.total():,} records",
        output=found.summary,
        problems=first_of([each.text for each in problems]),
        cards=cards,
    )


def _cards(
    gallery: Gallery, produced: Produced, found: Found, problems: Sequence[Problem], seconds: float
) -> Iterator[Card]:
    forms = ", ".join(f"{count:,} {form}" for form, count in produced.records.most_common())
    facts = [
        ("Put", f"{len(produced.events):,} events in {produced.records.total():,} records: {forms}"),
        ("Came out", found.summary),
        ("Happened", f"in {MINUTES} minutes from {gallery.start:%H:%M} UTC on"),
        ("Time", f"{seconds:.1f} s from the first event put to the last one counted, in {len(produced.ends)} shards"),
    ]
    yield _card("All recipes", STREAM, facts, (gallery.rejected(), gallery.cleansed()), problems)
    for recipe, tally in produced.tallies.items():
        facts = [("Put", f"{EVENTS[recipe]:,} events, of which {tally.rejected.total():,} malformed")]
        facts += [("Filtered", f"{count:,}") for count in tally.filtered.values()]
        facts += [("Put again", f"{count:,}, which count once") for count in tally.repeated.values()]
        yield _card(recipe.capitalize(), recipe, facts, gallery.figures(recipe), problems)


def _card(
    title: str,
    recipe: str,
    facts: Sequence[tuple[str, str]],
    figures: tuple[Figure, ...],
    problems: Sequence[Problem],
) -> Card:
    good = all(each.recipe != recipe for each in problems)
    status = "every value right" if good else "wrong"
    return Card(title=title, status=status, good=good, facts=tuple(facts), figures=figures)


def example(outputs: Outputs) -> str:
    """Runs a producer, and asks for the views of each minute, which every shard counts for itself."""
    names, values = {"#metric": METRIC}, {":metric": {"S": metric_key("clickstream.views")}}
    return "\n".join(
        [
            ".venv/bin/python -m tools produce clickstream --rate 200 --seconds 5",
            f"aws dynamodb query --table-name {outputs[STACK]['MetricsTableName']} --output text \\",
            f"  --key-condition-expression '#metric = :metric' --expression-attribute-names '{json.dumps(names)}' \\",
            f"  --expression-attribute-values '{json.dumps(values)}' --query 'Items[].[{PERIOD_AND_SHARD}.S, count.N]'",
        ]
    )
