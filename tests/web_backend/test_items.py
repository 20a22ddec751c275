"""Items are made, read, listed, changed and deleted, each by its owner."""

from __future__ import annotations

import pytest

from tests.web_backend.client import Client
from tests.web_backend.conftest import Cloud

NOBODYS = "01940000-0000-7000-8000-000000000000"


def test_an_item_is_found_as_it_was_made(ann: Client) -> None:
    image_id = "01a0ffee-0000-7000-8000-000000000001"
    made = ann.create("Harbour at dusk", description="Long exposure\n⚓", tags=["sea", "a-1"], image_id=image_id)
    found = ann.item(made.json["item_id"])
    assert (found.status, found.json, found.etag) == (200, made.json, made.etag)
    assert {name: found.json[name] for name in ("title", "description", "tags", "image_id")} == {
        "title": "Harbour at dusk", "description": "Long exposure\n⚓", "tags": ["sea", "a-1"], "image_id": image_id
    }  # fmt: skip
    assert found.json["created_at"] == found.json["updated_at"]


def test_what_is_not_said_of_an_item_is_empty(ann: Client) -> None:
    found = ann.item(ann.create("Harbour").json["item_id"]).json
    assert (found["description"], found["tags"], found["image_id"]) == ("", [], None)


def test_the_location_of_a_new_item_leads_to_it_wherever_the_api_is_mounted(ann: Client) -> None:
    """It is relative to the request's own path: behind the website that is ``/api/items``."""
    made = ann.create()
    assert made.headers["location"] == f"items/{made.json['item_id']}"


def test_a_change_replaces_all_that_is_said_and_keeps_when_the_item_was_made(ann: Client) -> None:
    made = ann.create("Harbour", description="old", tags=["sea"])
    item_id = made.json["item_id"]
    changed = ann.update(item_id, "Pier", made.etag)
    found = ann.item(item_id)
    assert (changed.status, changed.json, changed.etag) == (200, found.json, found.etag)
    assert (found.json["title"], found.json["description"], found.json["tags"]) == ("Pier", "", [])
    assert found.json["created_at"] == made.json["created_at"] <= found.json["updated_at"]


def test_every_change_makes_a_new_etag_even_if_it_says_the_same(ann: Client) -> None:
    made = ann.create("Harbour")
    once = ann.update(made.json["item_id"], "Harbour", made.etag)
    again = ann.update(made.json["item_id"], "Harbour", once.etag)
    assert len({made.etag, once.etag, again.etag}) == 3


def test_a_deleted_item_is_gone(ann: Client) -> None:
    made = ann.create()
    deleted = ann("DELETE /items/{item_id}", item_id=made.json["item_id"])
    assert (deleted.status, deleted.body) == (204, "")
    assert ann.item(made.json["item_id"]).status == 404
    assert ann.titles() == []


@pytest.mark.parametrize("if_match", ["*", '"anything"'])
@pytest.mark.parametrize("route", ["GET /items/{item_id}", "PUT /items/{item_id}", "DELETE /items/{item_id}"])
def test_what_is_not_there_is_not_found_whatever_version_is_asked_for(ann: Client, route: str, if_match: str) -> None:
    body = {"title": "t"} if route.startswith("PUT") else None
    assert ann(route, body, headers={"if-match": if_match}, item_id=NOBODYS).status == 404


@pytest.mark.parametrize("if_match", ["*", None])
def test_another_one_s_item_cannot_be_told_from_one_that_is_not_there(
    ann: Client, bob: Client, if_match: str | None
) -> None:
    made = ann.create()
    headers = {"if-match": if_match or made.etag}
    for route in ("GET /items/{item_id}", "PUT /items/{item_id}", "DELETE /items/{item_id}"):
        body = {"title": "mine now"} if route.startswith("PUT") else None
        theirs = bob(route, body, headers=headers, item_id=made.json["item_id"])
        nobodys = bob(route, body, headers=headers, item_id=NOBODYS)
        assert (theirs.status, theirs.body) == (404, nobodys.body)
    assert ann.item(made.json["item_id"]).json == made.json


def test_the_token_s_subject_decides_whose_items_these_are_and_nothing_that_a_client_says(
    ann: Client, bob: Client, cloud: Cloud
) -> None:
    ann.create("Ann's")
    bob.create("Bob's")
    assert (ann.titles(), bob.titles()) == (["Ann's"], ["Bob's"])
    owners = {each["title"]["S"]: each["user_id"]["S"] for each in cloud.entries("item#")}
    assert owners == {"Ann's": ann.user_id, "Bob's": bob.user_id}


def test_what_the_body_says_of_its_owner_is_refused(ann: Client) -> None:
    refused = ann("POST /items", {"title": "t", "user_id": "somebody"})
    assert (refused.status, refused.headers["content-type"]) == (422, "application/problem+json")
    assert "user_id" in refused.body


def test_answers_are_private_and_name_the_request(ann: Client) -> None:
    made = ann.create()
    assert made.headers["cache-control"] == "private, no-cache"
    assert made.headers["x-request-id"]
