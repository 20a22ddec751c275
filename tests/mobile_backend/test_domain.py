"""Banners and mails that tell of notifications."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdas.mobile_backend.contract.models import Platform
from lambdas.mobile_backend.domain.banners import payload, shortened
from lambdas.mobile_backend.domain.devices import device_id
from lambdas.mobile_backend.domain.mails import letter, letter_key
from lambdas.mobile_backend.domain.messages import MalformedMessageError, decode
from tests.mobile_backend.builders import message

MAX_BYTES = 4_096
"""Of a payload, by both platforms."""
characters = st.characters(exclude_categories=["Cs"])


@example("\x00" * 100, "\x00" * 1_000)
@given(st.text(characters, min_size=1, max_size=100), st.text(characters, min_size=1, max_size=1_000))
def test_no_notification_is_too_large_for_a_device(title: str, text: str) -> None:
    told = message(title, text=text)
    for platform in Platform:
        found = json.loads(payload(platform, told))
        assert all(len(each.encode()) <= MAX_BYTES for each in found.values())


@pytest.mark.parametrize("character", ["\x00", "\U0001f600", '"'])
def test_the_largest_notification_is_shown_in_part(character: str) -> None:
    body = json.loads(json.loads(payload(Platform.APNS, message(character * 100, text=character * 1_000)))["APNS"])
    assert body["aps"]["alert"]["title"] == character * 100
    shown = body["aps"]["alert"]["body"]
    assert shown == character * (len(shown) - 1) + "…" or shown == character * 1_000


@given(st.text(characters), st.integers(10, 60))
def test_a_shortened_text_fits_begins_as_it_was_and_is_cut_only_if_it_has_to(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(msgspec.json.encode(short)) <= most
    if len(msgspec.json.encode(text)) <= most:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


def test_apple_devices_show_title_and_text() -> None:
    found = json.loads(payload(Platform.APNS, message("Hello", text="World")))
    assert found["APNS"] == found["APNS_SANDBOX"]
    assert json.loads(found["APNS"])["aps"] == {"alert": {"title": "Hello", "body": "World"}}
    assert found["default"] == "Hello"


def test_android_devices_show_title_and_text() -> None:
    found = json.loads(json.loads(payload(Platform.FCM, message("Hello", text="World")))["GCM"])
    assert found["fcmV1Message"]["message"]["notification"] == {"title": "Hello", "body": "World"}


def test_a_mail_of_one_notification_has_its_title() -> None:
    assert letter([message("Hello")]).subject == "Hello"


def test_a_mail_tells_of_all_its_notifications_in_the_order_in_which_they_were_sent() -> None:
    early, late = sorted([message(), message()], key=lambda each: each.notification_id)
    found = letter(
        [message("Late", notification_id=late.notification_id), message("Early", notification_id=early.notification_id)]
    )
    assert found.subject == "2 notifications"
    assert found.text.index("About Early") < found.text.index("About Late")


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("Hello\r\nBcc: all@example.com", "Hello Bcc: all@example.com"),
        (" a \t b\x00c ", "a b c"),
        ("\n", "A notification"),
    ],
)
def test_a_subject_is_one_line(title: str, subject: str) -> None:
    assert letter([message(title)]).subject == subject


def test_the_key_of_a_mail_is_that_of_its_notifications_in_any_order() -> None:
    one, two, three = message(), message(), message()
    assert letter_key([one, two]) == letter_key([two, one]) != letter_key([one, three])


@pytest.mark.parametrize("body", ["", "\ud800", "[]", '{"notification_id": "0"}'])
def test_what_is_no_message_is_told_apart(body: str) -> None:
    with pytest.raises(MalformedMessageError, match="no Message: "):
        decode(body)


def test_platforms_may_give_out_the_same_token() -> None:
    assert device_id(Platform.APNS, "token") != device_id(Platform.FCM, "token")
