"""The Audit function in an in-memory AWS: every notification is written down once."""

from __future__ import annotations

import pytest

from lambdas.mobile_backend import audit
from lambdas.mobile_backend.contract import Message
from tests.mobile_backend.builders import batch, failed, message
from tests.mobile_backend.conftest import Cloud, Context


def handle(*messages: Message | str) -> list[int]:
    return failed(audit.handler(batch(*messages), Context()))


def test_every_notification_is_written_down(cloud: Cloud) -> None:
    assert handle(message("One"), message("Two")) == []
    assert {item["title"]["S"] for item in cloud.items("audit")} == {"One", "Two"}


def test_what_was_written_down_stays_as_it_is(cloud: Cloud) -> None:
    first = message("One")
    handle(first)
    assert handle(message("Other", notification_id=first.notification_id)) == []
    assert [item["title"]["S"] for item in cloud.items("audit")] == ["One"]


def test_what_is_no_message_fails_alone(cloud: Cloud) -> None:
    assert handle(message("One"), '{"title": "no message"}', "") == [1, 2]
    assert [item["title"]["S"] for item in cloud.items("audit")] == ["One"]


def test_when_the_table_is_away_every_message_comes_again(cloud: Cloud) -> None:
    cloud.dynamodb.delete_table(TableName="audit")
    assert handle(message("One"), message("Two")) == [0, 1]


@pytest.mark.usefixtures("cloud")
def test_the_log_says_what_is_wrong_with_a_message(caplog: pytest.LogCaptureFixture) -> None:
    handle('{"title": "no message"}')
    [reason] = [vars(record)["reason"] for record in caplog.records]
    assert "Object missing required field `notification_id`" in reason
