"""Buttons are pressed: the target's alias moves, once, back again, and for nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from lambdas.iot_backend.contract.messages import Click, Press, press_topic, report_topic
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import AlarmState, Outcome, Phase, Report, Why
from lambdas.iot_backend.domain.releases import Alias
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.iot_backend import gallery
from local.use_cases.iot_backend.deployed import Deployed
from local.use_cases.iot_backend.fleet import Fleet
from local.use_cases.iot_backend.mqtt import Connection
from local.use_cases.waiting import wait_until_done

Step = tuple[str, Alias]
"""What was done, and the alias after it."""

PERCENT = 10
"""Of the canary in stage ``local``."""


@dataclass
class Course:
    """How the alias fares, from the version that it stands on to a new one, and back."""

    deployed: Deployed
    first: int
    newest: int
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def begun(cls, deployed: Deployed) -> Course:
        """Publishes what there is to be promoted. The alarm has seen nothing yet, and would have nothing promoted."""
        first = deployed.aliases.alias()
        course = cls(deployed, first.version, deployed.publish_version())
        course.steps.append(("published", deployed.aliases.alias()))
        deployed.set_alarm(AlarmState.OK)
        return course

    def look(self, what: str) -> Alias:
        """The alias, for the page and for who asks."""
        alias = self.deployed.aliases.alias()
        self.steps.append((what, alias))
        return alias

    def check(self, transcript: Transcript, what: str, version: int, percent: int = 0) -> None:
        """Whether the alias stands on a version, and has weights for the newest one."""
        alias, routing = self.look(what), {self.newest: percent / 100} if percent else {}
        transcript.check(
            (alias.version, dict(alias.routing)) == (version, routing),
            f"after {what} the alias is {alias.version} {dict(alias.routing)}, not {version} {routing}",
        )


def single(fleet: Fleet, transcript: Transcript, course: Course) -> Shown:
    """Pressed twice fast, and one of the presses delivered twice: the newest version takes over, once."""
    deployed, before = fleet.deployed, fleet.deployed.decisions()
    with _button(fleet) as button:
        once, again = _press(Click.SINGLE), _press(Click.SINGLE)
        for press in (once, again, once):
            _send(button, press)
        reports = [_heard(button) for _ in range(3)]
        course.check(transcript, "two fast presses", course.first, PERCENT)
    _wait(lambda: deployed.aliases.alias().version == course.newest, "the canary does not end")
    course.check(transcript, "the canary", course.newest)
    decided = deployed.decided_since(before)
    _expect(
        transcript,
        [(Outcome.CANARY, Why.ASKED), (Outcome.REFUSED, Why.UNDER_WAY), (Outcome.PROMOTED, Why.ALARM_OK)],
        decided,
    )
    known = {each.press_id: each.outcome for each in reports}
    transcript.check(
        sorted(known.values()) == [Outcome.CANARY, Outcome.REFUSED] and known.keys() == {once.press_id, again.press_id},
        f"the button hears {known}",
    )
    return Shown(
        facts=(
            ("Alias", f"version {course.first}, then {course.newest} with a stored weight of {PERCENT} %, then all"),
            ("Traffic", "follows the weights on AWS; the emulator stores them, and sends all to the alias's version"),
        ),
        listings=(gallery.reports(reports), gallery.history(decided)),
    )


def double_and_long(fleet: Fleet, transcript: Transcript, course: Course) -> Shown:
    """Back to the version before; and how things stand, for whoever wants to know."""
    deployed, before = fleet.deployed, fleet.deployed.decisions()
    with _button(fleet) as button:
        _send(button, _press(Click.DOUBLE))
        back = _heard(button)
        course.check(transcript, "DOUBLE", course.first)
        _send(button, asked := _press(Click.LONG))
        told = _heard(button)
    decided = deployed.decided_since(before)
    _expect(transcript, [(Outcome.ROLLED_BACK, Why.ASKED), (Outcome.REPORTED, Why.ASKED)], decided)
    wanted = Report(
        press_id=asked.press_id,
        outcome=Outcome.REPORTED,
        why=Why.ASKED,
        phase=Phase.STEADY,
        version=course.first,
        candidate=None,
        percent=0,
        newest=course.newest,
        alarm=AlarmState.OK,
    )
    transcript.check(told == wanted, f"the button hears {told} instead of {wanted}")
    return Shown(listings=(gallery.reports([back, told]), gallery.history(decided)))


def strangers(fleet: Fleet, transcript: Transcript, course: Course) -> Shown:
    """Somebody else's certificate, somebody else's topic, somebody whom nobody enrolled: an entry in the history."""
    deployed, before = fleet.deployed, fleet.deployed.decisions()
    name, kept = next(iter(fleet.sensors.items()))
    state, alias, lines = deployed.releases.current(), deployed.aliases.alias(), deployed.quarantined()
    tries = [
        ("a sensor, for the button", name, kept, fleet.button),
        ("a sensor's certificate under a button's name", fleet.other_button, kept, fleet.other_button),
        ("a certificate that nobody enrolled", fleet.unknown, fleet.unknown_kept, fleet.unknown),
    ]
    with _button(fleet) as button:
        for _, client_id, certificate, pressed in tries:
            with fleet.connection(client_id, certificate) as stranger:
                stranger.publish(press_topic(pressed), msgspec.json.encode(_press(Click.SINGLE)))
        _wait(lambda: len(deployed.decided_since(before)) >= len(tries), "strangers are not written down")
        # Who is heard at all hears by now.
        _send(button, asked := _press(Click.LONG))
        transcript.check(_heard(button).press_id == asked.press_id, "the button hears of a stranger's press")
    decided = [each for each in deployed.decided_since(before) if each.outcome is not Outcome.REPORTED]
    _expect(transcript, [(Outcome.REFUSED, Why.STRANGER)] * len(tries), decided)
    transcript.check(deployed.releases.current() == state, "a stranger has changed what the alias has to be")
    transcript.check(course.look("strangers") == alias, "a stranger has moved the alias")
    transcript.check(deployed.quarantined() == lines, "a stranger's press is in quarantine")
    return Shown(
        facts=tuple((what, f"{client_id}, button/{pressed}/press") for what, client_id, _, pressed in tries),
        listings=(gallery.history(decided),),
    )


def _button(fleet: Fleet) -> Connection:
    return fleet.connection(fleet.button, fleet.buttons[fleet.button], report_topic(fleet.button))


def _press(click: Click) -> Press:
    return Press(click=click, press_id=uuid.uuid4().hex)


def _send(button: Connection, press: Press) -> None:
    button.publish(press_topic(button.client_id), msgspec.json.encode(press))


def _heard(button: Connection) -> Report:
    return msgspec.json.decode(button.hear(), type=Report)


def _expect(transcript: Transcript, wanted: Sequence[tuple[Outcome, Why]], decided: Iterable[Decision]) -> None:
    """In any order: nobody promises one to presses."""
    found = sorted((each.outcome, each.why) for each in decided)
    transcript.check(found == sorted(wanted), f"the history tells of {found} instead of {sorted(wanted)}")


def _wait(done: Callable[[], object], otherwise: str) -> None:
    wait_until_done(lambda: () if done() else (otherwise,), otherwise)
