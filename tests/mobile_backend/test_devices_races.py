"""A device belongs to one user at a time, and nobody has too many, whoever else is at work or killed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from unittest.mock import DEFAULT, patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.mobile_backend.adapters import devices
from lambdas.mobile_backend.contract import DEVICE, ENTRY, OWNER, USER_ID
from lambdas.mobile_backend.contract.models import Platform
from lambdas.mobile_backend.domain.devices import device_id
from tests.mobile_backend.world import World
from tests.support.fake_aws import Fault, client_error
from tests.support.schedule import Killed
from tests.support.schedules import SCHEDULES, Patch, expect_to_find, under_schedules

USERS = ("alice", "bob")
TOKENS = ("token-one", "token-two", "token-three")
MAX_DEVICES = 2
"""Of the `World`."""


@dataclass(frozen=True)
class Asked:
    """What an app does: registers a token, or forgets it."""

    user_id: str
    token: str
    forgets: bool


asked = st.builds(Asked, st.sampled_from(USERS), st.sampled_from(TOKENS), st.sampled_from([False, False, True]))
plans = st.lists(
    st.one_of(st.none(), asked, asked, st.sampled_from([each for each in Fault if each is not Fault.PARTIAL])),
    min_size=5,
    max_size=40,
)
schedules = st.tuples(st.lists(asked, min_size=2, max_size=10), plans)
Schedule = tuple[list[Asked], list[Any]]


class Run:
    """Apps over one world; what the plan says happens at each call."""

    def __init__(self, schedule: Schedule) -> None:
        self.world = World()
        self.plan = schedule[1][::-1]
        self.inside = False
        self.world.outside.decide = self.decide
        for each in schedule[0]:
            self.do(each)
            self.look()

    def do(self, what: Asked) -> None:
        try:
            if what.forgets:
                parameters = {"device_id": device_id(Platform.APNS, what.token)}
                answer = self.world.call("DELETE /devices/{device_id}", user_id=what.user_id, parameters=parameters)
                assert answer.status in {204, 404, 503}
            else:
                body = {"platform": "apns", "token": what.token}
                answer = self.world.call("POST /devices", body, user_id=what.user_id)
                assert answer.status in {201, 409, 503}
        except Killed:
            return

    def decide(self, _: str) -> Fault:
        if self.inside or not self.plan:
            return Fault.NONE
        what = self.plan.pop()
        if isinstance(what, Asked):
            self.inside = True
            self.do(what)
            self.inside = False
            return Fault.NONE
        return what or Fault.NONE

    def look(self) -> None:
        """What holds at any time."""
        items = self.world.dynamodb.items("devices")
        owners = {(item[OWNER]["S"], item[USER_ID]["S"]) for item in items if item[ENTRY]["S"] == OWNER}
        held = [(item[USER_ID]["S"], item[ENTRY]["S"]) for item in items if item[ENTRY]["S"].startswith(DEVICE)]
        assert set(held) == owners
        assert len({entry for _, entry in held}) == len(held), "a device of two users"
        assert max(Counter(user_id for user_id, _ in held).values(), default=0) <= MAX_DEVICES


def check(schedule: Schedule) -> None:
    """Runs a schedule; after it, whoever forgets all others can register a device, whoever had it."""
    run = Run(schedule)
    run.plan.clear()
    for user_id in USERS:
        for token in TOKENS:
            run.do(Asked(user_id, token, forgets=True))
        run.do(Asked(user_id, TOKENS[0], forgets=False))
        run.look()
        shown = run.world.call("GET /devices", user_id=user_id).body["devices"]
        assert [each["device_id"] for each in shown] == [device_id(Platform.APNS, TOKENS[0])]


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_a_device_has_one_user_and_a_user_not_too_many_devices(schedule: Schedule) -> None:
    check(schedule)


AS_READ = devices._as_read


def any_state(attribute: str) -> Any:
    """Registers whatever has become of this attribute."""
    return lambda name, item: {} if name == attribute else AS_READ(name, item)


FAULTS: dict[str, list[Patch]] = {
    "whoever had the device": [(devices, "_as_read", any_state(OWNER))],
    "however many devices": [(devices, "_as_read", any_state("revision"))],
    "forgotten whosever it is": [(devices, "_equals", lambda *_: {})],
    "a lost race taken for a registration": [(devices.DynamoDevices, "_registered", lambda *_: True)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)


CONFLICT = client_error(
    "TransactWriteItems", "TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}]
)
PHONE = {"platform": "apns", "token": TOKENS[0]}


@pytest.mark.parametrize(("conflicts", "status"), [(4, 201), (5, 503)])
def test_a_registration_that_meets_others_is_tried_again_a_few_times(conflicts: int, status: int) -> None:
    world = World()
    transact = world.dynamodb.transact_write_items
    with patch.object(world.dynamodb, "transact_write_items", wraps=transact) as mock:
        mock.side_effect = [*[CONFLICT] * conflicts, DEFAULT]
        assert world.call("POST /devices", PHONE, user_id="alice").status == status


def test_a_device_that_is_just_being_written_is_not_said_to_be_unknown() -> None:
    world = World()
    device = world.call("POST /devices", PHONE, user_id="alice").body["device_id"]
    with patch.object(world.dynamodb, "transact_write_items", side_effect=CONFLICT):
        answer = world.call("DELETE /devices/{device_id}", user_id="alice", parameters={"device_id": device})
    assert answer.status == 503
