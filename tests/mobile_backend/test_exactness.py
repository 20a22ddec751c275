"""Every accepted notification is recorded once, mailed, and shown as one banner, whatever fails.

The real functions run over fakes of AWS. Calls are killed before and after they take effect, throttled, left without an
answer; queues deliver in any order, some messages twice, and bad ones among them; what fails five times goes to the
dead-letter queue, and is sent from there again at the end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.events import sqs as events
from tests.mobile_backend.world import CONSUMERS, World
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.support.schedules import SCHEDULES, under_schedules

ALICE, BOB = "alice", "bob"
DEVICES = {ALICE: ["apns", "fcm"], BOB: ["apns", "fcm"]}
GONE = "application/fcm/token-of-bob"
"""An endpoint that its platform has disabled."""
MAX_RECEIVES = 5


@dataclass(frozen=True)
class Asked:
    """A notification that a client wants to be sent; with a key it asks until it gets an answer."""

    title: str
    user_id: str
    channels: tuple[str, ...]
    keyed: bool


@dataclass(frozen=True)
class Delivery:
    """A batch of a queue: how many messages, from where in it, and whether they stay there even if handled."""

    queue: str
    size: int
    at: int
    twice: bool


@dataclass(frozen=True)
class Schedule:
    """Everything that chance decides: steps are requests, deliveries, and texts that are no messages."""

    steps: list[Any]
    faults: list[Fault]


asked = st.tuples(
    st.sampled_from([ALICE, BOB]), st.sampled_from([("push",), ("email",), ("push", "email")]), st.booleans()
)
deliveries = st.builds(
    Delivery, st.sampled_from(sorted(CONSUMERS)), st.integers(1, 5), st.integers(0, 5), st.booleans()
)
poison = st.sampled_from(["", "poison", "{}", '{"title": "no notification"}'])
faults = st.sampled_from([Fault.NONE] * 6 + [each for each in Fault if each is not Fault.NONE])
schedules = st.builds(
    Schedule,
    st.lists(st.one_of(asked, deliveries, deliveries, poison), min_size=8, max_size=40),
    st.lists(faults, min_size=20, max_size=80),
)


@dataclass
class Waiting:
    """A message in a queue."""

    message_id: str
    body: str
    receives: int = 0


@dataclass
class Run:
    """Clients and queues over one world."""

    world: World
    faults: list[Fault]
    titles: Any = field(default_factory=count)
    accepted: dict[str, Asked] = field(default_factory=dict)
    """By notification id."""
    unanswered: list[Asked] = field(default_factory=list)
    poison: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.queues: dict[str, list[Waiting]] = {name: [] for name in CONSUMERS}
        self.dead: dict[str, list[Waiting]] = {name: [] for name in CONSUMERS}
        self.numbers = count()
        for user_id, platforms in DEVICES.items():
            for platform in platforms:
                device = {"platform": platform, "token": f"token-of-{user_id}"}
                assert self.world.call("POST /devices", device, user_id=user_id).status == 201
        self.world.sns.disabled.add(GONE)

    def step(self, what: Any) -> None:
        match what:
            case str():
                self.poison[what] += 1
                for queue in self.queues:
                    self.put(queue, what)
            case Delivery():
                self.deliver(what)
            case (user_id, channels, keyed):
                self.ask(Asked(f"n{next(self.titles)}.", user_id, channels, keyed))

    def put(self, queue: str, body: str) -> None:
        self.queues[queue].append(Waiting(str(next(self.numbers)), body))

    def ask(self, wanted: Asked) -> None:
        """Sends a request, once."""
        body = {"title": wanted.title, "text": "Text", "channels": wanted.channels}
        key = wanted.title if wanted.keyed else None
        try:
            answer = self.world.call("POST /notifications", body, user_id=wanted.user_id, key=key)
        except Killed:
            answer = None
        if answer and answer.status == 202:
            self.accepted[answer.body["notification_id"]] = wanted
        else:
            assert answer is None or answer.status == 503
            if wanted.keyed:
                self.unanswered.append(wanted)
        self.fan_out()

    def fan_out(self) -> None:
        for queue, bodies in self.world.sns.queues.items():
            while bodies:
                self.put(queue, bodies.pop())

    def deliver(self, delivery: Delivery) -> None:
        queue = self.queues[delivery.queue]
        at = delivery.at % (len(queue) or 1)
        batch = [queue.pop(at % len(queue)) for _ in range(min(delivery.size, len(queue)))]
        if not batch:
            return
        records = [events.message(each.body) | {"messageId": each.message_id} for each in batch]
        try:
            failed = self.world.consume(delivery.queue, events.event(*records))
        except Killed:
            failed = {each.message_id for each in batch}
        for each in batch:
            each.receives += each.message_id in failed
            if each.receives >= MAX_RECEIVES:
                self.dead[delivery.queue].append(each)
            elif each.message_id in failed or delivery.twice:
                queue.append(each)

    def decide(self, name: str) -> Fault:
        fault = self.faults.pop() if self.faults else Fault.NONE
        provider = self.world.provider
        if name == "BatchWriteItem" and fault not in {Fault.NONE, Fault.PARTIAL}:
            provider.doubtful.append(provider.mails[-1])
        return fault

    def finish(self) -> None:
        """Without further faults: asks again, and empties the queues, those of dead letters, too."""
        self.faults.clear()
        for wanted in self.unanswered[:]:
            self.ask(wanted)
        for _ in range(2):
            for name, queue in self.queues.items():
                queue += [Waiting(each.message_id, each.body) for each in self.dead[name]]
                self.dead[name].clear()
                while queue:
                    self.deliver(Delivery(name, 3, 0, twice=False))


def run(schedule: Schedule) -> Run:
    found = Run(World(), schedule.faults[:])
    found.world.outside.decide = found.decide
    for step in schedule.steps:
        found.step(step)
    found.finish()
    return found


def assert_recorded_once(found: Run) -> None:
    """Under the id that the client got; whoever asks again for an answer is not told of twice."""
    audited = found.world.audited()
    assert {each: wanted.title for each, wanted in found.accepted.items()}.items() <= audited.items()
    titles = Counter(audited.values())
    assert {titles[wanted.title] for wanted in found.accepted.values()} <= {1}


def assert_mailed(found: Run) -> None:
    """To the recipient alone; once, unless it was not known whether it had been."""
    mails, doubtful = found.world.provider.mails, found.world.provider.doubtful
    for wanted in found.accepted.values():
        told = [mail.to for mail in mails if wanted.title in mail.text]
        if "email" not in wanted.channels:
            assert told == []
            continue
        assert set(told) == {f"{wanted.user_id}@example.com"}
        assert len(told) <= 1 + sum(wanted.title in mail.text for mail in doubtful)


def assert_pushed_as_one_banner(found: Run) -> None:
    """To every device of the recipient, and to nobody else's."""
    for notification_id, wanted in found.accepted.items():
        pushed = {(to, each) for to, each, title in found.world.sns.pushed if title == wanted.title}
        devices = [f"application/{platform}/token-of-{wanted.user_id}" for platform in DEVICES[wanted.user_id]]
        reached = {each for each in devices if each != GONE} if "push" in wanted.channels else set()
        assert pushed == {(device, notification_id) for device in reached}


def assert_what_is_gone_is_forgotten(found: Run) -> None:
    told = any(wanted.user_id == BOB and "push" in wanted.channels for wanted in found.accepted.values())
    left = {each["platform"] for each in found.world.call("GET /devices", user_id=BOB).body["devices"]}
    assert "apns" in left
    assert not (told and "fcm" in left)


def check(schedule: Schedule) -> None:
    """Runs a schedule, and looks at what came of it."""
    found = run(schedule)
    assert_recorded_once(found)
    assert_mailed(found)
    assert_pushed_as_one_banner(found)
    assert_what_is_gone_is_forgotten(found)
    for dead in found.dead.values():
        assert Counter(each.body for each in dead) == found.poison


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_every_accepted_notification_arrives_once(schedule: Schedule) -> None:
    check(schedule)
