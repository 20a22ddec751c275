"""Nobody's change is lost: ETags with If-Match and If-None-Match."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from lambdas.web_backend import api
from tests.web_backend.client import Client
from tests.web_backend.conftest import Cloud

STALE = '"00000000000000000000"'
DELETE = "DELETE /items/{item_id}"


@pytest.fixture
def made(ann: Client) -> dict[str, str]:
    response = ann.create("first")
    return {"item_id": response.json["item_id"], "etag": response.etag}


def test_a_change_of_what_somebody_else_has_changed_is_refused_with_the_way_on(
    ann: Client, made: dict[str, str]
) -> None:
    ann.update(made["item_id"], "theirs", made["etag"])
    refused = ann.update(made["item_id"], "mine", made["etag"])
    assert (refused.status, refused.headers["content-type"]) == (412, "application/problem+json")
    assert "current ETag" in refused.json["detail"]
    found = ann.item(made["item_id"])
    assert found.json["title"] == "theirs"
    assert ann.update(made["item_id"], "mine", found.etag).status == 200


def test_a_change_without_if_match_is_refused(ann: Client, made: dict[str, str]) -> None:
    refused = ann("PUT /items/{item_id}", {"title": "mine"}, item_id=made["item_id"])
    assert (refused.status, ann.item(made["item_id"]).json["title"]) == (428, "first")


@pytest.mark.parametrize("others", [1, 99, 100, 101, 400])
def test_one_of_many_etags_is_enough_wherever_it_stands(ann: Client, made: dict[str, str], others: int) -> None:
    """A header holds some four hundred."""
    stale = [f'"{at:020x}"' for at in range(others)]
    assert ann.update(made["item_id"], "no", ", ".join(stale)).status == 412
    assert ann.update(made["item_id"], "yes", ", ".join([*stale, made["etag"]])).status == 200


def test_dynamodb_compares_with_no_more_than_a_hundred_values_at_a_time(
    ann: Client, made: dict[str, str], clients: dict[str, Any]
) -> None:
    api.runtime.cache_clear()
    api.runtime()
    with patch.object(clients["dynamodb"], "put_item", wraps=clients["dynamodb"].put_item) as put_item:
        ann.update(made["item_id"], "no", ", ".join(f'"{at:020x}"' for at in range(250)))
    comparisons = put_item.call_args.kwargs["ConditionExpression"].split(" OR ")
    assert [each.count(":") for each in comparisons] == [100, 100, 50]


def test_as_many_etags_as_a_header_holds_make_no_expression_that_dynamodb_refuses(
    ann: Client, made: dict[str, str], clients: dict[str, Any]
) -> None:
    """It takes 4 KB ("Expression parameters", Amazon DynamoDB Developer Guide); the gateway takes headers of 10 KB."""
    api.runtime.cache_clear()
    api.runtime()
    etags = ",".join([*(f'"{at}"' for at in range(1_500)), made["etag"]])
    assert len(etags) < 10_240
    with patch.object(clients["dynamodb"], "put_item", wraps=clients["dynamodb"].put_item) as put_item:
        assert ann.update(made["item_id"], "yes", etags).status == 200
    assert len(put_item.call_args.kwargs["ConditionExpression"]) <= 4_096


def test_a_star_changes_what_is_there_whatever_it_is(ann: Client, made: dict[str, str]) -> None:
    assert ann.update(made["item_id"], "mine", "*").status == 200


@pytest.mark.parametrize("form", ["W/{}", "{}x", "nothing"])
def test_what_is_no_strong_etag_matches_nothing(ann: Client, made: dict[str, str], form: str) -> None:
    assert ann.update(made["item_id"], "mine", form.format(made["etag"])).status == 412


def test_an_etag_of_another_item_matches_nothing(ann: Client, made: dict[str, str]) -> None:
    assert ann.update(made["item_id"], "mine", ann.create().etag).status == 412


def test_a_deletion_heeds_if_match_where_it_is_sent(ann: Client, made: dict[str, str]) -> None:
    assert ann(DELETE, headers={"if-match": STALE}, item_id=made["item_id"]).status == 412
    assert ann(DELETE, headers={"if-match": made["etag"]}, item_id=made["item_id"]).status == 204


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_a_browser_has_is_not_sent_again(ann: Client, made: dict[str, str], method: str) -> None:
    route = f"{method} /items/{{item_id}}"
    known = ann(route, headers={"if-none-match": f'W/{made["etag"]}, "x"'}, item_id=made["item_id"])
    assert (known.status, known.body, known.etag) == (304, "", made["etag"])
    changed = ann.update(made["item_id"], "new", "*")
    found = ann(route, headers={"if-none-match": made["etag"]}, item_id=made["item_id"])
    assert (found.status, found.etag) == (200, changed.etag)


def test_a_head_is_answered_as_the_get_without_the_body(ann: Client, made: dict[str, str]) -> None:
    get, head = (ann(f"{method} /items/{{item_id}}", item_id=made["item_id"]) for method in ("GET", "HEAD"))
    assert (head.status, head.headers, head.body) == (get.status, get.headers, "")


def test_a_refused_change_leaves_everything_as_it_was(ann: Client, made: dict[str, str], cloud: Cloud) -> None:
    before = cloud.entries()
    ann.update(made["item_id"], "mine", STALE)
    ann(DELETE, headers={"if-match": STALE}, item_id=made["item_id"])
    assert cloud.entries() == before
