"""The Index and the Search function in an in-memory AWS: messages in, and found by those who may."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lambdas.common import clients as common_clients
from lambdas.file_processing import index, search
from lambdas.file_processing.adapters.index.local import own_directory
from lambdas.file_processing.adapters.items import key, to_item
from lambdas.file_processing.contract import IndexSettings, SearchSettings
from lambdas.file_processing.contract.limits import IndexLimits
from lambdas.file_processing.contract.messages import Changed
from lambdas.file_processing.contract.search import MAX_QUERY
from lambdas.file_processing.contract.tables import CURRENT, file_id, file_partition, version_entry
from lambdas.file_processing.runtime import clients
from tests.events import sqs
from tests.events.api_gateway import http_api_event
from tests.file_processing.conftest import Cloud
from tests.file_processing.searching import World

ROUTE = "GET /files/search"
READERS = "[file-readers]"


class Context:
    """Lambda's own, as far as it is used."""

    aws_request_id = "request"


class Functions:
    """Both functions, and the catalog that somebody else writes."""

    def __init__(self, cloud: Cloud, root: Path) -> None:
        self.cloud = cloud
        self.model = World(root)

    def put(self, name: str, text: str, **facts: Any) -> str:
        """A file is settled, and its message on its way."""
        identity = self.model.put(name, text, **facts)
        current, version = self.model.catalog.states[identity]
        partition = file_partition(identity)
        for entry, value in ((CURRENT, current), (version_entry(version.version_id), version)):
            self.cloud.dynamodb.put_item(TableName="catalog", Item={**key(partition, entry), **to_item(value)})
        for each in version.products:
            self.cloud.s3.put_object(Bucket="products", Key=each.key, Body=self.model.objects[each.key])
        return identity

    def index(self, *bodies: str) -> list[str]:
        """Ids of the messages that are to come again."""
        event = sqs.event(*map(sqs.message, bodies))
        return [each["itemIdentifier"] for each in index.handler(event, Context())["batchItemFailures"]]

    def indexed(self, name: str, text: str, **facts: Any) -> None:
        changed = Changed(file_id=self.put(name, text, **facts))
        assert self.index(msgspec.json.encode(changed).decode()) == []

    def search(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return search.handler(event, Context())

    def get(self, query: Mapping[str, str], *, groups: str | None = READERS) -> tuple[int, dict[str, Any]]:
        claims = {"cognito:groups": groups} if groups else {}
        answer = search.handler(http_api_event(ROUTE, query=query, claims=claims), Context())
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def functions(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    common = {"metrics_namespace": "Test", "products_bucket_name": "products"}
    settings = (
        IndexSettings(
            service="Index",
            queue_url=cloud.queues["index"],
            longest_wait_seconds=600,
            catalog_table_name="catalog",
            limits=IndexLimits(),
            **common,
        ),
        SearchSettings(service="Search", **common),
    )
    for each in settings:
        for name, value in each.to_env().items():
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caches = (index.runtime, search.runtime, clients.clients, common_clients.session)
    for cached in caches:
        cached.cache_clear()
    yield Functions(cloud, tmp_path)
    for cached in caches:
        cached.cache_clear()


def test_what_was_indexed_is_found(functions: Functions) -> None:
    functions.indexed("inbox/report.txt", "The annual cash flow grew", title="Growth")
    found = functions.search({"query": "cash", "limit": 5})
    assert found.pop("took_ms") >= 0
    [hit] = found["hits"]
    assert hit.pop("score") > 0
    assert found["total"] == 1
    assert hit == {
        "file_id": file_id("inbox", "inbox/report.txt"),
        "name": "inbox/report.txt",
        "kind": "text",
        "title": "Growth",
        "snippet": "The annual cash flow grew",
        "highlights": ((11, 15),),
    }


def test_a_search_sees_what_was_indexed_after_the_one_before(functions: Functions) -> None:
    assert functions.search({"query": "words"})["total"] == 0
    functions.indexed("one.txt", "words")
    assert functions.search({"query": "words"})["total"] == 1
    functions.indexed("two.txt", "words")
    assert functions.search({"query": "words"})["total"] == 2


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({}, "query"),
        ({"query": 3}, "query"),
        ({"query": "words", "limit": 0}, "limit"),
        ({"query": "words", "limit": 1_000}, "limit"),
        ({"query": "w" * (MAX_QUERY + 1)}, "query"),
        ({"query": "words", "page": 2}, "page"),
    ],
)
def test_an_event_that_is_not_understood_is_answered_with_what_to_send(
    functions: Functions, event: dict[str, Any], problem: str
) -> None:
    answer = functions.search(event)
    assert list(answer) == ["error"]
    assert problem in answer["error"]
    assert '{"query": "words", "limit": 10}' in answer["error"]


def test_the_route_answers_the_same_to_members_of_the_group(functions: Functions) -> None:
    functions.indexed("one.txt", "some words")
    status, answer = functions.get({"q": "words", "limit": "1"})
    assert status == 200
    assert (answer["total"], answer["hits"][0]["name"], answer["hits"][0]["highlights"]) == (1, "one.txt", [[5, 10]])


@pytest.mark.parametrize("groups", [None, "[]", "[others]", "[no-file-readers file-readers2]"])
def test_nobody_else_may(functions: Functions, groups: str | None) -> None:
    status, answer = functions.get({"q": "words"}, groups=groups)
    assert (status, answer["title"]) == (403, "Forbidden")
    assert "group file-readers" in answer["detail"]


@pytest.mark.parametrize("query", [{}, {"q": "w" * 501}, {"q": "w", "limit": "many"}, {"q": "w", "sort": "name"}])
def test_a_request_that_is_not_understood_is_a_problem(functions: Functions, query: dict[str, str]) -> None:
    status, answer = functions.get(query)
    assert (status, answer["title"]) == (400, "Bad Request")


def test_a_message_that_cannot_be_read_is_given_up_without_the_others(functions: Functions) -> None:
    changed = msgspec.json.encode(Changed(file_id=functions.put("one.txt", "words"))).decode()
    assert functions.index("{}", changed) == [sqs.message("{}")["messageId"]]
    assert functions.search({"query": "words"})["total"] == 1


def test_metrics_tell_how_large_the_index_is(functions: Functions, capsys: pytest.CaptureFixture[str]) -> None:
    functions.indexed("one.txt", "words")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "IndexBytes" in line]
    [told] = [line for line in lines if "_aws" in line]
    assert (told["DocumentsIndexed"], told["IndexSegments"], told["TextsLeftOut"]) == ([1.0], [1.0], [0.0])
    assert told["IndexBytes"][0] > 500


def test_no_two_processes_share_a_directory_and_that_of_a_killed_one_is_used_again(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from lambdas.file_processing.adapters.index.local import own_directory; "
        "print(own_directory(Path(sys.argv[1])).name)"
    )

    def other() -> str:
        command = [sys.executable, "-c", code, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert other() == "full-text-index-0"
    assert other() == "full-text-index-0"
    assert own_directory(tmp_path).name == "full-text-index-0"
    assert other() == "full-text-index-1"
