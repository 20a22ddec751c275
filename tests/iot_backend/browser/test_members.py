"""Who sees devices and releases: members of the group, where a stage has them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from local.use_cases.clients import JSON, Client
from tests.web_backend.browser.test_wiring import leave_out
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

RELEASE = b'{"action": "promote"}'


def test_the_menu_leads_members_to_releases(desk: Visitor) -> None:
    desk.open("/")
    desk.follow("Releases")
    desk.sees("Releases")
    expect(desk.page.get_by_role("link", name="Releases")).to_have_attribute("aria-current", "page")


def test_the_menu_does_not_lead_others_there(inside: Visitor) -> None:
    inside.page.reload()
    inside.sees("Gallery")
    expect(inside.page.get_by_role("link", name="Releases")).to_have_count(0)


def test_others_who_come_by_the_address_are_told_who_may(inside: Visitor) -> None:
    asked: list[str] = []
    inside.page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    inside.open("/releases")
    inside.is_told("Only members of the group releasers see devices, and release.")
    expect(inside.page.get_by_role("button")).to_have_text(["Sign out"])
    assert asked == []


@pytest.mark.parametrize("request_line", ["GET /devices", "GET /releases", "POST /releases"])
def test_the_api_refuses_others(api: Client, request_line: str) -> None:
    method, path = request_line.split()
    reply = api.send(method, path, RELEASE if method == "POST" else b"", {"content-type": JSON})
    assert (reply.status, "only members of the group releasers" in reply.text) == (403, True)


def test_where_nothing_is_released_there_is_no_page_for_it(desk: Visitor) -> None:
    desk.open("/")
    leave_out(desk, "releases")
    expect(desk.page.get_by_role("link", name="Releases")).to_have_count(0)
    desk.open("/releases")
    desk.sees("Nothing here")
