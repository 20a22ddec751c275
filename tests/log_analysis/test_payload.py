"""Deliveries are unpacked within limits; what is none is refused with a reason."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from lambdas.log_analysis.contract import Limits
from lambdas.log_analysis.domain.payload import MalformedDeliveryError, unpack
from tests.events import logs

LIMITS = Limits(max_unpacked_bytes=100_000, max_expansion=20)
EVENT = logs.event([logs.log_event(1, 1_795_262_400_000, "a")])


def data(raw: bytes) -> dict[str, Any]:
    return {"awslogs": {"data": base64.b64encode(raw).decode()}}


def test_a_delivery_is_unpacked() -> None:
    delivery = unpack(EVENT, LIMITS)
    assert (delivery.log_group, delivery.log_stream) == (logs.LOG_GROUP, logs.LOG_STREAM)
    assert [(each.id, each.timestamp, each.message) for each in delivery.log_events] == [
        (logs.event_id(1), 1_795_262_400_000, "a")
    ]


def test_a_control_message_is_told_from_data() -> None:
    assert unpack(logs.control(), LIMITS).message_type == "CONTROL_MESSAGE"


def test_fields_that_are_not_known_yet_do_no_harm() -> None:
    content = logs.payload([]) | {"policyLevel": "ACCOUNT_LEVEL_POLICY"}
    assert unpack(logs.packed(json.dumps(content).encode()), LIMITS).log_events == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({}, "no event of CloudWatch Logs"),
        ({"awslogs": {"data": "%%%"}}, "no event of CloudWatch Logs"),
        ({"awslogs": {"data": "a"}}, "no event of CloudWatch Logs"),
        (data(b"no gzip, and long enough to tell"), "is no gzip"),
        (data(b""), "ends too early"),
        (data(gzip.compress(b"{}" * 100)[:-12]), "ends too early"),
        (logs.packed(b"[]"), "holds no delivery"),
        (logs.packed(b"\xff"), "holds no delivery"),
        (logs.packed(json.dumps(logs.payload([{"id": "1"}])).encode()), "holds no delivery"),
        (logs.packed(json.dumps(logs.payload([], message_type="OTHER")).encode()), "holds no delivery"),
    ],
)
def test_what_is_no_delivery_is_refused(event: object, reason: str) -> None:
    with pytest.raises(MalformedDeliveryError, match=reason):
        unpack(event, LIMITS)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(MalformedDeliveryError, match="inflates to more than"):
        unpack(logs.packed(b"0" * 90_000), LIMITS)


def test_a_delivery_that_is_too_large_is_refused() -> None:
    with pytest.raises(MalformedDeliveryError, match="inflates to more than 100000 bytes"):
        unpack(data(gzip.compress(b"0" * 100_001, compresslevel=0)), LIMITS)
