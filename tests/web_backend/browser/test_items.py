"""Making, editing and deleting items, alone and against others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from local.use_cases.clients import JSON, Client
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")


def make(api: Client, title: str, **more: Any) -> str:
    """An item made by another device; returns its id."""
    body = json.dumps({"title": title, **more}).encode()
    reply = api.send("POST", "/items", body, {"content-type": JSON})
    assert reply.status == 201, reply.text
    return str(json.loads(reply.body)["item_id"])


def change(api: Client, item_id: str, **draft: Any) -> None:
    headers = {"content-type": JSON, "if-match": "*"}
    assert api.send("PUT", f"/items/{item_id}", json.dumps(draft).encode(), headers).status == 200


def titles(api: Client) -> list[str]:
    return [each["title"] for each in json.loads(api.send("GET", "/items?limit=100").body)["items"]]


def test_what_the_server_refuses_is_told_at_its_field_and_can_be_put_right(inside: Visitor, api: Client) -> None:
    inside.follow("New item")
    inside.fill(Title="Harbour", Tags="dusk, Grün")
    inside.press("Save")
    expect(inside.fault_of("Tags")).to_have_text("Number 2: Please write it as described above.")
    inside.expected.append("422 POST /api/items")
    inside.fill(Tags="dusk, green")
    inside.press("Save")
    inside.sees("Harbour")
    expect(inside.page.get_by_role("list", name="Tags").get_by_role("listitem")).to_have_text(["dusk", "green"])
    assert titles(api) == ["Harbour"]


def test_an_answer_that_is_lost_makes_nothing_twice(inside: Visitor, api: Client) -> None:
    def lose(route: Route) -> None:
        sent = route.request
        headers = {"content-type": JSON, "idempotency-key": sent.headers["idempotency-key"]}
        assert api.send("POST", "/items", sent.post_data_buffer or b"", headers).status == 201
        route.abort()

    inside.follow("New item")
    inside.fill(Title="Harbour")
    inside.page.route("**/api/items", lose, times=1)
    inside.press("Save")
    expect(inside.page.get_by_role("alert")).to_contain_text("The server cannot be reached")
    inside.press("Save")
    inside.sees("Harbour")
    assert titles(api) == ["Harbour"]


def test_the_gallery_begins_with_the_newest_and_goes_on_on_demand(inside: Visitor, api: Client) -> None:
    for number in range(25):
        make(api, f"Item {number}")
    inside.page.reload()
    cards = inside.page.get_by_role("listitem").get_by_role("heading")
    expect(cards).to_have_count(24)
    expect(cards.first).to_have_text("Item 24")
    inside.press("Load more")
    expect(cards).to_have_count(25)
    expect(cards.last).to_have_text("Item 0")
    expect(inside.page.get_by_role("button", name="Load more")).to_have_count(0)


def test_an_edit_is_saved(inside: Visitor, api: Client) -> None:
    item_id = make(api, "Harbour", description="At dusk")
    inside.open(f"/items/{item_id}")
    inside.follow("Edit")
    expect(inside.field("Description")).to_have_value("At dusk")
    inside.fill(Title="Pier")
    inside.press("Save")
    inside.sees("Pier")
    inside.is_told("At dusk")
    assert titles(api) == ["Pier"]


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "Mine"), ("Take theirs", "Theirs")])
def test_who_edits_what_another_one_changed_sees_both_and_decides(
    inside: Visitor, api: Client, choice: str, kept: str
) -> None:
    item_id = make(api, "Harbour")
    inside.open(f"/items/{item_id}/edit")
    inside.fill(Title="Mine")
    change(api, item_id, title="Theirs", tags=["pier"])
    inside.press("Save")
    rows = inside.page.get_by_role("dialog", name="Changed meanwhile").get_by_role("row")
    expect(rows).to_have_text(["YoursTheirs", "TitleMineTheirs", "Tags\u2013pier"])
    inside.press(choice)
    inside.sees(kept)
    assert titles(api) == [kept]
    inside.expected.append(f"412 PUT /api/items/{item_id}")


def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(inside: Visitor, api: Client) -> None:
    item_id = make(api, "Harbour")
    inside.open(f"/items/{item_id}/edit")
    inside.fill(Title="Pier")
    change(api, item_id, title="Pier")
    inside.press("Save")
    inside.sees("Pier")
    inside.expected.append(f"412 PUT /api/items/{item_id}")


def test_an_item_is_deleted_only_when_that_is_confirmed(inside: Visitor, api: Client) -> None:
    inside.open(f"/items/{make(api, 'Harbour')}")
    inside.press("Delete")
    inside.press("Keep it")
    assert titles(api) == ["Harbour"]
    inside.press("Delete")
    inside.press("Delete it")
    inside.is_told("Nothing here yet.")
    assert titles(api) == []


def test_who_looks_for_an_item_that_is_gone_is_led_on(inside: Visitor, api: Client) -> None:
    item_id = make(api, "Harbour")
    assert api.send("DELETE", f"/items/{item_id}").status == 204
    inside.open(f"/items/{item_id}")
    inside.sees("No such item")
    inside.follow("Go to the gallery")
    inside.is_told("Nothing here yet.")
    inside.expected.append(f"404 GET /api/items/{item_id}")


def test_a_tag_that_nobody_can_like_is_told_at_its_field(inside: Visitor) -> None:
    inside.follow("Taste")
    inside.field("Another tag").fill("Grün")
    inside.press("Add")
    inside.press("Save")
    expect(inside.fault_of("Another tag")).not_to_be_empty()
    expect(inside.page.get_by_role("slider")).to_have_count(0)


def test_what_one_likes_comes_first_in_the_feed_with_the_reason(inside: Visitor, api: Client) -> None:
    make(api, "Harbour", tags=["sea"])
    make(api, "Summit", tags=["snow"])
    inside.follow("Taste")
    slider = inside.page.get_by_role("slider", name="sea")
    slider.focus()
    slider.press("End")
    inside.press("Save")
    inside.is_told("Your taste is saved.")
    inside.follow("Gallery")
    inside.follow("For you")
    expect(inside.page.get_by_role("listitem").get_by_role("heading")).to_have_text(["Harbour", "Summit"])
    inside.is_told("Because of sea")


def test_a_server_that_asks_for_patience_gets_it(inside: Visitor) -> None:
    answers = iter([503, 429])

    def refuse(route: Route) -> None:
        status = next(answers, None)
        route.fulfill(status=status, headers={"retry-after": "0"}) if status else route.fallback()

    inside.page.route("**/api/items?*", refuse)
    inside.page.reload()
    inside.is_told("Nothing here yet.")
    inside.expected += ["503 GET /api/items?limit=24", "429 GET /api/items?limit=24"]


def test_a_token_that_is_refused_is_renewed_unseen(inside: Visitor) -> None:
    inside.page.route("**/api/items?*", lambda route: route.fulfill(status=401, json={"message": "no"}), times=1)
    inside.page.reload()
    inside.is_told("Nothing here yet.")
    inside.expected.append("401 GET /api/items?limit=24")


def test_a_failure_is_told_with_its_request_id_and_can_be_tried_again(inside: Visitor) -> None:
    headers = {"x-request-id": "id-of-the-request", "content-type": "application/problem+json"}
    problem = json.dumps({"title": "Internal Server Error", "status": 500, "detail": "It broke."})
    inside.page.route("**/api/items?*", lambda route: route.fulfill(status=500, headers=headers, body=problem), times=1)
    inside.page.reload()
    alert = inside.page.get_by_role("alert")
    expect(alert).to_contain_text("It broke.")
    expect(alert).to_contain_text("id-of-the-request")
    inside.press("Try again")
    inside.is_told("Nothing here yet.")
    inside.expected.append("500 GET /api/items?limit=24")
