"""Messages of devices under everything that chance decides: the schedules of `test_telemetry_exactness`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any, NamedTuple

from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.iot_backend.contract.devices import state_version
from tests.events import iot
from tests.iot_backend.telemetry_world import World
from tests.support.fake_aws import Fault
from tests.support.schedule import Worker, scheduled

DEVICES = ("dev-1", "dev-2")
STRANGER = "dev-3"


class Told(NamedTuple):
    """A message; those with equal times and sequences differ in what they say, after a device was reset."""

    device_id: str
    at: int
    sequence: int
    temperature: float
    malformed: bool = False

    @property
    def version(self) -> str:
        return state_version(iot.RECEIVED_AT - self.at, self.sequence)

    @property
    def is_good(self) -> bool:
        return self.device_id in DEVICES and not self.malformed

    @property
    def payload(self) -> bytes:
        content = {
            "sequence": self.sequence,
            "measured_at": iot.RECEIVED_AT - self.at,
            "readings": {"temperature": self.temperature},
        }
        return json.dumps(content).encode()[: -1 if self.malformed else None]


@dataclass(frozen=True)
class Schedule:
    """Everything that chance decides."""

    told: list[Told]
    together: list[int]
    """How many invocations run at a time."""
    order: list[int]
    waits: list[int]
    """Seconds between invocations."""
    faults: list[Fault]
    repeats: list[bool]
    attempts: int = 3
    """Of an event, before it goes to the failure queue."""


temperatures = st.sampled_from([20, 26, 31, 35])
told = st.one_of(
    st.builds(Told, st.sampled_from(DEVICES), st.integers(0, 5), st.integers(0, 1), temperatures),
    st.builds(Told, st.just("dev-1"), st.integers(0, 9), st.just(0), temperatures),
    st.builds(Told, st.sampled_from([*DEVICES, STRANGER]), st.integers(0, 5), st.just(0), temperatures, st.booleans()),
)
schedules = st.builds(
    Schedule,
    st.lists(told, min_size=2, max_size=14),
    st.lists(st.integers(1, 3), min_size=1, max_size=6),
    st.lists(st.integers(0, 2), min_size=1, max_size=24),
    st.lists(st.sampled_from([0, 1, 31, 61]), min_size=1, max_size=8),
    st.lists(st.sampled_from([Fault.NONE] * 5 + [each for each in Fault if each is not Fault.PARTIAL]), max_size=50),
    st.lists(st.sampled_from([False, False, False, True]), max_size=30),
    st.sampled_from([1, 3]),
)


@dataclass
class Invocation:
    """An event that Lambda keeps until it is handled."""

    event: dict[str, Any]
    due: float = 0
    attempts: int = 0


@dataclass
class Run:
    """Lambda's queue of events, over one world."""

    schedule: Schedule
    clock: float = 0
    dead: list[Invocation] = field(default_factory=list)
    doubtful: Counter[str] = field(default_factory=Counter)
    """How many times an alert may have been published without anybody noting it."""

    def __post_init__(self) -> None:
        self.attempts = self.schedule.attempts
        self.faults, self.repeats = iter(self.schedule.faults), iter(self.schedule.repeats)
        self.world = World(DEVICES, self._repeats)
        self.world.outside.decide = self._decide
        self.waiting = [Invocation(iot.event(each.payload, device_id=each.device_id)) for each in self.schedule.told]

    def _decide(self, _: str) -> Fault:
        scheduled(lambda: None)
        return next(self.faults, Fault.NONE)

    def _repeats(self) -> bool:
        return next(self.repeats, False)

    def run(self) -> None:
        """All that chance decides, and then the failure queue without any faults."""
        together, waits = cycle(self.schedule.together), cycle(self.schedule.waits)
        with self.world.function():
            while self.waiting:
                self._at_once(next(together))
                self._wait(next(waits))
            self.attempts, self.faults, self.repeats = 3, iter(()), iter(())
            self.waiting, self.dead = [Invocation(each.event, self.clock) for each in self.dead], []
            while self.waiting:
                self._at_once(1)
                self._wait(next(waits))

    def _wait(self, seconds: float) -> None:
        self.clock += seconds
        self.world.wait(seconds)

    def _at_once(self, most: int) -> None:
        ready = [each for each in self.waiting if each.due <= self.clock][:most]
        if not ready:
            self._wait(min(each.due for each in self.waiting) - self.clock)
            return
        workers = [Worker(partial(self.world.invoke, each.event)) for each in ready]
        published = self._interleaved(workers)
        for each, worker, mine in zip(ready, workers, published, strict=True):
            self.waiting.remove(each)
            assert worker.error is None or isinstance(worker.error, UnavailableError), worker.error
            self.doubtful += mine - Counter(set(mine))
            if worker.killed or worker.error:
                self.doubtful.update(set(mine))
                self._again(each)

    def _interleaved(self, workers: list[Worker]) -> list[Counter[str]]:
        """Runs workers step by step; tells how many times each of them has published which alerts."""
        published: list[Counter[str]] = [Counter() for _ in workers]
        whose, topic = cycle(self.schedule.order), self.world.topic
        while any(each.running for each in workers):
            at = next(whose) % len(workers)
            at = at if workers[at].running else next(at for at, each in enumerate(workers) if each.running)
            before = len(topic.published)
            workers[at].step()
            published[at].update(alert.alert_id for alert in topic.published[before:])
        return published

    def _again(self, invocation: Invocation) -> None:
        invocation.attempts += 1
        invocation.due = self.clock + 60 * invocation.attempts
        (self.dead if invocation.attempts == self.attempts else self.waiting).append(invocation)


def finished(schedule: Schedule) -> Run:
    found = Run(schedule)
    found.run()
    return found
