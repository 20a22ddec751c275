"""What a stage leaves out, the website does not show."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route, expect

from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")


def leave_out(visitor: Visitor, *parts: str) -> None:
    """Serves the configuration of a stage without these parts."""
    config = json.loads(visitor.site.outputs["WebsiteConfig"])
    config["wired"] = [part for part in config["wired"] if part not in parts]

    def answer(route: Route) -> None:
        route.fulfill(json=config)

    visitor.page.route("**/config.json", answer)
    visitor.page.reload()
    visitor.sees("Gallery")


def test_where_everything_is_wired_the_menu_leads_everywhere(inside: Visitor) -> None:
    expect(inside.page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_text(
        ["Gallery", "Orders", "Live", "Taste"]
    )


def test_without_a_shop_nothing_can_be_ordered(inside: Visitor) -> None:
    leave_out(inside, "shop")
    expect(inside.page.get_by_role("link", name="Orders")).to_have_count(0)
    inside.open("/orders")
    inside.sees("Nothing here")


def test_without_metrics_there_are_no_charts(inside: Visitor) -> None:
    leave_out(inside, "metrics")
    expect(inside.page.get_by_role("link", name="Live")).to_have_count(0)
    inside.open("/live")
    inside.sees("Nothing here")


def test_without_pictures_items_are_made_of_words(inside: Visitor) -> None:
    leave_out(inside, "pictures")
    inside.follow("New item")
    expect(inside.page.get_by_label("Choose a picture")).to_have_count(0)
    inside.fill(Title="Harbour")
    inside.press("Save")
    inside.sees("Harbour")
