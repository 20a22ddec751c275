"""30,000 lines with hidden faults, and what the deployed stack makes of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lambdas.log_analysis.adapters.reader import SignatureReader
from lambdas.log_analysis.domain.latencies import percentile
from lambdas.log_analysis.domain.tally import Requests
from local.cloud import Cloud, Outputs
from local.use_cases.log_analysis import gallery, loop
from local.use_cases.log_analysis.alerts import Alert, Inbox
from local.use_cases.log_analysis.checks import Minutes, Signature, check_alerts, check_repeats, check_requests, match
from local.use_cases.log_analysis.delivering import Delivery
from local.use_cases.log_analysis.gallery import Gallery
from local.use_cases.log_analysis.lines import MINUTES, FaultKind, Scenario, generate
from local.use_cases.log_analysis.stack import STACK, Deployed
from local.use_cases.outcome import Card, Figure, Outcome, first_of
from tools.signatures import Group, Span, top

SEED = 20261125
NAMES = ("Checkout", "Storefront", "Fulfilment")
"""Of what writes into the log groups."""
_TOP = 8


@dataclass(frozen=True)
class Found:
    """What stands in the table."""

    log_groups: Sequence[str]
    counts: Mapping[Signature, Minutes]
    """By minute since the beginning."""
    requests: Sequence[Mapping[int, Requests]]
    """Of each log group, by minute since 1970."""
    templates: Mapping[str, str]
    """Of signatures, by id."""
    groups: Sequence[Group]
    """As ``tools signatures`` shows them."""

    @classmethod
    def of(cls, deployed: Deployed, start: datetime) -> Found:
        """Reads all of it."""
        reader = SignatureReader(deployed.dynamodb, deployed.table)
        first = int(start.timestamp()) // 60
        span = Span(first, first + MINUTES - 1)
        counts: dict[Signature, Minutes] = {}
        templates: dict[str, str] = {}
        for group, name in enumerate(deployed.log_groups):
            for each in reader.signatures(name):
                templates[each.id] = each.template
                if minutes := reader.counts(name, each, span.first, span.last):
                    counts[group, each.id] = {minute - first: count for minute, count in minutes.items()}
        return cls(
            deployed.log_groups,
            counts,
            [reader.requests(name, span.first, span.last) for name in deployed.log_groups],
            templates,
            [group for name in deployed.log_groups for group in top(reader, span, [name], _TOP)],
        )


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Puts the lines, waits until they are analyzed, and compares what was found with what is hidden in them.

    The stack has to be new: whatever else was logged would be a difference.
    """
    deployed, journal = Deployed.of(cloud), cloud.journal
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=MINUTES)
    scenario = generate(SEED, start)
    inbox = Inbox.opened(deployed)
    delivery = Delivery(deployed, scenario)
    began = time.perf_counter()
    with journal.phase("logs: analyze"):
        delivery.run()
    seconds = time.perf_counter() - began
    with journal.phase("logs: compare"):
        found, alerts = Found.of(deployed, start), inbox.taken()
        matched = match(scenario.errors(), found.counts)
        problems = [
            *matched.problems,
            *check_alerts(scenario, matched.signatures, deployed.log_groups, alerts),
            *check_requests(scenario, found.requests),
        ]
    with journal.phase("logs: deliver again"):
        repeated = delivery.repeat()
        repeats = [*check_repeats(found.counts, Found.of(deployed, start).counts)]
        repeats += [f"{each.kind} of {each.signature} is told again" for each in inbox.taken()]
    with journal.phase("logs: own log group"):
        looped = loop.provoked(deployed, inbox)
    drawn = Gallery(directory, start)
    cards = [
        _overview(scenario, found, alerts, delivery, seconds, problems),
        *_groups(drawn, found, alerts),
        _again(delivery, repeated, repeats),
        _own(looped),
    ]
    return Outcome(
        input=f"{len(scenario.lines):,} lines of 3 log groups with {len(scenario.faults)} hidden faults",
        output=f"{len(found.counts)} signatures, {len(alerts)} alerts; {repeated:,} lines again, counted once",
        problems=first_of([*problems, *repeats, *looped.problems()]),
        cards=tuple(cards),
    )


