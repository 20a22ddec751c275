"""Every error counts exactly once, and every episode is told of, whatever fails and in whatever order things come.

The real handler runs over fakes of AWS: log events come in overlapping deliveries of different composition, again and
again, and out of order; calls are killed before and after they take effect, throttled, or lose their answer; and other
invocations come in between any two calls. What fails is repeated a minute later, as Lambda does, in the same
environment or in a new one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.log_analysis.contract import minute_text
from lambdas.log_analysis.domain import tally
from tests.events import logs
from tests.log_analysis.world import FIRST_MINUTE, START, World
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.support.schedules import SCHEDULES, under_schedules

GROUP = "shop"
STREAMS = ("a", "b")
TEMPLATES = {
    "known": "ERROR no order {} in stock",
    "other": "ERROR no parcel {} on board",
    "new": "ERROR no card {} at hand",
}
MASKED = {label: text.format("<num>") for label, text in TEMPLATES.items()}
SPIKE, AGAIN = 20, 40
"""Minutes in which the known error is frequent: two episodes, the second so high that it is one whatever is counted of
the first when it is looked at."""
NEW = 22
"""The minute in which an error appears that nobody has seen."""


@dataclass(frozen=True)
class Line:
    """One log event."""

    number: int
    stream: str
    milliseconds: int
    label: str

    @property
    def minute(self) -> int:
        return (self.milliseconds - START) // 60_000

    @property
    def event(self) -> dict[str, Any]:
        message = TEMPLATES[self.label].format(self.number) if self.label in TEMPLATES else "all is well"
        return logs.log_event(self.number, self.milliseconds, message)


@dataclass(frozen=True)
class Schedule:
    """Everything that chance decides."""

    lines: list[Line]
    deliveries: list[tuple[str, list[Line]]]
    """Streams, and some of their log events; all are delivered at least once."""
    plan: list[Fault | None]
    """What happens at each call; None: another delivery is analyzed first."""
    restarts: list[bool]
    most_items: int


def past() -> list[Line]:
    """A quiet past, which is delivered before anything fails: an error a minute."""
    return [
        Line(10_000 + minute, STREAMS[minute % 2], START + minute * 60_000, "known")
        for minute in range(AGAIN)
        if minute != SPIKE
    ] + [Line(20_000, STREAMS[0], START, "other")]


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Errors around three minutes that are out of the ordinary, in deliveries that overlap."""
    kinds = [("known", SPIKE)] * 12 + [("known", AGAIN)] * 24 + [("new", NEW)]
    # Of each fewer than five, below which no rate is high.
    kinds += draw(st.lists(st.sampled_from([("other", SPIKE), ("fine", NEW), ("new", NEW)]), max_size=4))
    lines = [
        Line(number, draw(st.sampled_from(STREAMS)), START + minute * 60_000 + draw(st.integers(0, 59_999)), label)
        for number, (label, minute) in enumerate(kinds)
    ]
    deliveries: list[tuple[str, list[Line]]] = []
    for stream in STREAMS:
        own = [line for line in lines if line.stream == stream]
        if own:
            cuts = sorted({0, len(own), *draw(st.lists(st.integers(0, len(own)), max_size=3))})
            deliveries += [(stream, own[first:last]) for first, last in pairwise(cuts)]
            for _ in range(draw(st.integers(0, 2))):
                some = draw(st.lists(st.sampled_from(own), min_size=1, max_size=8, unique=True))
                deliveries.append((stream, some))
    faults = [Fault.NONE] * 8 + [each for each in Fault if each is not Fault.NONE] + [None] * 3
    return Schedule(
        lines,
        draw(st.permutations(deliveries)),
        draw(st.lists(st.sampled_from(faults), min_size=20, max_size=80)),
        draw(st.lists(st.booleans(), max_size=10)),
        draw(st.sampled_from([4, 6, 100])),
    )


