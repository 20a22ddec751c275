"""How the demo of file processing waits, and what it sends once more."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.messages import Member, MemberArrival, Work
from lambdas.file_processing.contract.tables import Status, members_partition
from lambdas.file_processing.domain.arrivals import Change, parse
from lambdas.file_processing.domain.catalog import Current, Stale
from lambdas.file_processing.domain.messages import decode
from local.use_cases.file_processing import requests, tables
from local.use_cases.file_processing.flow import Flow, Snapshot
from local.use_cases.file_processing.samples import Samples
from local.use_cases.file_processing.stack import ARRIVALS, FAILURES, Catalog
from tests.local.files import catalog, current, guide, version

NAME, GONE = "in/a b+c.pdf", "in/gone.pdf"
MEMBER = Member(
    change="created",
    bucket="products",
    key="products/a/0A-1/members/000001",
    name="in/a.zip!/b",
    file_id="b",
    sequencer="0A",
    time="2026-11-26T10:00:00+00:00",
    depth=1,
    parent="in/a.zip",
    prefix="in/",
    root="a/0A-1",
)


@dataclass
class Deployed:
    """A stack that is done with everything, unless a test says otherwise."""

    state: Current = field(default_factory=lambda: current(guide(NAME)))
    counts: dict[str, int] = field(default_factory=dict)
    gone: tuple[Current, ...] = ()
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"catalog": [], "metrics": []})
    buckets: dict[str, dict[str, str]] = field(default_factory=lambda: {"products": {}, "quarantine": {}})
    sent: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    catalog_table, metrics_table, products, quarantine, inbox = "catalog", "metrics", "products", "quarantine", "inbox"

    def waiting(self) -> dict[str, int]:
        return self.counts

    def catalog(self) -> Catalog:
        found = catalog(version(guide(NAME)), states={NAME: self.state})
        return Catalog(found.files, self.gone, found.versions)

    def items(self, table: str) -> list[dict[str, Any]]:
        return self.tables[table]

    def objects(self, bucket: str) -> dict[str, str]:
        return self.buckets[bucket]

    def send(self, role: str, bodies: list[str]) -> None:
        self.sent[role] += bodies


def flow(deployed: Any, *deleted: str) -> Flow:
    nothing = tables.Table(b"", 0, {}, b"")
    traffic = requests.Traffic(datetime.now(UTC), requests.Log(b"", 0, {}), requests.Log(b"", 0, {}), [])
    made = Samples(
        first=[guide(NAME)],
        then=[],
        deleted=deleted,
        orders=nothing,
        shipped=nothing,
        readings=nothing,
        traffic=traffic,
    )
    return Flow(deployed, made, {NAME: "v1"})


# --- waiting --------------------------------------------------------------------------------------------------------


def left(deployed: Deployed, *deleted: str) -> list[str]:
    return flow(deployed).left([NAME], deleted)


def test_nothing_is_left_when_every_file_is_settled_and_no_message_is_under_way() -> None:
    assert left(Deployed()) == []


@pytest.mark.parametrize(
    "state",
    [
        {"status": Status.PROCESSING},
        {"version_id": "v0"},
        {"index_stale": True},
        {"stale": (Stale(Lane.EXTRACT, "0A-1"),)},
    ],
)
def test_file_that_is_not_done_with_is_waited_for(state: dict[str, Any]) -> None:
    deployed = Deployed(msgspec.structs.replace(current(guide(NAME)), **state))
    assert left(deployed) == [f"{NAME} is not done with"]


def test_message_that_is_under_way_is_waited_for() -> None:
    assert left(Deployed(counts={"IndexQueue": 2})) == ["2 messages in IndexQueue"]


def test_nobody_waits_for_what_has_failed() -> None:
    assert left(Deployed(counts={FAILURES: 1})) == []


def test_file_that_is_to_go_is_waited_for() -> None:
    assert left(Deployed(), NAME) == [f"{NAME} is still there"]


# --- once more ------------------------------------------------------------------------------------------------------


def repeated(deployed: Deployed) -> int:
    return flow(deployed).repeat()


def test_events_of_the_inbox_are_sent_twice_more_and_mean_what_they_meant() -> None:
    gone = msgspec.structs.replace(current(guide(GONE)), generation=None, sequencer="0B")
    deployed = Deployed(gone=(gone,))
    assert repeated(deployed) == 6
    arrivals = [arrival for body in deployed.sent[ARRIVALS] for arrival in parse(body)]
    assert len(arrivals) == 4
    told = {(each.change, each.name, each.version_id, each.sequencer.rstrip("0")) for each in arrivals}
    assert told == {(Change.CREATED, NAME, "v1", "0A"), (Change.REMOVED, GONE, None, "0B")}


def test_lanes_are_asked_again_to_look_at_every_version() -> None:
    deployed = Deployed()
    repeated(deployed)
    assert [decode(body, Work).file_id for body in deployed.sent["ExtractQueue"]] == [NAME, NAME]


def test_members_are_announced_again() -> None:
    body = msgspec.json.encode(MEMBER).decode()
    item = {"entity": {"S": members_partition("a", "0A-1")}, "entry": {"S": "b"}, "member": {"S": body}}
    deployed = Deployed(tables={"catalog": [item], "metrics": []})
    repeated(deployed)
    members = [body for body in deployed.sent[ARRIVALS] if "member" in json.loads(body)]
    assert [msgspec.json.decode(body, type=MemberArrival).member for body in members] == [MEMBER, MEMBER]


# --- snapshots ------------------------------------------------------------------------------------------------------


def snapshot(item: str = "1", metric: str = "1", product: str = "x", quarantined: str = "y", **more: str) -> Snapshot:
    deployed: Any = Deployed(
        tables={
            "catalog": [{"entity": {"S": "a"}, "entry": {"S": "b"}, "value": {"N": item}}],
            "metrics": [{"metric": {"S": "a"}, "period_and_shard": {"S": "b"}, "count": {"N": metric}}],
        },
        buckets={"products": {"k": product, **more}, "quarantine": {"k": quarantined}},
    )
    return Snapshot.of(deployed)


def test_equal_snapshots_have_no_differences() -> None:
    assert snapshot().differences(snapshot()) == []


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"item": "2"}, 'catalog ["a", "b"]'),
        ({"metric": "2"}, 'metrics ["a", "b"]'),
        ({"product": "z"}, "products k"),
        ({"quarantined": "z"}, "quarantine k"),
        ({"new": "z"}, "products new"),
    ],
)
def test_whatever_changed_is_told(changed: dict[str, Any], place: str) -> None:
    assert snapshot().differences(snapshot(**changed)) == [place]
