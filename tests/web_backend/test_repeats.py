"""A creating request that is killed or fails at any call, and is sent again with its key, makes one thing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.fake_aws import Fault
from tests.support.schedule import Killed, Worker
from tests.support.schedules import SCHEDULES, under_schedules
from tests.web_backend.client import Client, Response
from tests.web_backend.test_exactness import run
from tests.web_backend.world import FAULTS, Retry, World

KEY = {"idempotency-key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}

Send = Callable[[], Response]


def item(client: Client) -> Send:
    return lambda: client("POST /items", {"title": "t"}, headers=KEY)


def upload(client: Client) -> Send:
    return lambda: client("POST /uploads", {"content_type": "image/png"}, headers=KEY)


def order(client: Client) -> Send:
    item_id = client.create().json["item_id"]
    line = {"item_id": item_id, "product": "a4"}
    return lambda: client("POST /orders", {"lines": [line]}, headers=KEY)


KINDS: dict[str, Callable[[Client], Send]] = {"item": item, "upload": upload, "order": order}


def calls_of(kind: str) -> int:
    world = World()
    with world.clients() as client:
        send = KINDS[kind](client)
        before = len(world.outside.calls)
        send()
        return len(world.outside.calls) - before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_any_call_sending_it_again_leaves_one_thing_and_one_answer(
    kind: str, fault: Fault | Retry
) -> None:
    for number in range(calls_of(kind)):
        world = World()
        with world.clients() as client:
            send = KINDS[kind](client)
            before, made = len(world.things()), iter(range(10_000))
            world.decide = lambda made=made, number=number: fault if next(made) == number else Fault.NONE  # type: ignore[misc]
            answers = []
            with suppress(Killed):
                answers.append(send())
            world.decide = lambda: Fault.NONE
            answers += [send(), send()]
            assert len(world.things()) == before + 1
            told = {each.body for each in answers if each.status != 503}
            assert (len(told), {each.status for each in answers} <= {201, 503}) == (1, True)


@dataclass(frozen=True)
class Schedule:
    """Everything that chance decides."""

    kind: str
    times: tuple[int, int]
    """How often each of two impatient clients sends the request."""
    order: list[int]
    faults: list[Any]


schedules = st.builds(
    Schedule,
    st.sampled_from([*KINDS]),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.lists(st.integers(0, 1), min_size=4, max_size=20),
    st.lists(st.sampled_from([Fault.NONE] * 4 + FAULTS), min_size=4, max_size=20),
)


def check(schedule: Schedule) -> None:
    """Sends the same request at the same time, and in the end once more; there is one thing, and one answer."""
    world, answers = World(), []

    def send_often(times: int) -> None:
        for _ in range(times):
            with suppress(Killed):
                answers.append(send())

    with world.clients() as client:
        send = KINDS[schedule.kind](client)
        before = len(world.things())
        faults = iter(schedule.faults)
        world.decide = lambda: next(faults, Fault.NONE)
        run([Worker(lambda times=times: send_often(times)) for times in schedule.times], schedule.order)  # type: ignore[misc]
        world.decide = lambda: Fault.NONE
        answers.append(send())
    assert len(world.things()) == before + 1
    assert {each.status for each in answers} <= {201, 503}
    assert len({each.body for each in answers if each.status == 201}) == 1
    assert answers[-1].headers["location"].split("/")[1] in world.things()[-1]


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_the_same_request_at_the_same_time_makes_one_thing(schedule: Schedule) -> None:
    check(schedule)