class Run:
    """Invocations, and what happens between their calls."""

    def __init__(self, world: World, schedule: Schedule) -> None:
        self.world = world
        self.plan = iter(schedule.plan)
        self.restarts = iter(schedule.restarts)
        self.waiting = list(schedule.deliveries)
        self.inside = False
        self.twice = Counter[tuple[str, str]]()
        """Episodes that may be told of once more, by kind and minute."""
        self.unanswered: list[int] = []
        """Places, among what is published, of alerts whose publication had no answer."""

    def drain(self) -> None:
        self.world.outside.decide = self.decide
        while self.waiting:
            stream, lines = self.waiting.pop(0)
            self.invoke(stream, lines)
            self.world.now += 20
        self.world.outside.decide = lambda _: Fault.NONE

    def invoke(self, stream: str, lines: list[Line]) -> None:
        """One invocation. What fails is repeated a minute later, until it does not."""
        while True:
            try:
                self.world.invoke(logs.event([each.event for each in lines], log_group=GROUP, log_stream=stream))
            except (Killed, UnavailableError):
                self.world.now += 61
                if next(self.restarts, False):
                    self.world.start()
            else:
                return

    def decide(self, call: str) -> Fault:
        if self.inside:
            return Fault.NONE
        fault = next(self.plan, Fault.NONE)
        if fault is None:
            self.meanwhile()
            return Fault.NONE
        if fault not in {Fault.NONE, Fault.PARTIAL}:
            self.forgive(call, fault)
        return fault

    def meanwhile(self) -> None:
        """Another invocation, from beginning to end, in an environment of its own."""
        if self.waiting:
            self.inside, runtime = True, self.world.runtime
            self.world.start()
            self.invoke(*self.waiting.pop(0))
            self.inside, self.world.runtime = False, runtime

    def forgive(self, call: str, fault: Fault) -> None:
        """Notes which episodes are published, or just being, and not marked when an invocation fails."""
        for signature in self.world.reader_without_faults().signatures(GROUP):
            for each in signature.episodes:
                told = [one for one in self.world.sns.published if one["signature"] == signature.id]
                if each.told_at is None and any(one["minute"] == minute_text(each.first) for one in told):
                    self.twice[each.kind, minute_text(each.first)] += 1
        if call == "Publish" and fault in {Fault.KILL_AFTER, Fault.NO_ANSWER}:
            self.unanswered.append(len(self.world.sns.published))

    def allowed(self) -> Counter[tuple[str, str]]:
        """How often each episode may be told of."""
        for at in self.unanswered:
            self.twice[self.world.sns.published[at]["kind"], self.world.sns.published[at]["minute"]] += 1
        return Counter(episodes()) + self.twice


def begun() -> World:
    """A world with a past."""
    world = World()
    for stream in STREAMS:
        events = [line.event for line in past() if line.stream == stream and line.minute < SPIKE]
        world.invoke(logs.event(events, log_group=GROUP, log_stream=stream))
    for stream in STREAMS:
        events = [line.event for line in past() if line.stream == stream and line.minute > SPIKE]
        world.invoke(logs.event(events, log_group=GROUP, log_stream=stream))
    assert world.sns.published == []
    return world


def expected(lines: list[Line]) -> Iterator[tuple[str, int]]:
    """Template and minute of each error."""
    for line in [*past(), *lines]:
        if line.label in MASKED:
            yield MASKED[line.label], line.minute


def episodes() -> set[tuple[str, str]]:
    """By kind and minute."""
    return {
        ("rate", minute_text(FIRST_MINUTE + SPIKE)),
        ("rate", minute_text(FIRST_MINUTE + AGAIN)),
        ("new", minute_text(FIRST_MINUTE + NEW)),
    }


def check(schedule: Schedule) -> None:
    """Runs a schedule and looks at what is left behind."""
    world = begun()
    run = Run(world, schedule)
    with patch.object(tally, "MOST_ITEMS", schedule.most_items):
        run.drain()
    assert world.counts(GROUP) == Counter(expected(schedule.lines))
    told = Counter((each["kind"], each["minute"]) for each in world.sns.published)
    assert set(told) == episodes()
    assert told <= run.allowed()


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules())
def test_every_error_counts_once_and_every_episode_is_told_of(schedule: Schedule) -> None:
    check(schedule)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules())
def test_where_nothing_fails_every_episode_is_told_of_once(schedule: Schedule) -> None:
    plan = [each if each is None else Fault.NONE for each in schedule.plan]
    world = begun()
    Run(world, Schedule(schedule.lines, schedule.deliveries, plan, [], schedule.most_items)).drain()
    assert Counter((each["kind"], each["minute"]) for each in world.sns.published) == Counter(episodes())
