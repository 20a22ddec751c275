"""``search``: what people see of what the function answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from tools.__main__ import main

HIT = {
    "file_id": "0" * 32,
    "name": "inbox/[2026] report.pdf",
    "kind": "pdf",
    "title": "Growth",
    "score": 3.21,
    "snippet": "The annual\ncash flow",
    "highlights": [[11, 15]],
}


class Amazon:
    """boto3.client, for a stack with a function that answers what it is told to."""

    def __init__(self) -> None:
        self.outputs = {"SearchFunctionName": "search"}
        self.answer: Any = {"hits": [HIT], "total": 1_234, "took_ms": 7.4}
        self.failure: dict[str, str] = {}
        self.asked: list[Any] = []

    def __call__(self, _service: str, **_: Any) -> Any:
        return self

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}

    def invoke(self, **request: Any) -> Any:
        self.asked.append((request["FunctionName"], json.loads(request["Payload"])))
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **self.failure}


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon()
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def invoke(*typed: str) -> tuple[int, str, str]:
        code = main(["search", *typed])
        said = capsys.readouterr()
        return code, said.out, said.err

    return invoke


def test_the_query_is_handed_over_as_it_was_typed(amazon: Amazon, run: Run) -> None:
    run('cash -"cash flow" name:2026', "--limit", "3")
    assert amazon.asked == [("search", {"query": 'cash -"cash flow" name:2026', "limit": 3})]


def test_files_are_shown_with_where_the_words_stand(run: Run) -> None:
    code, out, _ = run("cash")
    assert code == 0
    for shown in ("inbox/[2026] report.pdf", "Growth", "pdf", "The annual cash flow", "1 of 1,234 files, 7 ms"):
        assert shown in out


def test_names_of_files_do_not_command_the_terminal(amazon: Amazon, run: Run) -> None:
    amazon.answer = {"hits": [HIT | {"name": "a\x1b[2J\x9b1m\u202e.pdf"}], "total": 1, "took_ms": 7.4}
    assert run("cash")[1].startswith("a\ufffd[2J\ufffd1m\ufffd.pdf ")


def test_what_the_function_does_not_understand_is_told(amazon: Amazon, run: Run) -> None:
    amazon.answer = {"error": "limit: at most 50"}
    assert run("cash", "--limit", "99") == (1, "", "limit: at most 50\n")


def test_a_function_that_fails_is_told(amazon: Amazon, run: Run) -> None:
    amazon.answer, amazon.failure = {"errorType": "Error", "errorMessage": "broken"}, {"FunctionError": "Unhandled"}
    code, _, err = run("cash")
    assert code == 1
    assert "Error: broken" in err


def test_a_stack_without_a_search_is_told(amazon: Amazon, run: Run) -> None:
    amazon.outputs = {}
    code, _, err = run("cash")
    assert code == 1
    assert "has no output SearchFunctionName" in err
