"""The reader of the metrics table against a merge by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Aggregate, Count
from lambdas.common.tables.metrics.reader import MetricsReader, Point
from lambdas.common.tables.metrics.sketches import Distinct, Top

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MIDNIGHT_SECONDS = int(MIDNIGHT.timestamp())
READ_ONLY = settings(
    max_examples=30,
    phases=[Phase.generate],  # shrinking would take minutes of queries
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    print_blob=True,
)


@pytest.fixture(scope="module")
def client() -> Iterator[DynamoDBClient]:
    """An in-memory DynamoDB with an empty metrics table."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }.items():
            patch.setenv(name, value)
        yield boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def reader(client: DynamoDBClient) -> Iterator[MetricsReader]:
    client.create_table(
        TableName="metrics",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": layout.METRIC, "KeyType": "HASH"},
            {"AttributeName": layout.PERIOD_AND_SHARD, "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": layout.METRIC, "AttributeType": "S"},
            {"AttributeName": layout.PERIOD_AND_SHARD, "AttributeType": "S"},
        ],
    )
    yield MetricsReader(client, "metrics")
    client.delete_table(TableName="metrics")


def write(reader: MetricsReader, minute: int, shard: str, value: Aggregate, *, metric: str = "m", of: str = "") -> None:
    """What a shard writes for a minute, counted from midnight."""
    key = layout.item_key(metric, of, MIDNIGHT_SECONDS + 60 * minute, shard)
    reader.client.put_item(TableName="metrics", Item={**key, layout.EXPIRES_AT: {"N": "1"}, **value.to_attributes()})


@pytest.fixture
def filled(reader: MetricsReader) -> tuple[MetricsReader, dict[tuple[int, str], int]]:
    """Counts of three shards over minutes on both sides of two midnights, among other metrics and dimensions."""
    random = Random(3)
    minutes = random.sample(range(-40, 40), 40) + random.sample(range(1_420, 1_460), 20)
    counts = {(minute, shard): random.randrange(1, 10**6) for minute in minutes for shard in random.sample("abc", 2)}
    for (minute, shard), count in counts.items():
        write(reader, minute, shard, Count(count))
        write(reader, minute, shard, Count(1), of="x")
    write(reader, 1, "a", Count(1), metric="m2")
    write(reader, 1, "a", Count(1), metric="l")
    return reader, counts


SECONDS = st.integers(-50 * 60, 50 * 60) | st.integers(1_410 * 60, 1_470 * 60)
MINUTES_A_STEP = st.sampled_from([1, 2, 5, 7, 60, 24 * 60])


@READ_ONLY
@given(one=SECONDS, other=SECONDS, step=MINUTES_A_STEP)
def test_any_range_and_step_is_the_merge_of_its_items(
    filled: tuple[MetricsReader, dict[tuple[int, str], int]], one: int, other: int, step: int
) -> None:
    reader, counts = filled
    first, last = min(one, other), max(one, other) + 1
    expected: Counter[int] = Counter()
    for (minute, _), count in counts.items():
        if first <= minute * 60 < last:
            since_1970 = MIDNIGHT_SECONDS // 60 + minute
            expected[since_1970 - since_1970 % step] += count
    start, end = MIDNIGHT + timedelta(seconds=first), MIDNIGHT + timedelta(seconds=last)

    points = reader.series("m", start=start, end=end, step=step * MINUTE)

    assert points == [
        Point(datetime.fromtimestamp(begin * 60, UTC), Count(count)) for begin, count in sorted(expected.items())
    ]
    total = reader.total("m", start, end)
    assert total == (Count(expected.total()) if expected else None)


def test_dimensions_are_metrics_of_their_own(filled: tuple[MetricsReader, dict[tuple[int, str], int]]) -> None:
    reader, counts = filled
    day = {"start": MIDNIGHT - timedelta(days=1), "end": MIDNIGHT + timedelta(days=3)}

    assert reader.total("m", **day, dimension="x") == Count(len(counts))
    assert reader.total("m", **day, dimension="y") is None


def test_a_time_is_a_time_in_any_zone(reader: MetricsReader) -> None:
    write(reader, 0, "a", Count(3))
    tokyo = timezone(timedelta(hours=9))
    points = reader.series(
        "m", start=MIDNIGHT.astimezone(tokyo), end=(MIDNIGHT + MINUTE).astimezone(tokyo), step=timedelta(days=1)
    )
    assert points == [Point(MIDNIGHT, Count(3))]
    assert points[0].start.tzinfo is UTC


def test_every_page_of_a_query_is_read(reader: MetricsReader) -> None:
    """A page has at most 1 MB."""
    names = [f"{'x' * 240}{number}" for number in range(192)]
    top = Top.of(dict.fromkeys(names, 1))
    for minute in range(30):
        write(reader, minute, "a", top)
    pages = []
    reader.client.meta.events.register("after-call.dynamodb.Query", lambda parsed, **_: pages.append(parsed["Count"]))

    total = reader.total("m", MIDNIGHT, MIDNIGHT + timedelta(hours=1))

    assert isinstance(total, Top)
    assert len(pages) > 1
    assert sum(pages) == 30
    assert [row.estimate for row in total.items()] == [30] * 192


def test_sketches_are_merged_over_shards_and_minutes(reader: MetricsReader) -> None:
    for minute in range(4):
        for shard in ("a", "b"):
            write(reader, minute, shard, Distinct.of(f"v{number}" for number in range(minute, 500 + minute)))
    points = reader.series("m", start=MIDNIGHT, end=MIDNIGHT + 4 * MINUTE, step=2 * MINUTE)

    assert [point.value for point in points] == [
        Distinct.of(f"v{number}" for number in range(501)),
        Distinct.of(f"v{number}" for number in range(2, 503)),
    ]


def test_an_item_that_cannot_be_merged_is_reported(reader: MetricsReader) -> None:
    write(reader, 0, "a", Count(1))
    write(reader, 0, "b", Distinct.of(["a"]))
    with pytest.raises(ValueError, match="kind count and of kind distinct"):
        reader.total("m", MIDNIGHT, MIDNIGHT + MINUTE)
    with pytest.raises(ValueError, match="kind count and of kind distinct"):
        reader.series("m", start=MIDNIGHT, end=MIDNIGHT + MINUTE, step=MINUTE)


def test_an_item_of_an_unknown_kind_is_reported(reader: MetricsReader) -> None:
    key = layout.item_key("m", "", MIDNIGHT_SECONDS, "a")
    reader.client.put_item(TableName="metrics", Item={**key, "kind": {"S": "median"}})
    with pytest.raises(ValueError, match="'median' is no known kind"):
        reader.total("m", MIDNIGHT, MIDNIGHT + MINUTE)


NAIVE = MIDNIGHT.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("start", "end", "step", "complaint"),
    [
        (NAIVE, MIDNIGHT, MINUTE, "without zone"),
        (MIDNIGHT, NAIVE, MINUTE, "without zone"),
        (MIDNIGHT, MIDNIGHT, MINUTE, "end must be after"),
        (MIDNIGHT, MIDNIGHT - MINUTE, MINUTE, "end must be after"),
        (MIDNIGHT, MIDNIGHT + MINUTE, 0 * MINUTE, "whole minutes"),
        (MIDNIGHT, MIDNIGHT + MINUTE, -1 * MINUTE, "whole minutes"),
        (MIDNIGHT, MIDNIGHT + MINUTE, 1.5 * MINUTE, "whole minutes"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    reader: MetricsReader, start: datetime, end: datetime, step: timedelta, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        reader.series("m", start=start, end=end, step=step)
