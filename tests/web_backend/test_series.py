"""Metrics over time."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Stats, Sum
from lambdas.common.tables.metrics.layout import item_key
from lambdas.common.tables.metrics.sketches import Distinct, Quantiles, Top
from lambdas.web_backend import api
from tests.web_backend.client import Client, Response
from tests.web_backend.conftest import Cloud

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = {"start": "2026-11-21T12:00:00Z", "end": "2026-11-21T13:00:00Z"}


def put(cloud: Cloud, value: Aggregate, minute: int = 0, *, shard: str = "s-0", dimension: str = "") -> None:
    key = item_key("activity.views", dimension, int(NOON.timestamp()) + 60 * minute, shard)
    cloud.dynamodb.put_item(TableName="metrics", Item={**key, **value.to_attributes()})


def series(client: Client, metric: str = "activity.views", **query: str) -> Response:
    return client("GET /metrics/{metric}", metric=metric, query=HOUR | query)


DECIMALS = [Decimal(each) for each in ("1.5", "2.5", "5")]
SHOWN: list[tuple[Aggregate, dict[str, Any]]] = [
    (Count(7), {"kind": "count", "value": "7"}),
    (Sum.of(DECIMALS), {"kind": "sum", "value": "9.0"}),
    (Stats.of(DECIMALS), {"kind": "stats", "value": "3", "minimum": "1.5", "maximum": "5"}),
    (Distinct.of(["a", "b", "b"]), {"kind": "distinct", "value": "2"}),
    (Top.of({"a": 5}), {"kind": "top", "value": "5", "top": [{"name": "a", "count": 5}]}),
]


@pytest.mark.parametrize(("value", "shown"), SHOWN, ids=lambda each: getattr(each, "kind", ""))
def test_every_kind_of_metric_has_a_number_to_draw(
    ann: Client, cloud: Cloud, value: Aggregate, shown: dict[str, Any]
) -> None:
    put(cloud, value)
    [point] = series(ann).json["points"]
    rest: dict[str, Any] = {"start": "2026-11-21T12:00:00Z", "minimum": None, "maximum": None, "p95": None, "top": []}
    assert {**point, "value": Decimal(point["value"])} == rest | shown | {"value": Decimal(shown["value"])}


def test_of_quantiles_the_median_is_drawn(ann: Client, cloud: Cloud) -> None:
    put(cloud, Quantiles.of([float(each) for each in range(1, 101)]))
    [point] = series(ann).json["points"]
    found = [float(point[name]) for name in ("minimum", "value", "p95", "maximum")]
    assert found == pytest.approx([1, 50, 95, 100], rel=0.03)


def test_points_are_merged_over_shards_and_steps_oldest_first(ann: Client, cloud: Cloud) -> None:
    for minute, shard, count in ((9, "s-0", 8), (0, "s-0", 1), (0, "s-1", 2), (4, "s-0", 4)):
        put(cloud, Count(count), minute, shard=shard)
    points = series(ann, step_minutes="5").json["points"]
    assert [(each["start"], each["value"]) for each in points] == [
        ("2026-11-21T12:00:00Z", "7"),
        ("2026-11-21T12:05:00Z", "8"),
    ]


def test_a_dimension_is_a_series_of_its_own(ann: Client, cloud: Cloud) -> None:
    put(cloud, Count(1))
    put(cloud, Count(2), dimension="search")
    found = series(ann, dimension="search").json
    assert (found["metric"], found["dimension"]) == ("activity.views", "search")
    assert [each["value"] for each in found["points"]] == ["2"]


def test_a_metric_that_there_is_not_has_no_points(ann: Client) -> None:
    assert series(ann, metric="no.such").json["points"] == []


def test_zones_are_heard(ann: Client, cloud: Cloud) -> None:
    put(cloud, Count(1))
    found = series(ann, start="2026-11-21T14:00:00+02:00", end="2026-11-21T14:01:00+02:00")
    assert len(found.json["points"]) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"end": "2026-11-21T13:40:00Z"}, 200),
        ({"end": "2026-11-21T13:40:01Z"}, 400),
        ({"end": "2026-11-21T13:41:00Z", "step_minutes": "2"}, 200),
        ({"start": "1970-01-01T00:00:00Z"}, 400),
    ],
)
def test_an_answer_has_a_hundred_points_at_the_most(ann: Client, query: dict[str, str], status: int) -> None:
    """That is, of this stage."""
    assert series(ann, **query).status == status


@pytest.mark.parametrize(("minutes", "status"), [(31, 200), (34, 400)])
def test_no_more_is_read_than_32_answers_of_dynamodb(
    ann: Client, cloud: Cloud, clients: dict[str, Any], minutes: int, status: int
) -> None:
    """Of 1 MB each; here they are of one item. Steps do not matter: a year of minutes is read for a single one, too."""
    api.runtime()
    clients["dynamodb"].meta.events.register(
        "before-parameter-build.dynamodb.Query", lambda params, **_: params.update(Limit=1)
    )
    for minute in range(minutes):
        put(cloud, Count(1), minute)
    found = series(ann, step_minutes="60")
    assert (found.status, "ask for a shorter one" in found.body) == (status, status == 400)


@pytest.mark.parametrize(
    "query",
    [
        {"start": HOUR["end"]},
        {"start": HOUR["end"], "end": HOUR["start"]},
        {"start": "2026-11-21T12:00:00"},
        {"start": "noon"},
        {"start": ""},
        {"start": "0001-01-01T00:00:00+14:00", "end": "0001-01-01T00:01:00+14:00"},
        {"start": "9999-12-31T23:58:30-14:00", "end": "9999-12-31T23:59:30-14:00"},
        {"start": "9999-12-31T23:58:30Z", "end": "9999-12-31T23:59:30Z"},
        {"step_minutes": "0"},
        {"step_minutes": "44641"},
        {"step_minutes": "1.5"},
        {"dimension": "x" * 501},
        {"dimension": "\U0001f33b" * 500, "metric": f"a.{'b' * 198}"},
        {"dimension": "\ud800"},
        {"until": "now"},
    ],
)
def test_a_range_that_cannot_be_is_refused(ann: Client, query: dict[str, str]) -> None:
    refused = series(ann, **query)
    assert (refused.status, refused.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("metric", ["views", "a.b.c", "A.b", "a#b.c", "a.b#c", "", "\ud800"])
def test_what_can_name_no_metric_is_not_found(ann: Client, metric: str) -> None:
    assert series(ann, metric=metric).status == 404
