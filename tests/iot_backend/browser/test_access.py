"""Everybody who may release can: with a screen reader, by keyboard, in the dark, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.iot_backend.browser.target import Target
from tests.iot_backend.browser.test_history import PRESS, tell
from tests.iot_backend.browser.test_releasing import REFUSED, ask, published
from tests.web_backend.browser.test_access import violations
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

TRIED = {"phase": "canary", "version": 4, "candidate": 5, "percent": 10, "due_at": "2026-11-25T10:00:00.000Z"}
FORCED = PRESS | {"outcome": "promoted", "why": "alarm", "forced": True, "from_version": 4, "to_version": 5}


def everything(visitor: Visitor) -> None:
    """All that the page can show at once."""
    device = {"device_id": "boiler-room", "kind": "sensor", "enrolled_at": PRESS["at"], "measured_at": PRESS["at"]}
    told = {"readings": {"temperature": 91.5, "air_pressure": 1013.25}, "alarms": ["temperature"]}
    visitor.page.route(
        "**/api/devices?*", lambda route: route.fulfill(json={"devices": [device | told], "next_cursor": None})
    )
    tell(visitor, FORCED, PRESS, alias_moved=True, alarm="ALARM", **TRIED)
    visitor.is_told("Version 5 is being tried beside version 4")
    expect(visitor.page.get_by_role("rowheader")).to_have_text("boiler-room")


def test_the_page_keeps_nobody_out_by_light_or_in_the_dark(desk: Visitor) -> None:
    everything(desk)
    assert violations(desk.page) == []
    assert violations(desk.page, "dark") == []


def test_the_dialog_keeps_nobody_out_by_light_or_in_the_dark(target: Target, desk: Visitor) -> None:
    everything(desk)
    tell(desk, phase="steady", version=4, newest=5)
    target.tried()
    ask(desk, "Promote version 5")
    expect(desk.page.get_by_label("Force it")).to_be_visible()
    assert violations(desk.page) == []
    assert violations(desk.page, "dark") == []
    desk.expected.append(REFUSED)


def test_who_may_not_release_is_told_so_by_light_and_in_the_dark(inside: Visitor) -> None:
    inside.open("/releases")
    inside.is_told("Only members of the group releasers")
    assert violations(inside.page) == []
    assert violations(inside.page, "dark") == []


def test_the_page_does_not_scroll_sideways_on_a_small_phone(desk: Visitor) -> None:
    desk.page.set_viewport_size({"width": 360, "height": 740})
    everything(desk)
    assert desk.page.evaluate("document.documentElement.scrollWidth") == 360


def test_no_word_of_the_menu_is_broken_on_a_small_phone(desk: Visitor) -> None:
    desk.page.set_viewport_size({"width": 360, "height": 740})
    links = desk.page.get_by_role("navigation", name="Main").get_by_role("link")
    expect(links).to_have_text(["Gallery", "Orders", "Live", "Taste", "Releases"])
    lines = (
        "link => { const range = new Range(); range.selectNode(link.lastChild); return [...range.getClientRects()] }"
    )
    for link in links.all():
        [line] = link.evaluate(lines)
        assert 0 <= line["left"] < line["right"] <= 360


def test_a_version_is_promoted_by_keyboard_alone(target: Target, desk: Visitor) -> None:
    version = published(target, desk)
    desk.page.get_by_role("button", name=f"Promote version {version}").press("Enter")
    expect(desk.page.get_by_label("Reason")).to_be_focused()
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    desk.is_told(f"Version {version} is being tried beside")
