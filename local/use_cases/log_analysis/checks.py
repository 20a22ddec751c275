"""Whether what was found in the lines is what is in them, by the account of whoever made them up."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lambdas.log_analysis.contract import Kind, minute_of
from lambdas.log_analysis.domain.latencies import RELATIVE_ERROR, percentile
from lambdas.log_analysis.domain.tally import Requests
from local.use_cases.log_analysis.alerts import Alert
from local.use_cases.log_analysis.lines import FaultKind, Scenario, Sort
from tools.signatures import together

Label = tuple[int, str]
"""Log group and what whoever made up the lines calls an error."""
Signature = tuple[int, str]
"""Log group and id."""
Minutes = Mapping[int, int]
"""How often in each minute since the beginning."""

PERCENTS = (50, 99)
_REQUEST = re.compile(r"[A-Z]+ /\S* ([1-5])\d\d")
KINDS = {FaultKind.NEW: Kind.NEW, FaultKind.RATE: Kind.RATE}


@dataclass(frozen=True)
class Matched:
    """Signatures by what they are called; those that are none's are problems."""

    signatures: Mapping[Label, str]
    problems: tuple[str, ...]


def match(errors: Mapping[Label, Minutes], found: Mapping[Signature, Minutes]) -> Matched:
    """Pairs each error with the signature of its log group that has exactly its counts, in every minute.

    Nothing else is asked of a signature: what it is called, and how it is made, is the function's own affair.
    """
    left = {signature: dict(counts) for signature, counts in found.items()}
    signatures: dict[Label, str] = {}
    problems = []
    for label, counts in errors.items():
        same = [each for each in left if each[0] == label[0] and left[each] == dict(counts)]
        if same:
            signatures[label] = same[0][1]
            del left[same[0]]
        else:
            problems.append(f"{_named(label)} happened {_times(counts)}, and no signature has just these counts")
    for signature, counts in left.items():
        problems.append(f"signature {_named(signature)} was counted {_times(counts)}: there is no such error")
    return Matched(signatures, tuple(problems))


def check_alerts(
    scenario: Scenario, signatures: Mapping[Label, str], log_groups: Sequence[str], alerts: Sequence[Alert]
) -> Iterator[str]:
    """Each fault is told once, of a minute in which it was there, and nothing else is."""
    told: dict[tuple[str, str, str], list[int]] = {}
    start = int(scenario.start.timestamp()) // 60
    for alert in alerts:
        told.setdefault((alert.kind, alert.log_group, alert.signature), []).append(minute_of(alert.minute) - start)
    for fault in scenario.faults:
        group, label = log_groups[fault.group], (fault.group, fault.label)
        minutes = told.pop((KINDS[fault.kind], group, signatures.get(label, "")), [])
        what = f"{_named(label)} ({fault.kind.value}, minutes {fault.first_minute} to {fault.last_minute})"
        if len(minutes) != 1:
            yield f"{what} was told {len(minutes)} times"
        elif not fault.first_minute <= minutes[0] <= fault.last_minute:
            yield f"{what} was told to be of minute {minutes[0]}"
    names = {(log_groups[group], signature): label for (group, label), signature in signatures.items()}
    for (kind, group, signature), minutes in told.items():
        name = names.get((group, signature), signature)
        yield f"an alert ({kind}) tells of {name}, minute {minutes[0]}: there is no such fault"


def check_requests(scenario: Scenario, found: Sequence[Mapping[int, Requests]]) -> Iterator[str]:
    """As many requests of each log group as there are, by status, and percentiles as near as the cells promise."""
    statuses: dict[int, Counter[int]] = {}
    times: dict[int, list[float]] = {}
    for line in scenario.lines:
        if line.sort in {Sort.REQUEST, Sort.ERROR} and (asked := _REQUEST.fullmatch(line.label)):
            statuses.setdefault(line.group, Counter())[int(asked[1])] += 1
            times.setdefault(line.group, []).append(_milliseconds(line.message))
    for group, each in enumerate(found):
        counted, true = together(each.values()), statuses.get(group, Counter())
        if counted.statuses != true:
            yield f"log group {group + 1} has requests {dict(true)} by status class, counted {dict(counted.statuses)}"
        for percent in PERCENTS:
            if true and not _near(percentile(counted.cells, percent) or 0, sorted(times[group]), percent):
                yield f"p{percent} of log group {group + 1} is {percentile(counted.cells, percent)}"


def _near(found: float, times: Sequence[float], percent: int) -> bool:
    exact = times[math.ceil(len(times) * percent / 100) - 1]
    return abs(found - exact) <= RELATIVE_ERROR * exact + 1e-9


def _milliseconds(message: str) -> float:
    if message.startswith("{"):
        return float(json.loads(message)["latency_ms"])
    return float(message.rpartition(" ")[2]) * 1000


def check_repeats(before: Mapping[Signature, Minutes], after: Mapping[Signature, Minutes]) -> Iterator[str]:
    """No count is another one than before."""
    for signature in before.keys() | after.keys():
        counts = [Counter(each.get(signature, {})) for each in (before, after)]
        if counts[0] != counts[1]:
            yield f"signature {_named(signature)} was counted {_times(counts[0])}, and then {_times(counts[1])}"


def _named(each: tuple[int, str]) -> str:
    return f"{each[1]!r} of log group {each[0] + 1}"


def _times(counts: Minutes) -> str:
    return f"{sum(counts.values())} times in {len(counts)} minutes"
