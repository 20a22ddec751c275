"""Implementations that make metrics of access logs, each as a process of its own.

Answers a file with the CPU seconds that reading it and making its values took, and a digest of the values.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import IO, Any, Final, cast

from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Sum
from lambdas.common.tables.metrics.sketches import Quantiles, Top
from lambdas.file_processing.contract.access_logs import AccessMetric
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.access_logs.measure import process
from lambdas.file_processing.domain.processing import Input

Values = Iterator[tuple[str, str, int, Aggregate]]
Minutes = Callable[[str], int]

_REQUEST = r'"(?P<request>(?:[^"\\]|\\.)*)"'
PATTERNS: Final = {
    "combined": re.compile(
        rf"(?P<host>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] {_REQUEST} (?P<status>\d{{3}}) "
        r'(?P<size>\d+|-) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)" (?P<seconds>\d+\.\d+)'
    ),
    "s3": re.compile(
        r"(?P<owner>\S+) (?P<bucket>\S+) \[(?P<time>[^\]]+)\] (?P<ip>\S+) (?P<requester>\S+) (?P<id>\S+) "
        rf"(?P<operation>\S+) (?P<key>\S+) {_REQUEST} (?P<status>\d{{3}}|-) (?P<error>\S+) (?P<size>\d+|-) "
        r'(?P<object>\S+) (?P<milliseconds>\d+|-) (?P<turnaround>\S+) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)"'
    ),
    "alb": re.compile(
        r"(?P<type>\S+) (?P<time>\S+) (?P<elb>\S+) (?P<client>\S+) (?P<target>\S+) (?P<first>-?[\d.]+) "
        r"(?P<second>-?[\d.]+) (?P<third>-?[\d.]+) (?P<status>\d{3}|-) (?P<target_status>\S+) (?P<received>\d+) "
        rf'(?P<size>\d+) {_REQUEST} "(?P<agent>[^"]*)"'
    ),
    "cloudfront": re.compile(
        r"(?P<time>\S+\t\S+)\t(?P<edge>[^\t]+)\t(?P<size>\d+)\t(?P<ip>[^\t]+)\t(?P<method>[^\t]+)\t(?P<host>[^\t]+)\t"
        r"(?P<path>[^\t]+)\t(?P<status>[^\t]+)\t(?P<referer>[^\t]+)\t(?P<agent>[^\t]+)\t(?P<query>[^\t]+)\t"
        r"(?P<cookie>[^\t]+)\t(?P<result>[^\t]+)\t(?P<id>[^\t]+)\t(?P<header>[^\t]+)\t(?P<protocol>[^\t]+)\t"
        r"(?P<bytes>[^\t]+)\t(?P<seconds>[^\t]+)\t"
    ),
}
TIMES: Final = {
    "combined": "%d/%b/%Y:%H:%M:%S %z",
    "s3": "%d/%b/%Y:%H:%M:%S %z",
    "alb": "%Y-%m-%dT%H:%M:%S.%fZ",
    "cloudfront": "%Y-%m-%d\t%H:%M:%S",
}


@dataclass
class Minute:
    """Requests of one minute."""

    number: int = 0
    size: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    paths: Counter[str] = field(default_factory=Counter)
    failing: Counter[str] = field(default_factory=Counter)


def _strptime(form: str) -> Minutes:
    """The minute of every line by the standard library."""

    def minute(time: str) -> int:
        moment = datetime.strptime(time, form)  # noqa: DTZ007  times without a zone are in UTC
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp()) // 60 * 60

    return minute


def _remembering(form: str) -> Minutes:
    """The same, once for every second; of load balancers, which tell microseconds, without those."""
    once = cache(_strptime(form))
    return (lambda time: once(time[:19] + ".0Z")) if form.endswith("%fZ") else once


def _regular(name: str, path: Path, minute_of: Minutes) -> Values:
    """One line after the other by a pattern with a named group for each field."""
    match = PATTERNS[name].match
    minutes: dict[int, Minute] = defaultdict(Minute)
    with _opened(path) as file:
        for line in file:
            if found := match(line):
                _count(name, found.groupdict(), minutes, minute_of)
    for start, minute in sorted(minutes.items()):
        yield from _values(start, minute)


def _opened(path: Path) -> IO[str]:
    return gzip.open(path, "rt") if path.suffix == ".gz" else path.open()


def _count(name: str, fields: dict[str, Any], minutes: dict[int, Minute], minute_of: Minutes) -> None:
    minute = minutes[minute_of(fields["time"])]
    status = fields["status"]
    minute.number += 1
    minute.statuses[f"{status[0]}xx"] += 1
    if fields["size"] != "-":
        minute.size += int(fields["size"])
    if name == "alb":
        seconds = float(fields["first"]) + float(fields["second"]) + float(fields["third"])
        minute.latencies.append(seconds * 1000)
    elif name == "s3":
        minute.latencies.append(float(fields["milliseconds"]))
    else:
        minute.latencies.append(float(fields["seconds"]) * 1000)
    if name == "cloudfront":
        path = fields["path"]
    else:
        words = fields["request"].split(" ")
        path = words[1].partition("?")[0] if len(words) == 3 else "-"
        if name == "alb":
            path = "/" + path.split("/", 3)[3]
    minute.paths[path] += 1
    if status[0] == "5":
        minute.failing[path] += 1


def _values(start: int, minute: Minute) -> Values:
    yield AccessMetric.REQUESTS, "", start, Count(minute.number)
    for status_class, count in minute.statuses.items():
        yield AccessMetric.STATUS, status_class, start, Count(count)
    yield AccessMetric.BYTES, "", start, Sum(Decimal(minute.size), minute.number)
    yield AccessMetric.LATENCY, "", start, Quantiles.of(minute.latencies)
    yield AccessMetric.PATHS, "", start, Top.of(minute.paths)
    if minute.failing:
        yield AccessMetric.ERRORS, "", start, Count(minute.failing.total())
        yield AccessMetric.FAILING_PATHS, "", start, Top.of(minute.failing)


def _ours(_: str, path: Path) -> Values:
    with tempfile.TemporaryDirectory() as output:
        processed = process(Input(path, path.name, "access_log", path.stat().st_size), Path(output), Limits())
    return ((each.metric, each.dimension, each.start, each.value) for each in processed.measurements)


MAKE: Final[dict[str, Callable[[str, Path], Values]]] = {
    "ours": _ours,
    "regex": lambda name, path: _regular(name, path, _strptime(TIMES[name])),
    "regex-remembering": lambda name, path: _regular(name, path, _remembering(TIMES[name])),
}


def _digest(values: list[tuple[str, str, int, Aggregate]]) -> str:
    """Of what cannot differ: sketches of more names than they hold say the same in other bytes."""
    told = sorted(
        (metric, dimension, start, value.weight if isinstance(value, Top) else str(value.to_attributes()))
        for metric, dimension, start, value in values
    )
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def serve(name: str) -> None:
    """Answers requests until its input ends."""
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        request = cast("dict[str, str]", json.loads(line))
        gc.collect()
        began = time.process_time()
        values = list(MAKE[name](request["format"], Path(request["path"])))
        seconds = time.process_time() - began
        print(json.dumps({"seconds": seconds, "digest": _digest(values)}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
