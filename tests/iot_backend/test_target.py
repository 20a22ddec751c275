"""The sample target tells which version of it answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.iot_backend import target
from lambdas.iot_backend.contract import TargetSettings


class Context:
    aws_request_id = "request-1"
    function_version = "7"


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in TargetSettings(service="target", metrics_namespace="test").to_env().items():
        monkeypatch.setenv(name, value)
    yield
    target.observability.cache_clear()


def test_it_answers_its_version_and_what_it_was_asked() -> None:
    assert target.handler({"hello": "world"}, Context()) == {"version": "7", "asked": {"hello": "world"}}
