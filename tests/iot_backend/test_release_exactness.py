"""Whoever drives the controller, whatever call fails or is the last: it ends as if nothing had happened.

Each function is cut off before and after every call of AWS, throttled, and left without an answer. Then AWS does what
it does: events come again, the regular schedule comes by, one-off schedules fire.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from lambdas.common.failures import UnavailableError
from lambdas.common.ids import new_id, new_token
from lambdas.iot_backend.adapters import releases as adapter
from lambdas.iot_backend.adapters.schedules import OneOffSchedules
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import Phase
from lambdas.iot_backend.domain.releases import Release
from lambdas.iot_backend.ports import Command
from lambdas.iot_backend.workflow import pressing, releasing
from tests.events import alexa, iot
from tests.iot_backend.release_records import BUTTON
from tests.iot_backend.releasing_world import World
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.support.schedules import Patch

FAULTS = (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.THROTTLED, Fault.NO_ANSWER)
PROMOTE = {"action": "promote", "reason": "because"}
KEY = {"idempotency-key": "release-of-today"}


def fresh(_: World) -> None: ...


def refused(world: World) -> None:
    world.function.of_another_role.add("2")


def trying(world: World) -> None:
    world.press("SINGLE", "prepared-1")


def promoted(world: World) -> None:
    trying(world)
    world.wait(601)


def due(alarm: str) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        trying(world)
        world.cloudwatch.state = alarm
        world.now = world.release.due_at or world.now

    return prepare


@dataclass(frozen=True)
class Drive:
    """Somebody drives the controller: ``act`` is one delivery, and the same again."""

    prepare: Callable[[World], None]
    act: Callable[[World, dict[str, Any]], Any]
    again: bool = True
    """Whether AWS, or the client, repeats what failed."""


def pressed(click: str) -> Callable[[World, dict[str, Any]], Any]:
    return lambda world, kept: world.deliver(kept.setdefault("event", world.pressed(click)))


def spoken(name: str, confirmation: str = "NONE") -> Callable[[World, dict[str, Any]], Any]:
    def say(world: World, _: dict[str, Any]) -> None:
        answer = world.say(alexa.intent(name, confirmation=confirmation))
        if "cannot reach" in answer["outputSpeech"]["text"]:
            raise UnavailableError(answer)

    return say


def posted(body: Any, headers: dict[str, str]) -> Callable[[World, dict[str, Any]], Any]:
    def post(world: World, _: dict[str, Any]) -> None:
        reply = world.call("POST /releases", body, headers=headers)
        if reply.status == 503:
            raise UnavailableError(reply)
        assert reply.status in {202, 409}

    return post


def read(world: World, _: dict[str, Any]) -> None:
    reply = world.call("GET /releases")
    if reply.status == 503:
        raise UnavailableError(reply)
    assert reply.status == 200


def malformed(world: World, kept: dict[str, Any]) -> None:
    world.deliver(kept.setdefault("event", iot.event(b"{", device_id=BUTTON)))


def stranger(world: World, kept: dict[str, Any]) -> None:
    world.deliver(kept.setdefault("event", world.pressed("SINGLE", principal="another")))


DRIVES = {
    "press to promote": Drive(fresh, pressed("SINGLE")),
    "press to promote while trying": Drive(trying, pressed("SINGLE")),
    "press to roll back while trying": Drive(trying, pressed("DOUBLE")),
    "press to roll back": Drive(promoted, pressed("DOUBLE")),
    "press to promote what Lambda refuses": Drive(refused, pressed("SINGLE")),
    "press to roll back to nothing": Drive(fresh, pressed("DOUBLE")),
    "press for a report": Drive(trying, pressed("LONG")),
    "press by a stranger": Drive(fresh, stranger),
    "press that is none": Drive(fresh, malformed),
    "step": Drive(due("OK"), lambda world, _: world.advance()),
    "step in alarm": Drive(due("ALARM"), lambda world, _: world.advance()),
    "step with a silent alarm": Drive(due("INSUFFICIENT_DATA"), lambda world, _: world.advance()),
    "look": Drive(fresh, lambda world, _: world.advance()),
    "say promote": Drive(fresh, spoken("PromoteIntent", "CONFIRMED")),
    "say promote once": Drive(fresh, spoken("PromoteIntent", "CONFIRMED"), again=False),
    "say roll back once": Drive(promoted, spoken("RollbackIntent"), again=False),
    "ask for the status once": Drive(fresh, spoken("StatusIntent"), again=False),
    "post a promotion": Drive(fresh, posted(PROMOTE, KEY)),
    "post a promotion once": Drive(fresh, posted(PROMOTE, {}), again=False),
    "post a forced promotion": Drive(due("ALARM"), posted({**PROMOTE, "force": True}, KEY)),
    "post a rollback": Drive(promoted, posted({"action": "rollback"}, KEY)),
    "read": Drive(trying, read),
}


def prepared(drive: Drive) -> World:
    world = World()
    drive.prepare(world)
    world.outside.calls.clear()
    return world


def finish(world: World) -> Any:
    """Waits until there is nothing to do, and tells what is then."""
    for _ in range(8):
        world.wait(301)
    release = world.release if world.decided_shapes[1:] else None
    assert release is None or release.phase is Phase.STEADY
    return {
        "alias": world.function.alias,
        "alias over time": world.function.shapes,
        "decided over time": world.decided_shapes,
        "earlier": release and release.earlier,
        "decisions": [(each.source, each.outcome, each.why, each.reason) for each in world.history],
        "commands": len(world.commands),
        "schedules": sorted(world.scheduler.made.values()),
        "quarantined": len(world.s3.buckets["quarantine"]),
    }


def cut_off(drive: Drive, at: int, fault: Fault) -> World:
    """A world in which one call went wrong, and whatever follows of it."""
    world = prepared(drive)
    world.outside.decide = lambda _: fault if len(world.outside.calls) - 1 == at else Fault.NONE
    kept: dict[str, Any] = {}
    try:
        drive.act(world, kept)
    except (Killed, UnavailableError):
        world.outside.decide = lambda _: Fault.NONE
        if drive.again:
            drive.act(world, kept)
    world.outside.decide = lambda _: Fault.NONE
    return world


def check(drive: Drive) -> None:
    """Every fault at every call."""
    clean = prepared(drive)
    untouched = finish(prepared(drive))
    drive.act(clean, {})
    number = len(clean.outside.calls)
    expected = finish(clean)
    if not clean.function.of_another_role:
        assert expected["alias over time"] == expected["decided over time"]
    for at in range(number):
        for fault in FAULTS:
            found = finish(cut_off(drive, at, fault))
            assert found == expected or (not drive.again and found == untouched), f"call {at}, {fault}"


@pytest.mark.parametrize("name", DRIVES)
def test_it_ends_the_same_whatever_call_fails(name: str) -> None:
    check(DRIVES[name])


@pytest.mark.parametrize(
    "name", [name for name, drive in DRIVES.items() if "press" in name or ("post" in name and drive.again)]
)
def test_what_comes_again_after_it_was_done_changes_nothing(name: str) -> None:
    drive = DRIVES[name]
    once, twice = prepared(drive), prepared(drive)
    kept: dict[str, Any] = {}
    drive.act(once, {})
    drive.act(twice, kept)
    drive.act(twice, kept)
    assert finish(twice) == finish(once)


def in_two_transactions(
    self: adapter.DynamoReleases, command: Command | None, decision: Decision, before: Release, after: Release | None
) -> None:
    """Writes down what was decided, and then what it comes to."""
    RECORD(self, command, decision, before, None)
    if after:
        RECORD(self, None, replace(decision, decision_id=new_id(decision.at)), before, after)


RECORD, HEARD, ONCE = adapter.DynamoReleases.record, adapter._heard, OneOffSchedules.once
FAULTS_IN_CODE: dict[str, list[Patch]] = {
    "a decision that is not carried out": [(releasing.Controller, "settle", lambda self: self._look())],
    "a command that is not remembered": [
        (adapter.DynamoReleases, "decided", lambda *_: None),
        (adapter, "_heard", lambda _, decision: HEARD(Command(decision.decision_id), decision)),
    ],
    "a decision in two transactions": [(adapter.DynamoReleases, "record", in_two_transactions)],
    "a schedule for each attempt": [
        (OneOffSchedules, "once", lambda self, _, step, at: ONCE(self, new_id(at), step, at))
    ],
    "a stranger of whom there is always more to tell": [(pressing, "fingerprint", lambda _: new_token())],
}


@pytest.mark.parametrize("fault", FAULTS_IN_CODE)
def test_a_deliberate_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, name, fake in FAULTS_IN_CODE[fault]:
        monkeypatch.setattr(place, name, fake)
    with pytest.raises(AssertionError):
        list(map(check, DRIVES.values()))
