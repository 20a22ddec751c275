"""Everybody can use the website: with a screen reader, by keyboard, in the dark, on a phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from local.use_cases.clients import JSON, Client
from tests.support.pictures import PHOTOS
from tests.web_backend.browser.test_items import change, make
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

ROOT = Path(__file__).parents[3]
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
PAGES = {
    "/": "Gallery",
    "/?order=for-you": "Gallery",
    "/items/new": "New item",
    "/items/{item}": "Harbour",
    "/items/{item}/edit": "Edit “Harbour”",
    "/orders": "Orders",
    "/orders/new": "New order",
    "/live": "Live",
    "/preferences": "Your taste",
    "/no/such/page": "Nothing here",
}


@pytest.fixture
def furnished(inside: Visitor, api: Client) -> Visitor:
    """A gallery with something on every page; its item's id stands for ``{item}`` in `PAGES`."""
    inside.follow("New item")
    inside.page.get_by_label("Choose a picture").set_input_files(PHOTOS / "chelsea.jpg")
    expect(inside.page.locator("main picture img")).to_be_visible()
    inside.fill(Title="Harbour", Description="At dusk", Tags="sea, dusk")
    inside.press("Save")
    inside.sees("Harbour")
    line = {"item_id": inside.page.url.split("/")[-1], "product": "a4"}
    ordered = api.send("POST", "/orders", json.dumps({"lines": [line]}).encode(), {"content-type": JSON})
    assert ordered.status == 201
    return inside


def visit(visitor: Visitor, path: str, item: str) -> None:
    visitor.open(path.format(item=item))
    visitor.sees(PAGES[path])
    expect(visitor.page.get_by_text("Loading…")).to_have_count(0)


def violations(page: Page, scheme: Literal["light", "dark"] = "light") -> list[str]:
    """What axe finds that keeps people out; in the dark only colours differ.

    Put in by the debugger, which the content security policy leaves alone.
    """
    page.emulate_media(color_scheme=scheme)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **rules})
    return [
        f"{each['impact']}: {each['help']} at {each['nodes'][0]['target']}: {each['nodes'][0]['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


def test_no_page_keeps_anybody_out_by_light_or_in_the_dark(furnished: Visitor) -> None:
    item = furnished.page.url.split("/")[-1]
    found = {}
    for path in PAGES:
        visit(furnished, path, item)
        found[f"{path} light"] = violations(furnished.page)
        found[f"{path} dark"] = violations(furnished.page, "dark")
    assert {page: each for page, each in found.items() if each} == {}


def test_no_way_in_keeps_anybody_out_by_light_or_in_the_dark(visitor: Visitor) -> None:
    visitor.open("/")
    found = {}
    for button in ("Create an account", "I have an account", "Forgot your password?"):
        found[f"{button} light"] = violations(visitor.page)
        found[f"{button} dark"] = violations(visitor.page, "dark")
        visitor.press(button)
    assert {page: each for page, each in found.items() if each} == {}


def test_dialogs_keep_nobody_out(furnished: Visitor, api: Client) -> None:
    item_id = furnished.page.url.split("/")[-1]
    furnished.follow("Edit")
    furnished.fill(Title="Mine")
    change(api, item_id, title="Theirs")
    furnished.press("Save")
    expect(furnished.page.get_by_role("dialog").get_by_role("row", name="Picture").locator("img")).to_be_visible()
    assert violations(furnished.page) == []
    assert violations(furnished.page, "dark") == []
    furnished.expected.append(f"412 PUT /api/items/{item_id}")


def test_no_page_scrolls_sideways_on_a_small_phone(furnished: Visitor) -> None:
    item = furnished.page.url.split("/")[-1]
    furnished.page.set_viewport_size({"width": 360, "height": 740})
    widths = {}
    for path in PAGES:
        visit(furnished, path, item)
        widths[path] = furnished.page.evaluate("document.documentElement.scrollWidth")
    assert widths == dict.fromkeys(PAGES, 360)


def test_a_new_page_is_read_out_from_its_heading(inside: Visitor) -> None:
    inside.follow("Taste")
    expect(inside.page.get_by_role("heading", level=1)).to_be_focused()
    expect(inside.page).to_have_title("Your taste · Printroom")


def test_the_keyboard_gets_past_the_menu_in_one_step(inside: Visitor) -> None:
    inside.page.reload()
    inside.sees("Gallery")
    inside.page.keyboard.press("Tab")
    inside.page.keyboard.press("Enter")
    inside.page.keyboard.press("Tab")
    expect(inside.page.get_by_role("link", name="New item")).to_be_focused()


def test_a_dialog_gives_the_focus_back(inside: Visitor, api: Client) -> None:
    inside.open(f"/items/{make(api, 'Harbour')}")
    inside.press("Delete")
    expect(inside.page.get_by_role("dialog")).to_be_visible()
    inside.page.keyboard.press("Escape")
    expect(inside.page.get_by_role("button", name="Delete")).to_be_focused()


def test_an_item_is_made_by_keyboard_alone(inside: Visitor) -> None:
    inside.page.get_by_role("link", name="New item").press("Enter")
    inside.sees("New item")
    inside.page.keyboard.press("Tab")
    expect(inside.page.get_by_label("Choose a picture")).to_be_focused()
    inside.page.keyboard.press("Tab")
    inside.page.keyboard.type("Harbour")
    inside.page.keyboard.press("Enter")
    inside.sees("Harbour")
