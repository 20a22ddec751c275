"""Looks whether the signatures of a delivery are out of the ordinary, once their errors are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from lambdas.common.side_by_side import Together
from lambdas.log_analysis.contract import Detection, Kind, day_of
from lambdas.log_analysis.domain.signatures import Sighting, Signature, seen_on, sighted
from lambdas.log_analysis.domain.statistics import is_high
from lambdas.log_analysis.domain.tally import Named
from lambdas.log_analysis.ports import Counters, Stored
from lambdas.log_analysis.workflow.telling import Telling


@dataclass(frozen=True)
class Watching:
    """Watches the signatures of deliveries."""

    counters: Counters
    telling: Telling
    detection: Detection
    together: Together

    def watch(self, log_group: str, stored: Mapping[str, Stored], events: Sequence[Named]) -> int:
        """Tells of what is out of the ordinary about these errors, new or not; how many alerts that were.

        All of them are looked at each time: an invocation may have been killed once it had counted.
        """
        samples: dict[str, dict[int, str]] = {}
        for event, signature_id in events:
            if signature_id:
                samples.setdefault(signature_id, {}).setdefault(event.minute, event.message)
        ids = list(samples)
        found = self.together(lambda each: self._counts(log_group, stored[each].signature, samples[each]), ids)
        return sum(
            self.telling.tell(
                log_group,
                stored[each],
                partial(self._looked_at, counts=counts, samples=samples[each]),
            )
            for each, counts in zip(ids, found, strict=True)
        )

    def _counts(self, log_group: str, signature: Signature, samples: Mapping[int, str]) -> Mapping[int, int]:
        first = min(samples) - self.detection.baseline_minutes
        return self.counters.counts(log_group, signature.ids_since(first), first, max(samples))

    def _looked_at(self, signature: Signature, counts: Mapping[int, int], samples: Mapping[int, str]) -> Signature:
        latest = max(samples)
        signature = _counted(seen_on(signature, day_of(latest), samples[latest]), counts)
        for minute in sorted(samples):
            # The minute in which it was first seen is none like others: it has an error for sure.
            earliest = max(signature.first + 1, minute - self.detection.baseline_minutes)
            baseline = [counts.get(each, 0) for each in range(earliest, minute) if signature.is_usual(each)]
            count = counts.get(minute, 0)
            if high := is_high(count, baseline, self.detection):
                sighting = Sighting(
                    kind=Kind.RATE, minute=minute, count=count, expected=high.expected, sample=samples[minute]
                )
                signature = sighted(signature, sighting, self.detection.quiet_minutes)
        return signature


def _counted(signature: Signature, counts: Mapping[int, int]) -> Signature:
    """The signature with the counts, as far as they are known, of new ones that nobody has been told of."""
    return msgspec.structs.replace(
        signature,
        episodes=tuple(
            msgspec.structs.replace(each, count=max(each.count, counts.get(each.first, 0)))
            if each.kind is Kind.NEW and each.told_at is None
            else each
            for each in signature.episodes
        ),
    )
