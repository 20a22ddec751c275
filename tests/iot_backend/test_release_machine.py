"""The controller among people who press, talk, deploy and meddle, while alarms go on and off.

Whatever they do: what is refused moves nothing, nobody's own hand is overruled unless somebody insists, and the version
to go back to is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase as Generation
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec import structs
from msgspec.structs import replace

from lambdas.iot_backend.adapters import target
from lambdas.iot_backend.contract.releases import Outcome, Phase, Why
from lambdas.iot_backend.domain import deciding
from lambdas.iot_backend.domain.releases import Alias, Release
from tests.events import alexa
from tests.iot_backend.fake_target import Shape
from tests.iot_backend.releasing_world import World
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.support.schedules import SCHEDULES, Patch, under_schedules

UNMOVED = {Outcome.REFUSED, Outcome.REPORTED, Outcome.EXTENDED, Outcome.GIVEN_UP}
"""What leaves the alias as it is."""

clicks = st.sampled_from(["SINGLE", "DOUBLE", "LONG"])
numbers = st.integers(0, 99)
deaths = st.one_of(st.none(), st.none(), st.integers(0, 12))
"""After how many calls a function ends, if it does."""


class People(RuleBasedStateMachine):
    """Everything that people do to one target."""

    @initialize(published=st.integers(0, 3))
    def begin(self, published: int) -> None:
        self.world = World()
        self.seen = 0
        """Decisions that were looked at."""
        self.undone = 0
        """Decisions that a function left behind when it was killed: as many, at the most, may still move the alias."""
        self.by_hand: Shape | None = None
        """What somebody made of the alias, until a decision moves it again."""
        for _ in range(published):
            self.world.function.publish()

    @rule(click=clicks, number=numbers, death=deaths)
    def press(self, click: str, number: int, death: int | None) -> None:
        event = self.world.pressed(click, f"press-{number:04d}")
        self.drive(lambda: self.world.deliver(event), death)

    @rule(name=st.sampled_from(["PromoteIntent", "RollbackIntent", "StatusIntent"]), number=numbers, death=deaths)
    def talk(self, name: str, number: int, death: int | None) -> None:
        said = alexa.intent(name, confirmation="CONFIRMED", request_id=f"request-{number}")
        self.drive(lambda: self.world.say(said), death)

    @rule(action=st.sampled_from(["promote", "rollback"]), force=st.booleans(), death=deaths)
    def post(self, action: str, force: bool, death: int | None) -> None:  # noqa: FBT001
        self.drive(lambda: self.world.call("POST /releases", {"action": action, "force": force}), death)

    @rule(seconds=st.sampled_from([1, 301, 601]), death=deaths)
    def wait(self, seconds: int, death: int | None) -> None:
        self.drive(lambda: self.world.wait(seconds), death)

    @rule(state=st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA", None]))
    def change_the_alarm(self, state: str | None) -> None:
        self.world.cloudwatch.state = state

    @rule()
    def deploy(self) -> None:
        self.world.function.publish()

    @rule()
    def deploy_with_another_role(self) -> None:
        self.world.function.publish()
        self.world.function.of_another_role.add(self.world.function.versions[-1])

    @rule(data=st.data())
    def meddle(self, data: st.DataObject) -> None:
        function = self.world.function
        version = data.draw(st.sampled_from(function.versions))
        others = [each for each in function.versions if each not in {version, "$LATEST"}]
        shared = data.draw(st.booleans()) and version != "$LATEST" and others
        weights = {data.draw(st.sampled_from(others)): 0.5} if shared else {}
        if {version, *weights} & function.of_another_role:
            weights = {}
        function.point(version, weights)
        self.by_hand = function.alias
        self.undone = 0

    def drive(self, work: Callable[[], object], death: int | None = None) -> None:
        """Runs functions, of which the call after ``death`` others may be the last; and looks at what they did."""
        outside, shapes = self.world.outside, len(self.world.function.shapes)
        meddled = self.meddled()
        outside.calls.clear()
        outside.decide = lambda _: Fault.KILL_AFTER if len(outside.calls) - 1 == death else Fault.NONE
        killed = False
        try:
            work()
        except Killed:
            killed = True
        outside.decide = lambda _: Fault.NONE
        made = self.world.history[self.seen :]
        self.seen += len(made)
        due = self.undone + sum(each.outcome not in UNMOVED for each in made)
        moved = len(self.world.function.shapes) - shapes
        assert moved <= due, "the alias was moved though nothing was decided"
        forced = any(each.forced and each.why is Why.ALIAS_MOVED for each in made)
        assert not (moved and meddled) or self.undone or forced, "somebody's own hand was overruled"
        self.undone = due - moved if killed else 0
        if moved:
            self.by_hand = None

    def meddled(self) -> bool:
        """Whether the alias is as somebody made it by hand. Where nothing was decided yet, a version is a beginning."""
        if self.by_hand is None:
            return False
        decided = self.world.decided_shapes
        return self.by_hand != decided[-1] if decided[1:] else bool(self.by_hand[1])

    @invariant()
    def the_version_to_go_back_to_is_known(self) -> None:
        if not self.world.decided_shapes[1:]:
            return
        release = self.world.release
        assert all(str(each) in self.world.function.versions for each in release.earlier)
        assert list(release.earlier) == sorted({each for each in release.earlier if each})
        assert release.phase is Phase.STEADY or release.previous == release.version

    def teardown(self) -> None:
        """In the end all is quiet, and as decided, unless somebody meddled."""
        for _ in range(8):
            self.drive(lambda: self.world.wait(601))
        decided = self.world.decided_shapes
        if decided[1:]:
            assert self.world.release.phase is Phase.STEADY
            assert self.meddled() or self.world.function.alias == decided[-1]


People.TestCase.settings = settings(under_schedules, max_examples=SCHEDULES // 5, stateful_step_count=25)
TestPeople = People.TestCase


def unfenced(self: target.LambdaAliases, wanted: Alias) -> Alias:
    """Moves the alias, whatever it has become."""
    return MOVE(self, Alias(wanted.version, wanted.routing, self.alias().revision))


def with_a_version_that_never_was(asked: deciding.Question) -> Release:
    return replace(CANARY(asked), earlier=(99,))


def as_if_decided_upon(release: Release, **changes: Any) -> Release:
    """Gives up a release, and yet has the alias moved."""
    return release if changes.keys() == {"alias_revision"} else replace(release, **changes)


MOVE, CANARY = target.LambdaAliases.move, deciding._canary
FAULTS: dict[str, list[Patch]] = {
    "whatever the alias is, it is put right": [
        (Release, "pending", lambda self, alias: not self.matches(alias)),
        (target.LambdaAliases, "move", unfenced),
    ],
    "nobody looks whether the alias was moved": [(Release, "moved", lambda *_: False)],
    "what should be refused is done": [(deciding, "_objection", lambda _: None)],
    "a way back that leads nowhere": [(deciding, "_canary", with_a_version_that_never_was)],
    "given up, but moved": [(structs, "replace", as_if_decided_upon)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    rules = settings(under_schedules, max_examples=500, phases=[Generation.generate], derandomize=True)
    with pytest.MonkeyPatch.context() as patches:
        for place, name, fake in FAULTS[fault]:
            patches.setattr(place, name, fake)
        with pytest.raises((AssertionError, ExceptionGroup)):
            run_state_machine_as_test(People, settings=rules)
