"""The history of releases, and how things stand, as the page tells them."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from lambdas.iot_backend.contract.models import Asked
from tests.iot_backend.browser.target import Target
from tests.iot_backend.browser.test_releasing import decisions
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

PAGE = 24
PRESS: dict[str, Any] = {
    "at": "2026-11-25T10:00:00.000Z",
    "source": "press",
    "who": "desk-button",
    "action": "promote",
    "outcome": "refused",
    "why": "stranger",
    "forced": False,
    "from_version": None,
    "to_version": None,
    "alarm": None,
    "reason": "",
}

VOICE = PRESS | {
    "source": "voice",
    "who": "amzn1.ask.account.ABC",
    "action": "report",
    "outcome": "reported",
    "why": "asked",
    "from_version": 4,
}
HTTP = PRESS | {
    "source": "http",
    "who": "7d1f",
    "outcome": "canary",
    "why": "asked",
    "from_version": 0,
    "to_version": 1,
}
SCHEDULE = PRESS | {
    "source": "schedule",
    "who": "schedule",
    "action": "step",
    "outcome": "rolled_back",
    "why": "alarm",
    "from_version": 5,
    "to_version": 4,
}
STANDING: dict[str, Any] = {
    "phase": "steady",
    "version": 4,
    "candidate": None,
    "percent": 0,
    "previous": 3,
    "newest": 4,
    "alarm": "OK",
    "alias_moved": False,
    "due_at": None,
}


def tell(visitor: Visitor, *decisions: dict[str, Any], **standing: Any) -> None:
    """Has the page hear that things stand so."""
    made = [each | {"decision_id": f"decision-{number}"} for number, each in enumerate(decisions)]
    body = {"current": STANDING | standing, "decisions": made, "next_cursor": None}

    def answer(route: Route) -> None:
        route.fulfill(json=body)

    visitor.page.route("**/api/releases?*", answer)
    visitor.page.reload()


def test_older_decisions_come_when_asked_for_and_stay(target: Target, desk: Visitor) -> None:
    target.released()
    pushes = [f"Push {number} of {secrets.token_hex(4)}" for number in range(PAGE + 2)]
    for push in pushes:
        assert target.ask(Asked.PROMOTE, reason=push).status == 409
    desk.page.clock.install()
    desk.page.reload()
    expect(decisions(desk)).to_have_count(PAGE)
    desk.press("Load older")
    expect(decisions(desk).filter(has_text=pushes[0])).to_be_visible()
    texts = decisions(desk).all_inner_texts()
    assert [push for text in texts for push in pushes if push in text] == pushes[::-1]
    with desk.page.expect_response("**/api/releases?*"):
        desk.page.clock.run_for(5_000)
    expect(decisions(desk)).to_have_count(len(texts))


def test_a_decision_says_who_asked_by_what_and_why(desk: Visitor) -> None:
    tell(desk, PRESS, VOICE, HTTP, SCHEDULE)
    expect(decisions(desk)).to_contain_text(
        [
            "A promotion was refused",
            "Version 4 served, when somebody asked",
            "Version 1 began to be tried beside the unpublished code",
            "Version 4 came back in place of version 5",
        ]
    )
    expect(decisions(desk)).to_contain_text(
        [
            "Button desk-button, by press. It was not the button that was enrolled.",
            "amzn1.ask.account.ABC, by voice. As asked.",
            "7d1f, by HTTP. As asked.",
            "The controller, by schedule. The alarm was on.",
        ]
    )


def test_nobody_is_told_of_a_history_before_there_is_one(desk: Visitor) -> None:
    tell(desk)
    desk.is_told("Nothing has been decided yet.")


def test_how_things_stand_is_told_in_words(desk: Visitor) -> None:
    tell(desk, newest=12, previous=None, alarm="INSUFFICIENT_DATA")
    expect(desk.page.get_by_role("definition")).to_have_text(["Version 12", "Nothing yet", "Has not seen enough"])


def test_an_alias_that_somebody_moved_by_hand_is_told(desk: Visitor) -> None:
    tell(desk, alias_moved=True)
    desk.is_told("Somebody else has moved the alias")
