"""Sensors tell their readings; what comes of it is read where users read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.iot_backend.contract.devices import Alert
from lambdas.iot_backend.contract.messages import telemetry_topic
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.iot_backend import checks, gallery
from local.use_cases.iot_backend.deployed import Deployed
from local.use_cases.iot_backend.fleet import Fleet
from local.use_cases.iot_backend.script import Story, story, wrong_ones
from local.use_cases.waiting import wait_until_done
from tools.letters import Letters

_SIDE_BY_SIDE = 3
"""Sensors; the emulator has a process for each message that is handled at the same time."""


@dataclass(frozen=True)
class Inbox:
    """A queue that gets what is published to the topic of alerts."""

    deployed: Deployed
    url: str

    def taken(self) -> list[Alert]:
        """Those that have come since the last time."""
        letters = Letters(self.deployed.sqs, self.url)
        found = []
        for letter in letters.each():
            found.append(msgspec.json.decode(letter.body, type=Alert))
            letters.delete(letter)
        return found


@contextmanager
def subscribed(deployed: Deployed) -> Iterator[Inbox]:
    """An inbox as long as the context lasts."""
    url = deployed.sqs.create_queue(QueueName=deployed.name("iot-alerts"))["QueueUrl"]
    attributes = deployed.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    subscription = deployed.sns.subscribe(
        TopicArn=deployed.outputs["AlertsTopicArn"],
        Protocol="sqs",
        Endpoint=attributes["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    try:
        yield Inbox(deployed, url)
    finally:
        deployed.sns.unsubscribe(SubscriptionArn=subscription)
        deployed.sqs.delete_queue(QueueUrl=url)


@dataclass(frozen=True)
class Progress:
    """Messages that are handled from now on."""

    deployed: Deployed
    before: int

    def wait(self, messages: int) -> None:
        """Until so many are. Raises UseCaseError if they never are."""

        def left() -> Sequence[str]:
            handled = self.deployed.handled() - self.before
            return () if handled >= messages else (f"{handled} of {messages} messages are handled",)

        wait_until_done(left, "telemetry stands still")


def twenty_sensors(fleet: Fleet, transcript: Transcript) -> Shown:
    """The latest state wins, each crossing is told once, and stream analytics gets every reading."""
    deployed = fleet.deployed
    progress = Progress(deployed, deployed.handled())
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
    stories = [story(device_id, number, start) for number, device_id in enumerate(fleet.sensors)]
    with subscribed(deployed) as inbox:
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            list(pool.map(lambda each: _tell(fleet, each), stories))
        sent = sum(len(each.messages) for each in stories)
        progress.wait(sent)
        alerts = inbox.taken()
    span = (start - timedelta(hours=1), start + timedelta(hours=1))
    wait_until_done(lambda: _missing(stories, _counted(deployed, stories, span)), "stream analytics lacks readings")
    counted = _counted(deployed, stories, span)
    states = {each.device_id: deployed.states.known(each.device_id).state for each in stories}
    transcript.problems += [
        *checks.check_states(stories, states),
        *checks.check_alerts(stories, alerts),
        *checks.check_readings(stories, counted),
    ]
    distinct = sum(len({message.version for message in each.messages}) for each in stories)
    return Shown(
        facts=(
            ("Sent", f"{sent} messages of {len(stories)} sensors, {sent - distinct} of which repeat another"),
            ("Alerts", f"{len(alerts)}, each told once"),
            ("Stream analytics", f"has {len(counted)} series of readings, late ones included"),
        ),
        figures=(gallery.temperatures(stories, deployed.directory),),
        listings=(gallery.alerts(alerts), gallery.latest(states)),
    )


def _tell(fleet: Fleet, told: Story) -> None:
    """One sensor's messages, step by step: as the order in which messages are handled is nobody's promise."""
    device_id, deployed = told.device_id, fleet.deployed
    with fleet.connection(device_id, fleet.sensors[device_id]) as connection:
        for number, messages in enumerate(told.steps):
            for message in messages:
                connection.publish(telemetry_topic(device_id), message.payload)
            wanted = told.latest_after(number).version
            wait_until_done(lambda: _behind(deployed, device_id, wanted), "a sensor's state stands still")  # noqa: B023


def _behind(deployed: Deployed, device_id: str, wanted: str) -> Sequence[str]:
    state = deployed.states.known(device_id).state
    return () if state and state.version >= wanted else (f"{device_id} is not at {wanted}",)


def _counted(
    deployed: Deployed, stories: Iterable[Story], span: tuple[datetime, datetime]
) -> dict[tuple[str, str], Aggregate | None]:
    """Every reading's metric, over the time that is told of."""
    return {
        (device_id, name): deployed.metrics.total("telemetry.reading", *span, dimension=f"{device_id}/{name}")
        for device_id, name in checks.readings_of(stories)
    }


def _missing(stories: Iterable[Story], counted: Mapping[tuple[str, str], Aggregate | None]) -> Sequence[str]:
    missing = checks.missing_readings(stories, counted)
    return (f"{missing} readings are missing",) if missing > 0 else ()


def wrong_messages(fleet: Fleet, transcript: Transcript) -> Shown:
    """What is no message, or nobody's, is kept whole, with its reason, and changes nothing."""
    deployed, names = fleet.deployed, list(fleet.sensors)
    broken, stranger = names[0], names[-1]
    wrong = wrong_ones(broken, fleet.unknown, stranger)
    senders = {broken: fleet.sensors[broken], fleet.unknown: fleet.unknown_kept, stranger: fleet.sensors[broken]}
    progress = Progress(deployed, deployed.handled())
    before = {name: deployed.states.known(name).state for name in senders}
    for device_id, kept in senders.items():
        with fleet.connection(device_id, kept) as connection:
            for each in wrong:
                if each.device_id == device_id:
                    connection.publish(telemetry_topic(device_id), each.payload)
    progress.wait(len(wrong))
    lines = deployed.quarantined()
    transcript.problems += checks.check_quarantine(wrong, lines)
    after = {name: deployed.states.known(name).state for name in senders}
    transcript.check(after == before, "a message that was rejected has changed a state")
    return Shown(
        facts=(("Rejected", f"{len(lines)} messages, each kept with its payload"),),
        listings=(gallery.rejected(wrong, lines),),
    )
