"""An export has every item once, in DynamoDB's own layout, whatever is killed on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.common.exporter.export import Export, Exporter, ExportError
from lambdas.common.failures import UnavailableError
from tests.common.exports import BEGAN, Shop, by_id, item, lines, summaries
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed


@pytest.fixture
def _credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


def table_and_bucket(items: list[Any]) -> tuple[Any, Any, dict[str, bytes]]:
    """Real clients, and what the bucket holds after the export of items."""
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    s3.create_bucket(Bucket="exports")
    dynamodb.create_table(
        TableName="shop",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for each in items:
        dynamodb.put_item(TableName="shop", Item=each)
    exporter = Exporter(
        dynamodb=dynamodb, s3=s3, table="shop", bucket="exports", prefix="old/", segments=3, max_items=4
    )
    exporter.begin().run()
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="exports")["Contents"]]
    return dynamodb, s3, {key: s3.get_object(Bucket="exports", Key=key)["Body"].read() for key in keys}


@pytest.mark.usefixtures("_credentials")
def test_the_layout_is_that_of_dynamodbs_own_export() -> None:
    items = [item(number) for number in range(20)]

    dynamodb, _, objects = table_and_bucket(items)

    described = dynamodb.describe_table(TableName="shop")["Table"]
    (summary,) = summaries(objects)
    export_id = summary["exportArn"].rpartition("/")[2]
    assert re.fullmatch(r"\d{14}-[0-9a-f]{8}", export_id)
    root = f"old/AWSDynamoDB/{export_id}/"
    names = {key.removeprefix(root) for key in objects}
    data = {name for name in names if re.fullmatch(r"data/[a-z2-7]{26}\.json\.gz", name)}
    manifests = {"manifest-files.json", "manifest-files.md5", "manifest-summary.json", "manifest-summary.md5"}
    assert names - data == {"_progress.json", "_started", *manifests}
    assert by_id(lines(objects, summary)) == by_id(items)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", summary["startTime"])
    assert summary["startTime"] <= summary["endTime"]
    assert summary == {
        "version": "2020-06-30",
        "exportArn": f"{described['TableArn']}/export/{export_id}",
        "startTime": summary["startTime"],
        "endTime": summary["endTime"],
        "tableArn": described["TableArn"],
        "tableId": described.get("TableId", ""),
        "exportTime": summary["startTime"],
        "s3Bucket": "exports",
        "s3Prefix": "old",
        "s3SseAlgorithm": None,
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{root}manifest-files.json",
        "billedSizeBytes": summary["billedSizeBytes"],
        "itemCount": 20,
        "outputFormat": "DYNAMODB_JSON",
        "exportType": "FULL_EXPORT",
    }


def test_the_summary_comes_last_and_the_time_is_when_the_scan_began() -> None:
    shop = Shop(items=7)
    seen: list[set[str]] = []

    def look(_: str) -> Fault:
        seen.append(set(shop.objects))
        return Fault.NONE

    shop.outside.decide = look

    shop.goes_on().run()

    (summary,) = summaries(shop.objects)
    before = next(keys for keys in reversed(seen) if not any("summary.json" in key for key in keys))
    assert set(shop.objects) - before == {key for key in shop.objects if key.endswith("summary.json")}
    assert summary["exportTime"] == summary["startTime"] == "2026-11-20T07:28:34.028Z"
    assert summary["exportArn"].rpartition("/")[2].startswith(f"{int(BEGAN.timestamp() * 1000):014d}-")


def test_a_table_without_items_makes_an_export_of_no_items() -> None:
    shop = Shop(items=0)

    shop.goes_on().run()

    (summary,) = summaries(shop.objects)
    assert (summary["itemCount"], shop.lines()) == (0, [])


def test_data_files_are_as_small_as_was_asked_but_for_their_last_page() -> None:
    by_items, by_bytes = Shop(items=100), Shop(items=100)

    by_items.goes_on(max_items=10).run()
    by_bytes.goes_on(max_items=1000, max_bytes=400).run()

    for shop, most in ((by_items, 10 - 1 + 3), (by_bytes, 400 // 40 + 3)):
        files = next(body for key, body in shop.objects.items() if key.endswith("manifest-files.json"))
        counts = [json.loads(line)["itemCount"] for line in files.splitlines()]
        assert sum(counts) == 100
        assert max(counts) <= most


def by_run(export: Export) -> None:
    export.run()


def by_steps(export: Export) -> None:
    """As a function does that has little time."""
    while not export.step():
        pass


@pytest.mark.parametrize("way", [by_run, by_steps])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_killed_at_any_call_and_continued_every_item_is_there_once(way: Any, fault: Fault) -> None:
    for at in range(1000):
        shop = Shop(items=23)
        shop.outside.kill(at, fault)
        try:
            way(shop.goes_on())
            break
        except Killed:
            shop.outside.revive()
        way(shop.goes_on())
        found = list(summaries(shop.objects))
        assert found
        for summary in found:  # two, where the first run was killed after its last call
            assert by_id(lines(shop.objects, summary)) == by_id(shop.table.items), f"killed at call {at}"
    assert at > 20


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.NO_ANSWER])
def test_a_call_that_fails_is_told_and_the_export_continued(fault: Fault) -> None:
    shop = Shop(items=23)
    calls = iter([Fault.NONE] * 9)
    shop.outside.decide = lambda name: next(calls, fault if name == "PutObject" else Fault.NONE)
    with pytest.raises(UnavailableError, match="write AWSDynamoDB"):
        shop.goes_on().run()
    shop.outside.revive()

    shop.goes_on().run()

    assert by_id(shop.lines()) == by_id(shop.table.items)


def test_when_one_segment_fails_the_others_stop() -> None:
    shop = Shop(items=600)
    shop.table.page = 1
    answers = iter([Fault.NONE, Fault.NO_ANSWER])
    shop.outside.decide = lambda name: next(answers, Fault.NONE) if name == "Scan" else Fault.NONE

    with pytest.raises(UnavailableError):
        shop.goes_on(max_items=10**6).run()

    assert len(shop.table.scanned) < 300, "the other segment alone has about 300 pages"


def test_what_a_killed_run_left_behind_is_replaced_though_its_items_are_gone() -> None:
    shop = Shop(items=8)
    shop.outside.decide = lambda _: Fault.KILL_BEFORE if len(shop.objects) > 3 else Fault.NONE
    with pytest.raises(Killed):
        shop.goes_on(segments=1).run()
    assert [key for key in shop.objects if "/data/" in key], "a data file that progress does not know"
    shop.table.items.clear()
    shop.outside.revive()

    shop.goes_on(segments=1).run()

    assert len(shop.lines()) < 8


def test_continued_after_a_key_of_bytes() -> None:
    shop = Shop()
    shop.table.items = [{"id": {"B": bytes([number, 255])}} for number in range(12)]
    for _ in range(3):
        assert not shop.goes_on(segments=1, max_items=3).step()

    by_steps(shop.goes_on())

    assert len(shop.lines()) == 12
    assert len({each["id"]["B"] for each in shop.lines()}) == 12


def test_the_manifests_are_the_same_when_they_are_written_again() -> None:
    shop = Shop(items=3)
    shop.outside.decide = lambda _: (
        Fault.KILL_BEFORE if any("summary.json" in key for key in shop.objects) else Fault.NONE
    )
    with pytest.raises(Killed):
        shop.goes_on().run()
    shop.outside.revive()
    before = {key: body for key, body in shop.objects.items() if "manifest" in key}

    shop.goes_on().run()

    assert {key: body for key, body in shop.objects.items() if "manifest" in key} == before


def test_two_that_continue_the_same_export_while_items_change_are_told() -> None:
    shop = Shop(items=9)
    one = shop.goes_on(segments=1)
    other = shop.goes_on()
    one.step()
    shop.table.items[0] |= {"size": {"N": "-1"}}
    shop.table.items[8] |= {"size": {"N": "-1"}}
    while not other.progress.done:
        other.step()
    with pytest.raises(ExportError, match="at the same time"):
        by_steps(one)
    assert not list(summaries(shop.objects))
