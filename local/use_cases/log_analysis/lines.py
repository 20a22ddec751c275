"""Log lines of three log groups over 75 minutes, with the faults that are hidden in them, and the truth about each.

The same seed gives the same lines. Errors go on all the time, more in some minutes than in others (their rate in a
minute is gamma distributed, so counts are spread two to four times as widely as Poisson's); each of them happens once
at least in the learning period. Then there are errors that nobody has seen before, and known ones that become frequent.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from local.use_cases.log_analysis.catalogue import CATALOGUE
from local.use_cases.log_analysis.software import Software, Template
from local.use_cases.log_analysis.writers import Moment

LINES: Final = 30_000
MINUTES: Final = 75
LEARNING_MINUTES: Final = 10
STREAMS: Final = 3
"""Log streams of a group, one for each environment, container or task."""
BURSTINESS: Final = 4.0
"""Shape of the gamma distribution of an error's rate; the smaller, the more bursts."""
REQUESTS_SHARE: Final = 0.4
"""Of the lines that are no errors, where a group has requests at all."""
FIRST_FAULT: Final = 25
"""Minute from which on rates may rise: there has to be a past to compare them with."""


class Sort(Enum):
    """What a line is."""

    ERROR = "error"
    """Or the first line of a stack trace."""
    REQUEST = "request"
    CHATTER = "chatter"
    CONTINUATION = "continuation"
    """Another line of a stack trace."""


class FaultKind(Enum):
    """What was injected."""

    NEW = "new"
    RATE = "rate"


@dataclass(frozen=True, order=True)
class Line:
    """One event of a log stream."""

    milliseconds: int
    """Unix time; lines of a stream stand in the order of their list."""
    group: int
    """Which of the three."""
    stream: str
    message: str
    label: str
    """Of the template, in its group; a stack trace's lines have that of the trace."""
    sort: Sort = field(compare=False)


@dataclass(frozen=True)
class Fault:
    """Something that somebody is to be told of: once."""

    kind: FaultKind
    group: int
    label: str
    first_minute: int
    """Since the beginning."""
    last_minute: int


@dataclass(frozen=True)
class Scenario:
    """What happened."""

    start: datetime
    lines: Sequence[Line]
    """In the order of time."""
    faults: Sequence[Fault]

    def errors(self) -> dict[tuple[int, str], Counter[int]]:
        """How often each error happened, by group and label, in each minute since the beginning."""
        counts: dict[tuple[int, str], Counter[int]] = {}
        start = int(self.start.timestamp()) * 1000
        for line in self.lines:
            if line.sort is Sort.ERROR:
                minute = (line.milliseconds - start) // 60_000
                counts.setdefault((line.group, line.label), Counter())[minute] += 1
        return counts


def generate(seed: int, start: datetime, *, lines: int = LINES, minutes: int = MINUTES) -> Scenario:
    """A scenario of about so many lines, from a whole minute on.

    Raises:
        ValueError: there is no room for the faults, or hardly any line would be anything but an error.
    """
    if minutes < FIRST_FAULT + 20 or lines < minutes * 100:
        raise ValueError(f"{lines} lines in {minutes} minutes: take 45 minutes at least, and 100 lines for each")
    rng = random.Random(seed)  # noqa: S311  nothing secret about it
    made: list[Line] = []
    faults: list[Fault] = []
    for group, software in enumerate(CATALOGUE):
        making = _Making(rng, group, software, int(start.timestamp()) * 1000, minutes)
        faults += making.inject()
        made += making.errors()
        made += making.rest(lines // len(CATALOGUE) - len(making.made))
    made.sort(key=lambda line: line.milliseconds)
    return Scenario(start, made, faults)


@dataclass
class _Making:
    """One log group in the making."""

    rng: random.Random
    group: int
    software: Software
    start: int
    minutes: int
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Errors by label and minute."""
    made: list[Line] = field(default_factory=list)

    def inject(self) -> Iterator[Fault]:
        for template in self.software.new:
            first = self.rng.randrange(LEARNING_MINUTES + 2, self.minutes - 12)
            last = first + self.rng.randrange(1, 8)
            for minute in range(first, last + 1):
                self.counts[template.label, minute] += self.rng.randint(1, 3)
            yield Fault(FaultKind.NEW, self.group, template.label, first, last)
        for label, rate in self.software.rising.items():
            first = self.rng.randrange(FIRST_FAULT, self.minutes - 6)
            last = first + self.rng.randrange(1, 4)
            for minute in range(first, last + 1):
                self.counts[label, minute] += int(self.rng.gauss(rate, rate**0.5))
            yield Fault(FaultKind.RATE, self.group, label, first, last)

    def errors(self) -> list[Line]:
        for template in self.software.errors:
            self.counts[template.label, self.rng.randrange(LEARNING_MINUTES - 1)] += 1
            for minute in range(self.minutes):
                rate = self.rng.gammavariate(BURSTINESS, template.weight / BURSTINESS)
                self.counts[template.label, minute] += _poisson(self.rng, rate)
        templates = {each.label: each for each in (*self.software.errors, *self.software.new)}
        for (label, minute), count in self.counts.items():
            for _ in range(count):
                self._write(templates[label], Sort.ERROR, minute)
        return self.made

    def rest(self, lines: int) -> Iterator[Line]:
        """So many lines that are no errors."""
        share = REQUESTS_SHARE if self.software.requests else 0.0
        before = len(self.made)
        for templates, sort, part in (
            (self.software.requests, Sort.REQUEST, share),
            (self.software.chatter, Sort.CHATTER, 1 - share),
        ):
            weights = [each.weight for each in templates]
            for template in self.rng.choices(templates, weights, k=int(lines * part)) if part else ():
                self._write(template, sort, self.rng.randrange(self.minutes))
        yield from self.made[before:]

    def _write(self, template: Template, sort: Sort, minute: int) -> None:
        at = Moment(self.rng, self.start + minute * 60_000 + self.rng.randrange(60_000))
        stream = f"{self.rng.randrange(STREAMS)}"
        first, *others = template.write(at)
        self.made.append(Line(at.milliseconds, self.group, stream, first, template.label, sort))
        for message in others:
            self.made.append(Line(at.milliseconds, self.group, stream, message, template.label, Sort.CONTINUATION))


def _poisson(rng: random.Random, mean: float) -> int:
    """By counting exponential waits: means are small."""
    count, passed = 0, rng.expovariate(1)
    while passed < mean:
        count, passed = count + 1, passed + rng.expovariate(1)
    return count
