"""Analyzes a delivery: names its errors, counts them, and tells of what is out of the ordinary."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdas.log_analysis.contract import OTHER
from lambdas.log_analysis.domain.analysis import counted
from lambdas.log_analysis.domain.payload import Delivery
from lambdas.log_analysis.ports import Signatures
from lambdas.log_analysis.workflow.counting import Counting
from lambdas.log_analysis.workflow.naming import Naming
from lambdas.log_analysis.workflow.watching import Watching


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a delivery."""

    events: int
    errors: int = 0
    """Counted, as all that follow."""
    accesses: int = 0
    repeated: int = 0
    """Counted before."""
    unnamed: int = 0
    registered: int = 0
    alerts: int = 0


@dataclass
class Analyzer:
    """Analyzes deliveries. Keeps since when log groups are analyzed, which never changes."""

    signatures: Signatures
    naming: Naming
    counting: Counting
    watching: Watching
    since: dict[str, int] = field(default_factory=dict)

    def analyze(self, delivery: Delivery) -> Outcome:
        """Analyzes one delivery; the same one again, or others with the same log events, change nothing more.

        Raises:
            UnavailableError: a call failed; nothing is lost if the delivery comes again.
        """
        log_group, events = delivery.log_group, list(counted(delivery))
        if not delivery.log_events:
            return Outcome(events=0)
        if log_group not in self.since:
            # For deliveries without any error, too: learning begins with a log group's first line.
            first = min(event.timestamp for event in delivery.log_events) // 60_000
            self.since[log_group] = self.signatures.since(log_group, first)
        if not events:
            return Outcome(events=len(delivery.log_events))
        names = self.naming.named(log_group, self.since[log_group], events)
        named = [(event, names.ids[event.error.template] if event.error else "") for event in events]
        done = self.counting.count(log_group, delivery.log_stream, named)
        alerts = self.watching.watch(log_group, names.stored, named)
        return Outcome(
            events=len(delivery.log_events),
            errors=sum(signature_id != "" for _, signature_id in done),
            accesses=sum(event.access is not None for event, _ in done),
            repeated=len(named) - len(done),
            unnamed=sum(signature_id == OTHER for _, signature_id in done),
            registered=names.registered,
            alerts=alerts,
        )
