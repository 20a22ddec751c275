"""Notifications by the API function, in an in-memory AWS."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from lambdas.mobile_backend import audit
from lambdas.mobile_backend.contract import Message
from tests.mobile_backend.builders import ALICE, BOB, NOW, batch, message
from tests.mobile_backend.conftest import Cloud, Context
from tests.mobile_backend.world import World

HELLO = {"title": "Hello", "text": "World"}
KEY = {"Idempotency-Key": "k-1"}


def published(cloud: Cloud, queue: str = "audit") -> list[Message]:
    """What waits for a consumer."""
    return [msgspec.json.decode(body, type=Message) for body in cloud.waiting(queue)]


def test_a_notification_is_accepted_and_published(cloud: Cloud) -> None:
    answer = cloud.call("POST /notifications", HELLO)
    assert answer.status == 202
    [sent] = published(cloud)
    assert sent.notification_id == answer.body["notification_id"]
    assert (sent.title, sent.text, sent.sender, sent.recipient) == ("Hello", "World", ALICE, ALICE)


@pytest.mark.parametrize(
    ("channels", "queues"),
    [
        (["push"], {"push", "audit"}),
        (["email"], {"email", "audit"}),
        (["email", "push"], {"push", "email", "audit"}),
        (None, {"push", "email", "audit"}),
    ],
)
def test_a_notification_reaches_the_consumers_of_its_channels(
    cloud: Cloud, channels: list[str] | None, queues: set[str]
) -> None:
    cloud.call("POST /notifications", HELLO | ({"channels": channels} if channels else {}))
    assert {name for name in cloud.queues if cloud.waiting(name)} == queues


def test_a_channel_named_twice_is_one(cloud: Cloud) -> None:
    cloud.call("POST /notifications", HELLO | {"channels": ["push", "push"]})
    assert [sent.channels for sent in published(cloud, "push")] == [("push",)]


def test_only_notifiers_may_notify_others(cloud: Cloud) -> None:
    answer = cloud.call("POST /notifications", HELLO | {"recipient": BOB}, groups="readers,notifier")
    assert (answer.status, published(cloud)) == (403, [])


@pytest.mark.parametrize("groups", ["notifiers", "readers,notifiers", "[readers notifiers]"])
def test_notifiers_notify_others(cloud: Cloud, groups: str) -> None:
    assert cloud.call("POST /notifications", HELLO | {"recipient": BOB}, groups=groups).status == 202
    assert [(sent.sender, sent.recipient) for sent in published(cloud)] == [(ALICE, BOB)]


def test_whoever_names_themselves_needs_no_group(cloud: Cloud) -> None:
    assert cloud.call("POST /notifications", HELLO | {"recipient": ALICE}).status == 202


def test_a_request_that_is_sent_again_publishes_the_same_message(cloud: Cloud) -> None:
    first = cloud.call("POST /notifications", HELLO, headers=KEY)
    [once] = published(cloud)
    second = cloud.call("POST /notifications", HELLO, headers=KEY)
    [again] = published(cloud)
    assert (first.status, first.body, once) == (second.status, second.body, again)


def test_a_key_that_comes_with_another_body_is_refused(cloud: Cloud) -> None:
    cloud.call("POST /notifications", HELLO, headers=KEY)
    published(cloud)
    answer = cloud.call("POST /notifications", HELLO | {"text": "Moon"}, headers=KEY)
    assert (answer.status, published(cloud)) == (422, [])


def test_another_key_is_another_notification(cloud: Cloud) -> None:
    first = cloud.call("POST /notifications", HELLO, headers=KEY)
    second = cloud.call("POST /notifications", HELLO, headers={"Idempotency-Key": "k-2"})
    assert first.body != second.body


def test_a_key_is_kept_for_a_day() -> None:
    world = World()
    world.call("POST /notifications", HELLO, user_id=ALICE, key="k-1")
    [item] = world.dynamodb.items("devices")
    assert int(item["expires_at"]["N"]) == int((NOW + timedelta(days=1)).timestamp())


def test_a_key_of_somebody_else_is_another_key(cloud: Cloud) -> None:
    first = cloud.call("POST /notifications", HELLO, headers=KEY, user_id=ALICE)
    second = cloud.call("POST /notifications", HELLO | {"text": "Moon"}, headers=KEY, user_id=BOB)
    assert (first.status, second.status) == (202, 202)


def test_a_key_that_has_expired_is_a_new_one_even_if_it_is_still_there(cloud: Cloud) -> None:
    first = cloud.call("POST /notifications", HELLO, headers=KEY)
    [item] = cloud.items("devices")
    cloud.dynamodb.put_item(TableName="devices", Item=item | {"expires_at": {"N": "1700000000"}})
    second = cloud.call("POST /notifications", HELLO | {"text": "Moon"}, headers=KEY)
    assert second.status == 202
    assert first.body != second.body


def test_users_see_what_they_were_told_newest_first(cloud: Cloud) -> None:
    for number in range(3):
        cloud.call("POST /notifications", HELLO | {"title": f"Number {number}"})
    cloud.call("POST /notifications", HELLO, user_id=BOB)
    audit.handler(batch(*cloud.waiting("audit")), Context())
    found = cloud.call("GET /notifications").body["notifications"]
    assert [each["title"] for each in found] == ["Number 2", "Number 1", "Number 0"]
    assert {each["sender"] for each in found} == {ALICE}
    newest = cloud.call("GET /notifications", query={"limit": "1"}).body["notifications"]
    assert newest == found[:1]


def test_what_was_sent_is_shown_as_it_was(cloud: Cloud) -> None:
    sent = message("Ünïcode ☃", text="line\nline", channels=("email",))
    audit.handler(batch(sent), Context())
    [found] = cloud.call("GET /notifications").body["notifications"]
    assert found == {
        "notification_id": sent.notification_id,
        "sender": ALICE,
        "title": "Ünïcode ☃",
        "text": "line\nline",
        "channels": ["email"],
        "sent_at": "2026-11-25T12:00:00.123000Z",
    }


def test_when_the_topic_is_away_the_client_is_asked_to_come_again(cloud: Cloud) -> None:
    cloud.sns.delete_topic(TopicArn=cloud.topic_arn)
    answer = cloud.call("POST /notifications", HELLO, headers=KEY)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
