"""Requests to the API: who may release, and what clients are told."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.iot_backend.adapters.entries import attributes, key
from lambdas.iot_backend.contract.devices import STATE, DeviceState
from tests.events.api_gateway import USER_ID
from tests.iot_backend.releasing_world import SENSOR, World
from tests.support.fake_aws import Fault

PROMOTE, ROLLBACK = {"action": "promote"}, {"action": "rollback"}
KEY = {"idempotency-key": "release-of-today"}


@pytest.fixture
def world() -> World:
    return World()


ROUTES = [("GET /devices", None), ("GET /releases", None), ("POST /releases", PROMOTE)]


@pytest.mark.parametrize(("route_key", "body"), ROUTES)
@pytest.mark.parametrize("groups", [None, "[]", "[others]", "[no-releasers releasers2]"])
def test_only_releasers_see_and_do_anything(world: World, route_key: str, body: Any, groups: str | None) -> None:
    reply = world.call(route_key, body, groups=groups)
    assert (reply.status, reply.body["title"]) == (403, "Forbidden")
    assert "group releasers" in reply.body["detail"]
    assert world.outside.calls == []


@pytest.mark.parametrize("groups", ["[releasers]", "[others releasers]", "releasers"])
def test_releasers_may(world: World, groups: str) -> None:
    assert world.call("GET /releases", groups=groups).status == 200


def test_a_promotion_is_accepted_with_the_decision(world: World) -> None:
    reply = world.call("POST /releases", {**PROMOTE, "reason": "Monday's fix"})
    assert reply.status == 202
    assert {
        name: reply.body[name] for name in ("outcome", "from_version", "to_version", "reason", "who", "source")
    } == {
        "outcome": "canary",
        "from_version": 1,
        "to_version": 2,
        "reason": "Monday's fix",
        "who": USER_ID,
        "source": "http",
    }
    assert world.function.alias == ("1", {"2": 0.1})


def test_what_is_refused_is_a_conflict_that_says_why(world: World) -> None:
    reply = world.call("POST /releases", ROLLBACK)
    assert (reply.status, reply.body["detail"]) == (
        409,
        "Nothing was changed, because there is no version to go back to.",
    )
    assert world.outcomes == ["refused: nothing_before"]


@pytest.mark.parametrize(
    ("meddle", "why"),
    [
        (lambda world: setattr(world.cloudwatch, "state", "ALARM"), "alarm"),
        (lambda world: world.function.point("$LATEST"), "nothing_before"),
        (lambda world: world.function.point("1", {"2": 0.5}), "alias_moved"),
    ],
    ids=["alarm", "nothing to go back to", "moved"],
)
def test_force_overrules_what_would_be_refused_and_is_written_down(world: World, meddle: Any, why: str) -> None:
    meddle(world)
    assert world.call("POST /releases", PROMOTE).status == 409
    assert world.call("POST /releases", {**PROMOTE, "force": True}).status == 202
    assert [(each.outcome != "refused", each.why, each.forced) for each in world.history] == [
        (False, why, False),
        (True, why, True),
    ]


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_force_without_need_is_not_written_down_as_forced(world: World, state: str) -> None:
    world.cloudwatch.state = state
    world.call("POST /releases", {**PROMOTE, "force": True})
    assert [each.forced for each in world.history] == [False]


def test_the_same_request_again_gets_the_same_answer(world: World) -> None:
    first = world.call("POST /releases", PROMOTE, headers=KEY)
    world.call("POST /releases", ROLLBACK)
    assert world.call("POST /releases", PROMOTE, headers=KEY) == first
    assert world.outcomes == ["canary: asked", "rolled_back: asked"]


def test_a_refusal_is_the_same_again_too(world: World) -> None:
    first = world.call("POST /releases", ROLLBACK, headers=KEY)
    world.call("POST /releases", PROMOTE)
    assert (world.call("POST /releases", ROLLBACK, headers=KEY), first.status) == (first, 409)


def test_without_a_key_each_request_is_one_of_its_own(world: World) -> None:
    assert [world.call("POST /releases", PROMOTE).status for _ in range(2)] == [202, 409]


def test_a_key_of_another_body_is_refused(world: World) -> None:
    world.call("POST /releases", PROMOTE, headers=KEY)
    reply = world.call("POST /releases", ROLLBACK, headers=KEY)
    assert (reply.status, "another body" in reply.body["detail"]) == (422, True)


@pytest.mark.parametrize(
    "body",
    [{}, {"action": "report"}, {"action": "step"}, {**PROMOTE, "force": "yes"}, {**PROMOTE, "reason": "x" * 501}],
)
def test_a_body_of_another_shape_is_refused_before_anything_is_asked(world: World, body: Any) -> None:
    assert world.call("POST /releases", body).status == 422
    assert world.outside.calls == []


def test_how_things_stand_comes_with_the_history_newest_first(world: World) -> None:
    world.press("SINGLE")
    world.press("LONG", "press-0002")
    found = world.call("GET /releases").body
    assert found["current"] == {
        "phase": "canary",
        "version": 1,
        "candidate": 2,
        "percent": 10,
        "previous": 1,
        "newest": 2,
        "alarm": "OK",
        "alias_moved": False,
        "due_at": "2026-11-25T23:22:27Z",
    }
    assert [each["outcome"] for each in found["decisions"]] == ["reported", "canary"]


def test_it_is_told_that_somebody_else_moved_the_alias(world: World) -> None:
    world.press("SINGLE")
    world.function.point("2")
    assert world.call("GET /releases").body["current"]["alias_moved"]


def test_pages_hold_all_decisions_once_though_others_come_in_between(world: World) -> None:
    for number in range(5):
        world.press("LONG", f"press-{number:04d}")
    expected, found, cursor = [each.decision_id for each in world.history][::-1], [], None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = world.call("GET /releases", query=query).body
        found += [each["decision_id"] for each in page["decisions"]]
        cursor = page["next_cursor"]
        world.press("LONG", f"other-{len(found):04d}")
        if cursor is None:
            break
    assert found == expected


@pytest.mark.parametrize(
    ("route_key", "query"),
    [
        ("GET /releases", {"cursor": "nothing"}),
        ("GET /releases", {"limit": "101"}),
        ("GET /devices", {"cursor": "sensor-1"}),
        ("GET /devices", {"cursor": "sensor-1.state\n"}),
        ("GET /devices", {"limit": "0"}),
    ],
)
def test_a_query_that_leads_nowhere_is_refused(world: World, route_key: str, query: dict[str, str]) -> None:
    assert world.call(route_key, query=query).status == 400


def test_devices_are_listed_with_what_they_told_last(world: World) -> None:
    at = "2026-11-25T12:00:00.000Z"
    state = DeviceState(
        version="", measured_at=at, received_at=at, sequence=1, readings={"heat": 31.5}, alarms=("heat",)
    )
    world.dynamodb.tables["devices"][SENSOR, STATE] = key(SENSOR, STATE) | attributes(state)
    found = world.call("GET /devices").body
    assert {each["device_id"]: each["kind"] for each in found["devices"]} == {"button-1": "button", SENSOR: "sensor"}
    (shown,) = [each for each in found["devices"] if each["device_id"] == SENSOR]
    assert (shown["measured_at"], shown["readings"], shown["alarms"]) == (
        "2026-11-25T12:00:00Z",
        {"heat": 31.5},
        ["heat"],
    )


def test_a_device_that_has_told_nothing_is_listed_too(world: World) -> None:
    (button, _) = world.call("GET /devices").body["devices"]
    assert (button["measured_at"], button["readings"], button["alarms"]) == (None, {}, [])


@pytest.mark.parametrize("limit", ["1", "2", "3", "100"])
def test_pages_hold_all_devices_once(world: World, limit: str) -> None:
    found, query = [], {"limit": limit}
    while True:
        page = world.call("GET /devices", query=query).body
        found += [each["device_id"] for each in page["devices"]]
        if page["next_cursor"] is None:
            break
        query = {"limit": limit, "cursor": page["next_cursor"]}
    assert sorted(found) == ["button-1", SENSOR]


@pytest.mark.parametrize(("route_key", "body"), ROUTES)
def test_where_aws_does_not_answer_the_client_is_asked_to_come_again(world: World, route_key: str, body: Any) -> None:
    world.outside.decide = lambda _: Fault.THROTTLED
    assert world.call(route_key, body).status == 503
