"""The schedules bite: each of these deliberate faults is found by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from lambdas.common.failures import UnavailableError
from lambdas.common.ids import new_id
from lambdas.mobile_backend import audit, digest, push
from lambdas.mobile_backend.adapters.audit import DynamoAuditTrail
from lambdas.mobile_backend.adapters.devices import DynamoDevices
from lambdas.mobile_backend.adapters.mailed import DynamoMailed
from lambdas.mobile_backend.adapters.mailer import HttpMailer
from lambdas.mobile_backend.adapters.requests import DynamoRequests
from lambdas.mobile_backend.adapters.sns import SnsPush, SnsTopic
from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.ports import DeviceGoneError
from lambdas.mobile_backend.runtime import consuming
from lambdas.mobile_backend.workflow import pushing
from lambdas.mobile_backend.workflow.backend import Backend
from lambdas.mobile_backend.workflow.mailing import Postman
from tests.mobile_backend.builders import NOW
from tests.mobile_backend.test_exactness import check, schedules
from tests.support.schedules import Patch, expect_to_find

FAILED, FIRST, COMPOSED = consuming._failed, DynamoRequests.first, Backend._message
SEND, RECORD, PUBLISH, POST = SnsPush.send, DynamoAuditTrail.record, SnsTopic.publish, HttpMailer.send
MAIL, PUSH = Postman.mail, pushing.Pusher.push


def published_before_it_is_kept(self: Backend, call: Any) -> Message:
    """A message that is published under an id that a retry does not find."""
    self.topic.publish(COMPOSED(self, msgspec.structs.replace(call, idempotency=None)))
    return COMPOSED(self, call)


def never_there(self: DynamoRequests, user_id: str, key: Any, message: Message, now: Any) -> Message:
    """Whatever came before, this message is the first."""
    FIRST(self, user_id, key, message, now)
    return message


def swallowed(observability: Any, handle: Any, group: Any) -> list[str]:
    """What fails is taken for handled."""
    FAILED(observability, handle, group)
    return []


def only_the_first(observability: Any, handle: Any, group: Any) -> list[str]:
    """Of a group that fails one message is told."""
    return FAILED(observability, handle, group)[:1]


def all_or_nothing(event: Any, observability: Any, handle: Any, *, by: Any) -> Any:
    """One bad message is a reason to handle none."""
    answer = consuming.consume(event, observability, handle, by=by)
    if answer["batchItemFailures"]:
        return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in event["Records"]]}
    return answer


def dropped(event: Any, observability: Any, handle: Any, *, by: Any) -> Any:
    """What is no message is taken for handled."""
    answer = consuming.consume(event, observability, handle, by=by)
    bodies = {each["messageId"]: each["body"] for each in event["Records"]}
    left = [each for each in answer["batchItemFailures"] if "notification_id" in bodies[each["itemIdentifier"]]]
    return {"batchItemFailures": left}


def remembered_first(self: Postman, messages: Sequence[Message]) -> Any:
    """A mail is noted before it is sent."""
    ids = [message.notification_id for message in messages]
    if self.mailed.among(messages[0].recipient, ids):
        return None
    self.mailed.remember(messages[0].recipient, ids, NOW)
    return MAIL(replace(self, mailed=NothingMailed()), messages)


class NothingMailed:
    """Knows of no mail, and notes none."""

    def among(self, *_: Any) -> set[str]:
        return set()

    def remember(self, *_: Any) -> None: ...


def another_banner(self: SnsPush, device: Any, message: Message) -> None:
    """Each time it is sent a notification is a banner of its own."""
    SEND(self, device, msgspec.structs.replace(message, notification_id=new_id(NOW)))


def stops_at_the_gone(self: pushing.Pusher, message: Message) -> Any:
    """A device that is gone is the last that is looked at."""
    outcome = pushing.Outcome()
    for device in sorted(self.devices.of(message.recipient), key=lambda each: each.platform, reverse=True):
        try:
            self.sender.send(device, message)
        except DeviceGoneError:
            self.devices.forget(message.recipient, device.device_id)
            break
    return outcome


def failures_forgotten(self: pushing.Pusher, message: Message) -> Any:
    """A device that fails is passed over."""
    return replace(PUSH(self, message), error=None)


def not_forgotten(*_: Any) -> bool:
    return False


def failing_is_done(function: Callable[..., Any]) -> Callable[..., Any]:
    """A failure of AWS, or of the provider, is taken for success."""

    def done(*arguments: Any) -> None:
        with suppress(UnavailableError):
            function(*arguments)

    return done


CONSUMERS = (push, digest, audit)

FAULTS: dict[str, list[Patch]] = {
    "a message published before it is kept": [(Backend, "_message", published_before_it_is_kept)],
    "a new message with every retry": [(DynamoRequests, "first", never_there)],
    "a failed publication accepted": [(SnsTopic, "publish", failing_is_done(PUBLISH))],
    "failures swallowed": [(consuming, "_failed", swallowed)],
    "one failure of a group told": [(consuming, "_failed", only_the_first)],
    "one bad message holds up the others": [(each, "consume", all_or_nothing) for each in CONSUMERS],
    "bad messages dropped": [(each, "consume", dropped) for each in CONSUMERS],
    "mails remembered before they are sent": [(Postman, "mail", remembered_first)],
    "mails not remembered": [(DynamoMailed, "remember", lambda *_: None)],
    "mails not looked for": [(DynamoMailed, "among", lambda *_: set())],
    "a failed mail taken for sent": [(HttpMailer, "send", failing_is_done(POST))],
    "a failed record taken for written": [(DynamoAuditTrail, "record", failing_is_done(RECORD))],
    "banners of many ids": [(SnsPush, "send", another_banner)],
    "one device gone, the others not told": [(pushing.Pusher, "push", stops_at_the_gone)],
    "failed devices passed over": [(pushing.Pusher, "push", failures_forgotten)],
    "gone devices not forgotten": [(DynamoDevices, "forget", not_forgotten)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
