"""The backfill bucket and the tasks queue, as AWS answers and as it fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from moto import mock_aws

from lambdas.common.calls import Patience
from lambdas.common.failures import UnavailableError
from lambdas.table_etl.adapters.files import S3Files
from lambdas.table_etl.adapters.tasks import SqsTasks
from lambdas.table_etl.contract import ReasonCode, Task
from lambdas.table_etl.domain.history.files import tasked
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.ports import FileGoneError
from tests.table_etl.filing import task


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture
def s3() -> Any:
    client = boto3.client("s3")
    client.create_bucket(Bucket="backfill")
    client.put_bucket_versioning(Bucket="backfill", VersioningConfiguration={"Status": "Enabled"})
    return client


def put(s3: Any, body: bytes, key: str = "old/orders") -> str:
    version: str = s3.put_object(Bucket="backfill", Key=key, Body=body)["VersionId"]
    return version


def content(s3: Any, task: Task, chunk: int = 4) -> list[bytes]:
    with S3Files(s3).stream(task, chunk) as chunks:
        return list(chunks)


def test_a_file_comes_in_pieces(s3: Any) -> None:
    assert content(s3, task(version_id=put(s3, b"0123456789"))) == [b"0123", b"4567", b"89"]


def test_the_version_that_was_dropped_is_read_though_there_be_a_newer_one(s3: Any) -> None:
    old = put(s3, b"old")
    put(s3, b"new")
    assert content(s3, task(version_id=old)) == [b"old"]
    assert S3Files(s3).small("backfill", "old/orders", old, 10) == b"old"


def test_a_file_without_a_version_id_is_read_as_it_is_now(s3: Any) -> None:
    put(s3, b"old")
    put(s3, b"new")
    assert content(s3, task(version_id="")) == [b"new"]
    assert S3Files(s3).small("backfill", "old/orders", None, 10) == b"new"


def test_a_version_that_was_deleted_is_gone(s3: Any) -> None:
    version = put(s3, b"old")
    s3.delete_object(Bucket="backfill", Key="old/orders", VersionId=version)
    with pytest.raises(FileGoneError):
        content(s3, task(version_id=version))


@pytest.mark.parametrize("version_id", ["", None])
def test_a_file_that_is_hidden_by_a_delete_marker_is_gone(s3: Any, version_id: str | None) -> None:
    put(s3, b"old")
    s3.delete_object(Bucket="backfill", Key="old/orders")
    with pytest.raises(FileGoneError):
        S3Files(s3).small("backfill", "old/orders", version_id, 10)


def test_a_manifest_that_is_too_big_is_not_read(s3: Any) -> None:
    put(s3, b"0123456789")
    with pytest.raises(Rejected, match="10 bytes; at most 9") as verdict:
        S3Files(s3).small("backfill", "old/orders", None, 9)
    assert verdict.value.code is ReasonCode.BAD_MANIFEST


def test_any_other_refusal_is_to_be_retried() -> None:
    with pytest.raises(UnavailableError, match="NoSuchBucket"):
        content(boto3.client("s3"), task())


class Breaking:
    """A connection that breaks in the middle."""

    def get_object(self, **_: Any) -> Any:
        return {"Body": StreamingBody(self, content_length=100), "ContentLength": 100}  # type: ignore[arg-type]

    def __init__(self) -> None:
        self.closed = False
        self._parts = [b"beginning"]

    def read(self, _: int | None = None) -> bytes:
        return self._parts.pop() if self._parts else b""

    def close(self) -> None:
        self.closed = True


def test_a_connection_that_breaks_is_to_be_retried_and_never_the_end_of_the_file() -> None:
    connection = Breaking()
    got: list[bytes] = []
    with (
        pytest.raises(UnavailableError, match="old/orders"),
        S3Files(connection).stream(task(), 50) as chunks,  # type: ignore[arg-type]
    ):
        got.extend(chunks)
    assert connection.closed


def sent(sqs: Any, queue_url: str) -> list[Task]:
    found: list[Task] = []
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        found += [tasked({"body": each["Body"]}) for each in messages]
    return found


def test_every_task_arrives_as_it_was_whatever_its_key() -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="tasks")["QueueUrl"]
    tasks = [task(key=f"{number}\u00e9\uffff\x01{chr(0x1F600)}.csv", gzip=number % 2 == 0) for number in range(23)]
    SqsTasks(sqs, url, Patience(lambda _: None)).send(tasks)
    assert sorted(sent(sqs, url), key=lambda each: each.key) == sorted(tasks, key=lambda each: each.key)


class Reluctant:
    """Takes one message of a call, or none."""

    def __init__(self, *, takes: bool) -> None:
        self.takes = takes
        self.bodies: list[str] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803
        assert QueueUrl == "url"
        assert len(Entries) <= 10
        taken = Entries[:1] if self.takes else []
        self.bodies += [each["MessageBody"] for each in taken]
        failed = [{"Id": each["Id"], "Code": "ServiceUnavailable"} for each in Entries[len(taken) :]]
        return {"Successful": [{"Id": each["Id"]} for each in taken], "Failed": failed}


def test_what_sqs_did_not_take_is_sent_again() -> None:
    queue = Reluctant(takes=True)
    SqsTasks(queue, "url", Patience(lambda _: None)).send([task(key=str(number)) for number in range(5)])  # type: ignore[arg-type]
    assert [msgspec.json.decode(body)["key"] for body in queue.bodies] == ["0", "1", "2", "3", "4"]


def test_messages_have_no_character_that_sqs_refuses() -> None:
    queue = Reluctant(takes=True)
    SqsTasks(queue, "url", Patience(lambda _: None)).send([task(key="a\uffff\ufffe\x01.csv")])  # type: ignore[arg-type]
    assert re.fullmatch("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+", queue.bodies[0])


def test_what_sqs_never_takes_is_to_be_retried() -> None:
    with pytest.raises(UnavailableError, match="send tasks"):
        SqsTasks(Reluctant(takes=False), "url", Patience(lambda _: None)).send([task()])  # type: ignore[arg-type]


def test_a_call_that_fails_is_to_be_retried() -> None:
    with pytest.raises(UnavailableError) as outage:
        SqsTasks(boto3.client("sqs"), "https://queue/none", Patience(lambda _: None)).send([task()])
    assert isinstance(outage.value.__cause__, ClientError)
