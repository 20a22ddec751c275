"""The Recognize function as Lambda runs it: environment, batch, answer, logs and metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.file_processing import recognize
from lambdas.file_processing.contract import Lane, RecognizeSettings
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.tables import Status, file_id
from lambdas.file_processing.runtime.clients import clients
from tests.events import s3, sqs
from tests.file_processing.conftest import Cloud
from tests.file_processing.test_arrivals import TEST_EVENT

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


class Context:
    aws_request_id = "request-1"


@pytest.fixture
def function(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    settings = RecognizeSettings(
        service="Recognize",
        metrics_namespace="Test",
        queue_url=cloud.queues["arrivals"],
        longest_wait_seconds=4_500,
        quarantine_bucket_name="quarantine",
        catalog_table_name="catalog",
        lane_queue_urls=dict.fromkeys(Lane, cloud.queues["lane"]),
        index_queue_url=cloud.queues["index"],
        limits=Limits(),
        keep_days=30,
    )
    for name, value in settings.to_env().items():
        monkeypatch.setenv(name, value)
    recognize.runtime.cache_clear()
    clients.cache_clear()
    yield cloud
    recognize.runtime.cache_clear()
    clients.cache_clear()


def arrival(cloud: Cloud, key: str, data: bytes, sequencer: str = "1") -> dict[str, Any]:
    version_id = cloud.upload(key, data)
    record = s3.record("ObjectCreated:Put", "inbox", key, sequencer=sequencer, version_id=version_id)
    return sqs.message(json.dumps(s3.notification(record)))


def handle(*messages: dict[str, Any]) -> list[str]:
    """Ids of the messages that are to come again."""
    answer = recognize.handler(sqs.event(*messages), Context())
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_a_file_is_told_by_its_content_whatever_its_name_says(function: Cloud) -> None:
    page = b"<!DOCTYPE html><html><head><title>Hello</title></head><body><p>Hello</p></body></html>"
    assert handle(arrival(function, "photo.jpg", page)) == []
    state = recognize.runtime().admission.catalog.get(file_id("inbox", "photo.jpg"))
    assert state
    assert (state.kind, state.lane, state.status) == ("html", Lane.EXTRACT, Status.PROCESSING)
    assert json.loads(function.messages("lane")[0])["file_id"] == state.file_id


def test_an_image_is_catalogued_and_no_more(function: Cloud) -> None:
    assert handle(arrival(function, "a", GIF)) == []
    state = recognize.runtime().admission.catalog.get(file_id("inbox", "a"))
    assert state
    assert (state.kind, state.status) == ("image", Status.CATALOGUED)
    assert function.messages("lane") == []
    assert len(function.messages("index")) == 1


def test_an_archived_object_is_rejected_with_a_remedy_and_stays_where_it_is(function: Cloud) -> None:
    stored = function.s3.put_object(Bucket="inbox", Key="a", Body=b"text", StorageClass="DEEP_ARCHIVE")
    record = s3.record("ObjectCreated:Put", "inbox", "a", sequencer="1", version_id=stored["VersionId"])
    assert handle(sqs.message(json.dumps(s3.notification(record)))) == []
    state = recognize.runtime().admission.catalog.get(file_id("inbox", "a"))
    assert state
    assert (state.status, state.size) == (Status.REJECTED, 4)
    ((key, body),) = function.objects("quarantine").items()
    reason = json.loads(body)
    assert (key, reason["code"]) == (f"{state.file_id}/{state.generation}/reason.json", "archived_object")
    assert "restore it" in reason["message"]


def test_one_bad_message_does_not_keep_the_others_of_its_batch(function: Cloud) -> None:
    bad = sqs.message("{}")
    assert handle(bad, arrival(function, "a", b"text\n")) == [bad["messageId"]]
    assert recognize.runtime().admission.catalog.get(file_id("inbox", "a"))


@pytest.mark.usefixtures("function")
def test_what_s3_sends_to_try_the_queue_is_done_with() -> None:
    assert handle(sqs.message(json.dumps(TEST_EVENT))) == []


def test_metrics_tell_what_became_of_a_file(function: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    handle(arrival(function, "a b", GIF))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (metrics,) = [line for line in lines if "_aws" in line]
    assert (metrics["FilesArrived"], metrics["FilesCatalogued"], metrics["RejectedShare"]) == ([1.0], [1.0], [0.0])


def test_the_log_names_the_file_and_what_became_of_it(function: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    handle(arrival(function, "a b", GIF))
    (line,) = [vars(each) for each in caplog.records if each.getMessage() == "admitted"]
    assert (line["file"], line["change"], line["outcomes"]) == ("a b", "created", ("FilesArrived", "FilesCatalogued"))
