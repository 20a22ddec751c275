"""Whether the demo of the mobile backend notices what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.use_cases import waiting
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.mobile_backend.notifying import POISON, of_others, poison, three_consumers
from local.use_cases.mobile_backend.requests import devices, refusals
from local.use_cases.outcome import UseCaseError
from tests.local.mobile import Cloud
from tests.mobile_backend.builders import ALICE

DEVICES = b'[{"device_id":"%s","platform":"fcm","registered_at":"2026-11-25T10:00:00Z"}]' % (b"0" * 32)

Story = Callable[..., Shown]
STORIES: dict[Story, tuple[str, ...]] = {
    devices: (),
    refusals: (),
    three_consumers: ("mailbox",),
    of_others: (),
    poison: (),
}
"""With what they are told beside visit and transcript: fields of the cloud."""


def told(story: Story, cloud: Cloud, directory: Path) -> tuple[Shown, list[str]]:
    transcript = Transcript()
    with cloud.reached():
        shown = story(cloud.visit(directory), transcript, *(getattr(cloud, each) for each in STORIES[story]))
    return shown, transcript.problems


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.2)


@pytest.mark.parametrize("story", STORIES)
def test_a_right_backend_has_no_problems(story: Story, tmp_path: Path) -> None:
    assert told(story, Cloud(), tmp_path)[1] == []


@pytest.mark.parametrize("story", STORIES)
def test_another_status_of_any_one_answer_is_noticed(story: Story, tmp_path: Path) -> None:
    transcript, cloud = Transcript(), Cloud()
    with cloud.reached():
        story(cloud.visit(tmp_path), transcript, *(getattr(cloud, each) for each in STORIES[story]))
    noticed = 0
    for number in range(1, cloud.asked + 1):
        _, problems = told(story, Cloud(statuses={number: 299}), tmp_path)
        noticed += any("is answered 299" in each for each in problems)
    assert noticed == len(transcript.rows)


@pytest.mark.parametrize(
    ("number", "pattern", "instead", "problem"),
    [
        (2, rb"[0-9a-f]{32}", b"0" * 32, "the same token makes another device"),
        (3, rb"[0-9a-f]{32}", b"0" * 32, f"['{'0' * 32}'] are listed"),
        (7, rb"\[\]", DEVICES, "1 devices are left"),
    ],
)
def test_a_device_that_is_not_the_one_that_was_registered_is_noticed(
    number: int, pattern: bytes, instead: bytes, problem: str, tmp_path: Path
) -> None:
    assert told(devices, Cloud(bodies={number: (pattern, instead)}), tmp_path)[1] == [problem]


def test_the_mail_is_shown(tmp_path: Path) -> None:
    (mail,) = told(three_consumers, Cloud(), tmp_path)[0].listings
    assert "behind the pot of thyme" in mail.code
    assert ("To", f"{ALICE}@example.com") in mail.rows


@pytest.mark.parametrize(
    ("cloud", "problem"),
    [
        (Cloud(headers={"Idempotency-Key": ""}), "the mail has no Idempotency-Key"),
        (Cloud(forgetful=True), "the second answer to an Idempotency-Key is not the first one"),
        (Cloud(forgetful=True), "mails have arrived, not one"),
        (Cloud(forgetful=True), "the audit trail has ['Only on the phone', 'Your parcel is here', 'Your"),
    ],
)
def test_a_notification_that_is_told_otherwise_is_noticed(cloud: Cloud, problem: str, tmp_path: Path) -> None:
    assert any(problem in each for each in told(three_consumers, cloud, tmp_path)[1])


def test_mails_without_the_providers_key_are_noticed(tmp_path: Path) -> None:
    with pytest.raises(UseCaseError, match="not every consumer was told"):
        told(three_consumers, Cloud(headers={"Authorization": "Bearer mine"}), tmp_path)


def test_a_notification_to_another_one_that_does_not_arrive_is_noticed(tmp_path: Path) -> None:
    cloud = Cloud()
    cloud.admin_add_user_to_group = lambda **_: None  # type: ignore[method-assign]
    with pytest.raises(UseCaseError, match="the recipient was not told"):
        told(of_others, cloud, tmp_path)


def test_the_dead_letter_is_shown_whole(tmp_path: Path) -> None:
    shown, _ = told(poison, Cloud(), tmp_path)
    assert shown.listings[0].rows == ((POISON,),)


def test_a_poison_message_that_is_thrown_away_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(UseCaseError, match="the poison message does not end among the dead letters"):
        told(poison, Cloud(lost=True), tmp_path)


def test_a_dead_letter_of_another_body_is_noticed(tmp_path: Path) -> None:
    cloud: Any = Cloud()
    cloud.receive_message = lambda **_: {"Messages": [{"Body": POISON[:4]}]}
    assert told(poison, cloud, tmp_path)[1] == [f"the dead letters are ['{POISON[:4]}']"]
