"""Preferences, views, and the feed that follows from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from lambdas.web_backend import api
from tests.web_backend.client import Client, Response
from tests.web_backend.conftest import Cloud

PREFERENCES, FEED, VIEW = "/me/preferences", "GET /me/feed", "PUT /me/views/{item_id}"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def say(client: Client, tags: Any, if_match: str = "*") -> Response:
    return client(f"PUT {PREFERENCES}", {"tags": tags}, headers={"if-match": if_match})


def test_who_has_said_nothing_likes_nothing_in_particular(ann: Client) -> None:
    found = ann(f"GET {PREFERENCES}")
    assert (found.status, found.json, found.etag) == (200, {"tags": {}}, '"0"')


def test_preferences_are_found_as_they_were_said(ann: Client, bob: Client) -> None:
    said = say(ann, {"sea": 1, "cats": -0.5, "fog": 1e-300, "dusk": 0.1})
    found = ann(f"GET {PREFERENCES}")
    assert (said.status, said.json, said.etag) == (200, found.json, found.etag)
    assert found.json == {"tags": {"sea": 1, "cats": -0.5, "fog": 1e-300, "dusk": 0.1}}
    assert bob(f"GET {PREFERENCES}").json == {"tags": {}}


def test_the_first_preferences_are_said_against_what_is_there_before_any(ann: Client) -> None:
    assert say(ann, {"sea": 1}, '"0"').status == 200
    assert say(ann, {"fog": 1}, '"0"').status == 412
    assert ann(f"GET {PREFERENCES}").json == {"tags": {"sea": 1}}


def test_preferences_said_elsewhere_meanwhile_are_not_lost(ann: Client) -> None:
    first = say(ann, {"sea": 1})
    second = say(ann, {"fog": 1}, first.etag)
    assert say(ann, {"cats": 1}, first.etag).status == 412
    assert say(ann, {"cats": 1}, f'"0", {second.etag}').status == 200


@pytest.mark.parametrize("tags", [{"sea": 1.01}, {"sea": -2}, {"Sea": 1}, {"": 1}, {"sea": "1"}, {"sea": None}, []])
def test_what_is_no_weight_of_a_tag_is_refused(ann: Client, tags: Any) -> None:
    assert say(ann, tags).status == 422


def test_a_view_of_what_is_not_there_or_another_one_s_is_not_found(ann: Client, bob: Client, cloud: Cloud) -> None:
    item_id = ann.create().json["item_id"]
    assert bob(VIEW, item_id=item_id).status == 404
    ann("DELETE /items/{item_id}", item_id=item_id)
    assert ann(VIEW, item_id=item_id).status == 404
    assert cloud.entries("view#") == []


def test_of_many_views_of_an_item_the_last_one_is_kept_for_30_days(ann: Client, cloud: Cloud) -> None:
    item_id = ann.create(tags=["sea"]).json["item_id"]
    with patch.object(api, "_now", lambda: NOW):
        api.runtime.cache_clear()
        assert [ann(VIEW, item_id=item_id).status for _ in range(3)] == [204, 204, 204]
    [view] = cloud.entries("view#")
    assert int(view["expires_at"]["N"]) == int((NOW + timedelta(days=30)).timestamp())


def test_a_feed_has_what_is_liked_first_and_says_why(ann: Client) -> None:
    ann.create("disliked", tags=["cats", "sea"])
    ann.create("liked", tags=["sea"])
    looked_at = ann.create("looked at", tags=["fog"]).json["item_id"]
    ann.create("nothing")
    say(ann, {"sea": 0.5, "cats": -1})
    ann(VIEW, item_id=looked_at)
    feed = ann(FEED).json["items"]
    assert [(each["item"]["title"], each["because"]) for each in feed] == [
        ("looked at", ["fog"]),
        ("liked", ["sea"]),
        ("nothing", []),
        ("disliked", ["sea"]),
    ]
    assert [each["item"]["title"] for each in ann(FEED, query={"limit": "1"}).json["items"]] == ["looked at"]


def test_a_feed_is_made_of_one_s_own_alone(ann: Client, bob: Client) -> None:
    ann(VIEW, item_id=ann.create("Ann's", tags=["sea"]).json["item_id"])
    say(ann, {"sea": 1})
    bob.create("Bob's", tags=["sea"])
    assert [(each["item"]["title"], each["because"]) for each in bob(FEED).json["items"]] == [("Bob's", [])]


def test_a_view_that_has_expired_counts_for_nothing_though_it_is_still_there(ann: Client) -> None:
    item_id = ann.create(tags=["sea"]).json["item_id"]
    with patch.object(api, "_now", lambda: NOW):
        api.runtime.cache_clear()
        ann(VIEW, item_id=item_id)
        assert ann(FEED).json["items"][0]["because"] == ["sea"]
    with patch.object(api, "_now", lambda: NOW + timedelta(days=30, seconds=1)):
        api.runtime.cache_clear()
        assert ann(FEED).json["items"][0]["because"] == []


def test_a_feed_shows_the_best_of_the_newest_200_items(ann: Client) -> None:
    ann.create("too old", tags=["sea"])
    for at in range(200):
        ann.create(str(at))
    say(ann, {"sea": 1})
    shown = [each["item"]["title"] for each in ann(FEED, query={"limit": "100"}).json["items"]]
    assert (len(shown), "too old" in shown) == (100, False)
