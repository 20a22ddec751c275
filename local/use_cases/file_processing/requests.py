"""Access logs of a shop over ten minutes, from two sorts of servers, and what all of their lines come to."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTES = 10
LINES = 4_000
"""Of each log, the bad ones included."""

_SEED = 11
_PATHS = ("/", "/search", "/basket", "/static/app.css", *(f"/products/{number}" for number in range(40)))
_WEIGHTS = (9.0, 4.0, 3.0, 8.0, *(12 / (1 + number) for number in range(40)))
_STATUSES = {200: 0.86, 304: 0.06, 404: 0.05, 500: 0.02, 503: 0.01}
_TROUBLE = 6
"""Minute in which the shop is slow, and fails often."""
_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0)", "curl/8.14.1", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1)")


@dataclass
class Minute:
    """What servers did in a minute."""

    statuses: Counter[str] = field(default_factory=Counter)
    """By class, such as ``2xx``."""
    size: int = 0
    milliseconds: list[float] = field(default_factory=list)
    paths: Counter[str] = field(default_factory=Counter)
    failing: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Log:
    """A file, as it is uploaded."""

    data: bytes
    lines: int
    bad: Mapping[int, str]
    """Reasons by the number of the line, from 1."""


@dataclass(frozen=True)
class Traffic:
    """All logs of the shop."""

    start: datetime
    web: Log
    """Combined log format with the request's time behind it, gzipped."""
    balancer: Log
    """Of an Application Load Balancer."""
    minutes: Sequence[Minute]


@dataclass(frozen=True)
class _Request:
    moment: datetime
    path: str
    status: int
    size: int
    milliseconds: int
    address: str
    agent: str


def traffic(start: datetime) -> Traffic:
    """The same requests each time, but for the day; ``start`` is a whole minute."""
    minutes = [Minute() for _ in range(MINUTES)]
    dice = random.Random(_SEED)  # noqa: S311  nothing secret about it
    web = [_combined(each) for each in _requests(dice, start, minutes)]
    balancer = [_balanced(each) for each in _requests(dice, start, minutes)]
    bad_of_web = {
        700: ("malformed", '192.0.2.1 - - [the time is missing] "GET /"'),
        1900: ("bad_time", f'192.0.2.2 - - [31/Feb/{start:%Y:%H:%M}:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-" 0.001'),
        3100: ("malformed", "worker 7 exited on signal 11"),
    }
    bad_of_balancer = {1500: ("malformed", f"https {start:%Y-%m-%dT%H:%M}:09.1Z app/shop/50dc6c495c0c9188 192.0.2.7:")}
    return Traffic(
        start,
        _log(web, bad_of_web, packed=True),
        _log(balancer, bad_of_balancer, packed=False),
        minutes,
    )


def _requests(dice: random.Random, start: datetime, minutes: Sequence[Minute]) -> Iterator[_Request]:
    moments = sorted(dice.uniform(0, 60 * MINUTES) for _ in range(LINES))
    for seconds in moments:
        minute = int(seconds // 60)
        trouble = minute == _TROUBLE
        shares = [share * (8 if trouble and status >= 500 else 1) for status, share in _STATUSES.items()]
        request = _Request(
            start + timedelta(seconds=seconds),
            dice.choices(_PATHS, _WEIGHTS)[0],
            dice.choices([*_STATUSES], shares)[0],
            dice.randint(120, 60_000),
            round(dice.lognormvariate(5.5 if trouble else 4, 0.7)),
            f"192.0.2.{dice.randint(1, 254)}",
            dice.choice(_AGENTS),
        )
        _count(minutes[minute], request)
        yield request


def _count(minute: Minute, request: _Request) -> None:
    minute.statuses[f"{request.status // 100}xx"] += 1
    minute.size += request.size
    minute.milliseconds.append(float(request.milliseconds))
    minute.paths[request.path] += 1
    if request.status >= 500:
        minute.failing[request.path] += 1


def _combined(each: _Request) -> str:
    asked = f'"GET {each.path}?from=mail HTTP/1.1" {each.status} {each.size} "-" "{each.agent}"'
    clock = f"{each.moment:%d/%b/%Y:%H:%M:%S} +0000"
    return f"{each.address} - - [{clock}] {asked} {each.milliseconds / 1000:.3f}"


def _balanced(each: _Request) -> str:
    """The target takes all of the time, but for two milliseconds if there are so many."""
    around = min(2, each.milliseconds)
    steps = f"{around / 2000:.4f} {(each.milliseconds - around) / 1000:.3f} {around / 2000:.4f}"
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/73e2d6bc24d8a067"
    clock = f"{each.moment:%Y-%m-%dT%H:%M:%S.%f}Z"
    return (
        f"https {clock} app/shop/50dc6c495c0c9188 {each.address}:2817 10.0.0.1:80 {steps} {each.status} {each.status} "
        f'34 {each.size} "GET https://shop.example.com:443{each.path}?from=mail HTTP/2.0" "{each.agent}" '
        f'TLS_AES_128_GCM_SHA256 TLSv1.3 {arn} "Root=1-58337262-36d228ad5d99923122bbe354" "shop.example.com" '
        f'"arn:aws:acm:eu-west-1:123456789012:certificate/1" 0 {clock} "forward" "-" "-" "10.0.0.1:80" "{each.status}" '
        '"-" "-" TID_1'
    )


def _log(lines: list[str], bad: Mapping[int, tuple[str, str]], *, packed: bool) -> Log:
    for number, (_, line) in sorted(bad.items()):
        lines.insert(number - 1, line)
    data = "".join(f"{line}\n" for line in lines).encode()
    reasons = {number: reason for number, (reason, _) in bad.items()}
    return Log(gzip.compress(data, 6, mtime=0) if packed else data, len(lines), reasons)
