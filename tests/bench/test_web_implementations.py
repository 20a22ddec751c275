"""Whoever is compared in `make bench` answers the same to the same requests, and writes the same into the table."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.harness import BenchError
from bench.web_backend import inputs, measurements
from bench.web_backend.implementations import MODULES, OURS, Client, load
from bench.web_backend.inputs import event
from bench.web_backend.peers import NEW, said

GOOD: dict[str, Any] = {"title": "Harbour at dusk", "description": "From the old pier.", "tags": ["sea", "35-mm"]}
IMAGE = {"image_id": "01931f7e-7c1b-7c3a-9d5e-2f6b8a4c0d1e"}
BODY = json.dumps(GOOD)
ALL = (OURS, *MODULES)
CHECKING = (OURS, *measurements.PEERS)
"""The work by hand is there for good requests alone."""

Said = dict[str, Any]
Say = Callable[..., list[Said]]


@pytest.fixture(scope="module")
def say() -> Iterator[Say]:
    """What each implementation says to an event."""
    with patch.dict(os.environ):
        clients = {name: Client() for name in ALL}
        handles = {name: load(name, clients[name], logged=False) for name in ALL}
        yield lambda asked, names=ALL: [said(handles[name], clients[name], asked) for name in names]


@pytest.mark.parametrize(
    "draft",
    [
        GOOD,
        GOOD | IMAGE,
        {"title": "x"},
        {"title": "😀" * 200, "description": "é" * 4000, "tags": [f"tag-{number}" for number in range(20)]},
        {"title": "x", "tags": ["a" * 40], "image_id": None},
    ],
)
def test_all_answer_and_write_the_same(draft: Said, say: Say) -> None:
    ours, *others = say(event(json.dumps(draft)))
    new = dict.fromkeys(("item_id", "created_at", "updated_at"), NEW)

    assert others == [ours] * 3
    assert ours["status"] == 201
    assert ours["unexpected"] == {}
    assert ours["body"] == {"description": "", "tags": [], "image_id": None} | draft | new
    assert ours["put"]["Item"]["title"] == {"S": draft["title"]}
    assert ours["put"]["Item"]["user_id"] == {"S": inputs.CLAIMS["sub"]}


texts = st.text(max_size=8)
drafts = st.fixed_dictionaries(
    {"title": st.one_of(st.just("x"), texts, st.integers())},
    optional={
        "description": st.one_of(texts, st.none()),
        "tags": st.one_of(st.lists(st.one_of(st.sampled_from(["sea", "35-mm"]), texts), max_size=3), texts),
        "image_id": st.one_of(st.none(), st.just(IMAGE["image_id"]), texts),
        "colour": texts,
    },
)


@settings(max_examples=150, print_blob=True, deadline=None)
@given(st.one_of(drafts, drafts.map(lambda draft: GOOD | draft | {"title": "x"})))
def test_those_that_check_agree_on_whatever_comes(say: Say, draft: Said) -> None:
    ours, *others = say(event(json.dumps(draft)), CHECKING)

    assert others == [ours] * 2
    assert ours["status"] in {201, 422}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (event(BODY, "application/json; charset=utf-8"), 201),
        (event(b64encode(BODY.encode()).decode(), is_base64=True), 201),
        (event("{"), 400),
        (event("no JSON"), 400),
        (event(b64encode(b'{"title": "\xff"}').decode(), is_base64=True), 400),
        (event(BODY + " " * 65_536), 413),
        (event(BODY, None), 415),
        (event(BODY, "text/plain"), 415),
        (event("[]"), 422),
        (event('"x"'), 422),
        (event("{}"), 422),
        (event(json.dumps(GOOD | {"unknown": 1})), 422),
        (event(json.dumps(GOOD | {"title": ""})), 422),
        (event(json.dumps(GOOD | {"title": "x" * 201})), 422),
        (event(json.dumps(GOOD | {"title": None})), 422),
        (event(json.dumps(GOOD | {"description": "x" * 4001})), 422),
        (event(json.dumps(GOOD | {"tags": ["A"]})), 422),
        (event(json.dumps(GOOD | {"tags": ["a\n"]})), 422),
        (event(json.dumps(GOOD | {"tags": ["a" * 41]})), 422),
        (event(json.dumps(GOOD | {"tags": ["a"] * 21})), 422),
        (event(json.dumps(GOOD | {"tags": None})), 422),
        (event(json.dumps(GOOD | {"image_id": IMAGE["image_id"].upper()})), 422),
    ],
)
def test_those_that_check_answer_alike_and_write_nothing_that_is_wrong(asked: Said, status: int, say: Say) -> None:
    answers = say(asked, CHECKING)

    assert [each["status"] for each in answers] == [status] * 3
    assert [bool(each["put"]) for each in answers] == [status == 201] * 3


@pytest.mark.parametrize("change", [{"status": 200}, {"body": {}}, {"put": {}}])
def test_the_bench_refuses_to_compare_those_that_answer_differently(change: Said) -> None:
    ours = {"status": 201, "body": {"title": "x"}, "put": {"TableName": "items"}}
    measurements.check({OURS: ours, "fastapi-mangum": ours})

    with pytest.raises(BenchError, match="fastapi-mangum did not answer as ours did"):
        measurements.check({OURS: ours, "fastapi-mangum": ours | change})


def test_drafts_are_as_described_and_do_not_change() -> None:
    made = inputs.drafts()

    assert len({json.dumps(draft) for draft in made}) == inputs.REQUESTS
    assert {len(draft["tags"]) for draft in made} == {3}
    assert sum("image_id" in draft for draft in made) == inputs.REQUESTS // 2
    assert made == inputs.drafts()
