"""What neither producers nor users' recipes may do to a shard: stop it, or make it lose events."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lambdas.stream_analytics.contract import Limits, Position, ReasonCode
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.recipe import Recipe, total
from tests.events import kinesis
from tests.stream_analytics.test_exactness import NOW, START
from tests.stream_analytics.world import DEAL, LIMITS, TICK, Deal, World, deal, tick
from tests.support.fake_aws import client_error

DONE: dict[str, Any] = {"batchItemFailures": []}
REDRIVEN = {
    "type": "redriven",
    "shard_id": "shardId-000000000009",
    "sequence_number": "7".zfill(56),
    "index": 0,
    "arrived": START - 10,
    "payload": base64.b64encode(tick("again", NOW)).decode(),
}


def batch(*payloads: bytes) -> dict[str, Any]:
    return kinesis.event(
        *(kinesis.record(data, sequence_number=str(at), arrival=START) for at, data in enumerate(payloads, 1))
    )


def with_workflow(world: World, **changes: Any) -> World:
    world.runtime = replace(world.runtime, workflow=replace(world.runtime.workflow, **changes))
    return world


def with_recipe(world: World, recipe: Recipe[Any]) -> World:
    return with_workflow(world, analyzer=Analyzer([TICK, recipe], LIMITS, b"key", indexed=True))


def reasons(world: World) -> list[str]:
    return [each.reason for kept in world.quarantined().values() for each in kept]


# --- forged envelopes -----------------------------------------------------------------------------------------------


def test_a_well_formed_redriven_event_counts() -> None:
    world = World()
    assert world.invoke(batch(json.dumps(REDRIVEN).encode())) == DONE
    assert world.counted("tick.seen#again") == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"arrived": 1e18},
        {"arrived": -1.0},
        {"arrived": START + 60},
        {"shard_id": ""},
        {"shard_id": "x" * 300},
        {"shard_id": "../../x"},
        {"sequence_number": "7"},
        {"sequence_number": "x" * 56},
        {"index": -1},
        {"index": 10**30},
        {"payload": "%"},
        {"more": 1},
    ],
)
def test_a_forged_redriven_event_is_quarantined_where_it_stands_and_its_siblings_count(forged: dict[str, Any]) -> None:
    world = World()
    assert world.invoke(batch(tick("a", NOW), json.dumps(REDRIVEN | forged).encode(), tick("b", NOW))) == DONE
    assert [world.counted(f"tick.seen#{name}") for name in ("a", "again", "b")] == [1, 0, 1]
    [(origin, [kept])] = world.quarantined().items()
    assert origin == f"{kinesis.SHARD_ID}#{Position('2'.zfill(56), 0)}"
    assert kept.reason in {ReasonCode.WRONG_SCHEMA, ReasonCode.BAD_JSON}


# --- recipes that raise ---------------------------------------------------------------------------------------------


def fail(event: Deal) -> Any:
    raise KeyError(event.deal_id)


@pytest.mark.parametrize(
    "recipe",
    [
        replace(DEAL, once=fail),
        replace(DEAL, once=lambda _: ""),
        replace(DEAL, once=lambda _: "x" * 3000),
        replace(DEAL, entities={"deal": fail}),
        replace(DEAL, entities={"deal": lambda _: ["x" * 3000]}),
        replace(DEAL, keep=fail),
        replace(DEAL, measures=(total("revenue", lambda deal: deal.amount, by=fail),)),
        replace(DEAL, measures=(total("revenue", lambda deal: deal.amount, by=lambda _: "x" * 3000),)),
        replace(DEAL, measures=(total("revenue", lambda deal: deal.amount, where=fail),)),
        replace(DEAL, measures=(total("revenue", lambda _: Decimal("NaN")),)),
    ],
    ids=["once", "no key", "long key", "entity", "long entity", "keep", "by", "long dimension", "where", "measure"],
)
def test_a_recipe_that_fails_for_its_events_leaves_those_of_others_alone(recipe: Recipe[Any]) -> None:
    world = with_recipe(World(), recipe)
    assert world.invoke(batch(tick("a", NOW), deal("d", NOW, "1"), tick("b", NOW))) == DONE
    assert [world.counted(f"tick.seen#{name}") for name in "ab"] == [1, 1]
    assert reasons(world) == [ReasonCode.RECIPE_ERROR]


def test_a_metric_that_is_measured_in_another_way_says_that_it_needs_another_name() -> None:
    world = World()
    world.invoke(batch(deal("d", NOW, "1")))
    again = replace(DEAL, measures=(*DEAL.measures[:1], replace(TICK.measures[0], name="revenue", by=None)))
    with pytest.raises(TypeError, match=r"deal\.revenue is stored as sum, and its recipe now measures count: .* name"):
        with_recipe(world, again).invoke(batch(deal("d", NOW, "1"), deal("e", NOW, "1")))
    assert world.summed("deal.revenue") == 1


# --- limits that change between deliveries --------------------------------------------------------------------------


@pytest.mark.parametrize("narrower", [{"max_events_per_record": 20}, {"max_decompressed_bytes": 100}])
def test_narrower_limits_lose_nothing_of_a_record_that_is_half_done(narrower: dict[str, int]) -> None:
    world = World()
    record = gzip.compress(b"\n".join(tick(f"t{number}", NOW) for number in range(150)))
    calls = iter(range(100))

    def second_transaction_fails(name: str, **_: Any) -> None:
        if name == "TransactWriteItems" and next(calls):
            raise client_error(name, "ThrottlingException")

    original = world.outside.call

    def call(name: str, effect: Any) -> Any:
        second_transaction_fails(name)
        return original(name, effect)

    world.outside.call = call  # type: ignore[method-assign]
    assert world.invoke(batch(record)) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    world.outside.call = original  # type: ignore[method-assign]
    assert 0 < sum(world.counted(f"tick.seen#t{number}") for number in range(150)) < 150

    limits = msgspec.structs.replace(LIMITS, **narrower)
    with_workflow(world, limits=limits).invoke(batch(record))

    assert [world.counted(f"tick.seen#t{number}") for number in range(150)] == [1] * 150


def test_wider_limits_make_no_second_record_of_one_that_is_done_with() -> None:
    world = with_workflow(World(), limits=msgspec.structs.replace(LIMITS, max_events_per_record=2))
    record = b"\n".join(tick(f"t{number}", NOW) for number in range(5))
    assert world.invoke(batch(record)) == DONE
    assert reasons(world) == [ReasonCode.TOO_MANY_EVENTS]
    assert with_workflow(world, limits=Limits()).invoke(batch(record)) == DONE
    assert world.counted("tick.seen#t0") == 0


# --- others at the same items ---------------------------------------------------------------------------------------


def test_a_conflict_with_another_transaction_is_planned_anew() -> None:
    world = World()
    conflicts = iter([True, False])
    original = world.dynamodb.transact_write_items

    def transact(**arguments: Any) -> Any:
        if next(conflicts, False):
            reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
            raise client_error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
        return original(**arguments)

    world.dynamodb.transact_write_items = transact
    assert world.invoke(batch(deal("d", NOW, "1"))) == DONE
    assert world.counted("deal.deals") == 1


def test_a_shard_that_others_keep_writing_is_left_to_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def conflict(**_: Any) -> Any:
        reasons = [{"Code": "TransactionConflict"}]
        raise client_error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)

    monkeypatch.setattr(world.dynamodb, "transact_write_items", conflict)
    assert world.invoke(batch(tick("a", NOW))) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