# --- the page -------------------------------------------------------------------------------------------------------


def _overview(
    scenario: Scenario,
    found: Found,
    alerts: Sequence[Alert],
    delivery: Delivery,
    seconds: float,
    problems: Sequence[str],
) -> Card:
    kinds = Counter(each.kind for each in scenario.faults)
    errors = sum(count for minutes in found.counts.values() for count in minutes.values())
    query = next((each.body.partition("UTC on:\n")[2] for each in sorted(alerts)), "")
    return Card(
        title="Faults and alerts",
        status="every one found, none invented" if not problems else "wrong",
        good=not problems,
        facts=(
            ("Put", f"{delivery.put:,} lines of {MINUTES} minutes, in {delivery.calls} calls of PutLogEvents"),
            ("Hidden", f"{kinds[FaultKind.NEW]} new errors, {kinds[FaultKind.RATE]} that become frequent"),
            ("Counted", f"{errors:,} errors under {len(found.counts)} signatures, each minute as it was"),
            ("Time", f"{seconds:.1f} s from the first line put to the last one analyzed"),
            *(("Problem", each) for each in first_of(problems)),
        ),
        listings=(gallery.alerts(alerts, dict(zip(found.log_groups, NAMES, strict=True)), found.templates, query),),
    )


def _groups(drawn: Gallery, found: Found, alerts: Sequence[Alert]) -> Iterator[Card]:
    for group, name in enumerate(found.log_groups):
        told = {each.signature: each.kind for each in alerts if each.log_group == name}
        counts = {signature: minutes for (at, signature), minutes in found.counts.items() if at == group}
        facts = [("Log group", name), ("Errors", f"{sum(sum(each.values()) for each in counts.values()):,}")]
        figures: list[Figure] = [drawn.errors(NAMES[group].lower(), found.groups[group].rows, counts)]
        if requests := found.requests[group]:
            facts += [("Requests", _told(found.groups[group].requests))]
            figures += drawn.requests(NAMES[group].lower(), requests)
        yield Card(
            title=NAMES[group],
            status=f"{len(counts)} signatures",
            good=True,
            facts=tuple(facts),
            figures=tuple(figures),
            listings=(gallery.top(found.groups[group].rows, told),),
        )


def _told(requests: Requests) -> str:
    times = ", ".join(f"p{percent} {percentile(requests.cells, percent) or 0:.0f} ms" for percent in (50, 99))
    return f"{requests.number:,}, {requests.statuses[5] / requests.number:.1%} failed by the server; {times}"


def _again(delivery: Delivery, repeated: int, problems: Sequence[str]) -> Card:
    return Card(
        title="Delivered again",
        status="no count changes" if not problems else "wrong",
        good=not problems,
        facts=(
            ("First", f"{sum(map(len, delivery.handed)):,} lines handed to the function as CloudWatch Logs does"),
            ("Again", f"{repeated:,} lines: all of them twice, at the same time, and a third of them cut elsewhere"),
            *(("Problem", each) for each in first_of(problems)),
        ),
    )


def _own(looped: loop.Loop) -> Card:
    problems = looped.problems()
    return Card(
        title="Its own log group",
        status="subscribed by hand, and no longer" if not problems else "wrong",
        good=not problems,
        facts=(
            ("Invoked", f"{looped.invocations} time by a line of its own; it wrote none, and took the filter away"),
            ("Told", "; ".join(each.body.partition("\n")[0] for each in looped.alerts)),
            *(("Problem", each) for each in problems),
        ),
    )


def example(outputs: Outputs) -> str:
    """Logs an error a few times, as a function would, and looks at what became of it."""
    own = outputs[STACK]
    group = own["DemoLogGroupNames"].partition(",")[0]
    message = "[ERROR] Parcel 4711 has no address"
    return "\n".join(
        [
            f"aws logs create-log-stream --log-group-name {group} --log-stream-name mine",
            f"aws logs put-log-events --log-group-name {group} --log-stream-name mine \\",
            f"  --log-events \"timestamp=$(date +%s000),message='{message}'\"",
            ".venv/bin/python -m tools signatures --since 1h",
        ]
    )
