"""Whether the demo of the web backend notices a wrong feed, a wrong order, and a wrong series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lambdas.web_backend.contract.models import DayTotal, Feed, Item, Order, OrderList, Point, Series
from local.use_cases.clients import Reply, Transcript
from local.use_cases.web_backend.pictures import Hung, Picture
from local.use_cases.web_backend.shopping import feed, order
from local.use_cases.web_backend.stream import MINUTES, series
from local.use_cases.web_backend.visit import Visit
from tests.local.web import Gateway, answered, visit

TAGS = (("people", "space"), ("cats",), ("coffee",), ("hills", "sea"))


@dataclass
class ReadModel(Gateway):
    """Lists orders at once."""

    twice: bool = False
    revenue: Decimal = Decimal(0)
    """Of the day, beyond that of the orders."""
    placed: dict[str, Order] = field(default_factory=dict)

    def _by_function(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        if (method, path) == ("GET", "/orders"):
            return Reply(status=200, headers={}, body=msgspec.json.encode(self._list()))
        reply = super()._by_function(method, path, body, headers)
        if (method, path, reply.status) == ("POST", "/orders", 201):
            made = reply.read(Order)
            self.placed[made.order_id] = made
        return reply

    def _list(self) -> OrderList:
        orders = tuple(self.placed.values()) * (2 if self.twice else 1)
        revenue = sum((each.total for each in orders), self.revenue)
        total = DayTotal(day="2026-11-25", currency="EUR", orders=len(orders), revenue=revenue)
        return OrderList(orders=orders, totals=(total,))


def hung(visitor: Visit) -> list[Hung]:
    """A gallery without pictures."""
    found = []
    for tags in TAGS:
        body = msgspec.json.encode({"title": tags[0], "tags": tags})
        item = visitor.owner.send("POST", "/items", body, {"content-type": "application/json"}).read(Item)
        found.append(Hung(picture=Picture(title=tags[0], tags=tags, data=b""), item=item))
    return sorted(found, key=lambda each: each.item.item_id)  # several are made in one millisecond


def problems_of(story: Any, gateway: Gateway, directory: Path) -> list[str]:
    transcript, visitor = Transcript(), visit(directory)
    with answered(gateway):
        story(visitor, transcript, hung(visitor))
    return transcript.problems


@pytest.mark.parametrize("story", [feed, order])
def test_a_right_backend_has_no_problems(story: Any, tmp_path: Path) -> None:
    assert problems_of(story, ReadModel(), tmp_path) == []


def backwards(request: str, reply: Reply) -> Reply:
    """A feed that begins with its end."""
    if request != "GET /me/feed":
        return reply
    found = reply.read(Feed)
    return replace(reply, body=msgspec.json.encode(Feed(items=found.items[::-1])))


def test_a_feed_in_another_order_is_noticed(tmp_path: Path) -> None:
    by_age, disliked, liked = problems_of(feed, Gateway(spoil=backwards), tmp_path)
    assert by_age == "the feed is not sorted by age"
    assert disliked.startswith("what is disliked is not the last")
    assert liked.startswith("what is liked and looked at is not first")


def test_an_order_that_is_listed_twice_is_noticed(tmp_path: Path) -> None:
    problems = problems_of(order, ReadModel(twice=True), tmp_path)
    assert any("not the order alone" in each for each in problems)
    assert any("not one order of 70.80" in each for each in problems)


def test_a_total_that_is_not_the_orders_is_noticed(tmp_path: Path) -> None:
    (problem,) = problems_of(order, ReadModel(revenue=Decimal("0.01")), tmp_path)
    assert problem == "the totals are [(1, Decimal('70.81'))], not one order of 70.80"


def test_an_order_at_other_prices_than_the_list_says_is_noticed(tmp_path: Path) -> None:
    def dearer(request: str, reply: Reply) -> Reply:
        body = reply.body.replace(b'"24.00"', b'"25.00"') if request == "GET /products" else reply.body
        return replace(reply, body=body)

    problems = problems_of(order, ReadModel(spoil=dearer), tmp_path)
    assert "the order's total is 70.80, not 72.80" in problems


class Stream:
    """Takes every event."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def put_records(self, *, Records: Any, StreamName: str) -> Any:  # noqa: N803  boto's names
        assert StreamName == "events"
        self.events += [msgspec.json.decode(each["Data"]) for each in Records]
        return {"FailedRecordCount": 0, "Records": [{"SequenceNumber": "1", "ShardId": "s"} for _ in Records]}


@dataclass
class Counted(Gateway):
    """Counts what is in the stream."""

    stream: Stream = field(default_factory=Stream)
    off: Decimal = Decimal(0)

    def _by_function(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:  # noqa: ARG002
        start, end = path.partition("start=")[2].split("&")[:2]
        if end == f"end={start}":
            return Reply(status=400, headers={}, body=b"{}")
        found = Series(metric="telemetry.reading", dimension="d", points=tuple(self._points()))
        return Reply(status=200, headers={}, body=msgspec.json.encode(found))

    def _points(self) -> list[Point]:
        minutes: dict[datetime, list[Decimal]] = {}
        for event in self.stream.events:
            minute = datetime.fromisoformat(event["time"]).replace(second=0)
            minutes.setdefault(minute, []).append(Decimal(event["value"]))
        return [
            Point(
                start=start,
                kind="stats",
                value=sum(each, Decimal(0)) / len(each) + self.off,
                minimum=min(each),
                maximum=max(each),
            )
            for start, each in minutes.items()
        ]


@pytest.mark.parametrize(("off", "wrong"), [(Decimal(0), 0), (Decimal("0.001"), MINUTES)])
def test_every_minute_of_a_series_is_compared(off: Decimal, wrong: int, tmp_path: Path) -> None:
    counted, transcript = Counted(off=off), Transcript()
    with answered(counted):
        shown = series(replace(visit(tmp_path), kinesis=counted.stream), transcript)
    assert len(transcript.problems) == wrong
    assert (tmp_path.parent / shown.figures[0].file).is_file()
