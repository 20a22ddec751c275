"""How the ETL demo writes its changes, and how its subscriber takes events."""

from __future__ import annotations

from typing import Any

import pytest

from local.use_cases.outcome import UseCaseError
from local.use_cases.table_etl.producers import write
from local.use_cases.table_etl.script import Put
from local.use_cases.table_etl.subscriber import Event, Subscriber
from tests.local.etl import Source


def put(name: str, value: int | None) -> Put:
    key = {"pk": name, "sk": "1"}
    return Put("", (name, "1"), None if value is None else {**key, "value": value})


def written(puts: list[Put]) -> Source:
    source: Any = Source()
    write(source, "source", puts, sleep=lambda _: None)
    table: Source = source
    return table


def test_an_items_changes_come_in_their_order_though_calls_are_throttled_in_part() -> None:
    puts = [
        put("a", 1),
        put("b", 1),
        put("a", 2),
        put("b", None),
        put("a", 3),
        *(put(f"c{at}", at) for at in range(80)),
    ]
    source = written(puts)
    of_a = [each["dynamodb"]["NewImage"]["value"]["N"] for each in source.records if _is_of(each, "a")]
    assert of_a == ["1", "2", "3"]
    assert [each["eventName"] for each in source.records if _is_of(each, "b")] == ["INSERT", "REMOVE"]
    assert len(source.records) == len(puts)


def _is_of(record: Any, name: str) -> bool:
    return bool(record["dynamodb"]["Keys"]["pk"]["S"] == name)


def test_a_table_that_takes_nothing_is_an_error() -> None:
    class Full:
        def batch_write_item(self, *, RequestItems: Any) -> Any:  # noqa: N803  boto3's names
            return {"UnprocessedItems": RequestItems}

    table: Any = Full()
    with pytest.raises(UseCaseError, match="did not take 1 writes"):
        write(table, "source", [put("a", 1)], sleep=lambda _: None)


# --- events ---------------------------------------------------------------------------------------------------------


def event(version: str, row: Any) -> Any:
    detail = {"dataset": "orders", "key": '["a","1"]', "version": version, "row": row}
    return {"detail-type": "row loaded" if row else "row deleted", "detail": detail}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 2, 1)])
def test_the_subscriber_keeps_the_greatest_version_in_whatever_order_events_come(order: tuple[int, ...]) -> None:
    events = [event("0#1", {"a": 1}), event("1#1", {"a": 2}), event("1#2", None)]
    nobody: Any = None
    subscriber = Subscriber(nobody, "queue")
    for at in order:
        subscriber.keep(events[at])
    assert subscriber.rows == {("a", "1"): Event("orders", "1#2", "row deleted", None)}
