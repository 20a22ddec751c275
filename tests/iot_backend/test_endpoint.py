"""The Endpoint function: whatever happens, CloudFormation gets an answer in the form that it takes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError

import pytest
from moto import mock_aws

from lambdas.iot_backend import endpoint
from lambdas.iot_backend.contract import EndpointSettings
from tests.support.fake_aws import client_error


class Context:
    aws_request_id = "request-1"


@dataclass
class Signed:
    """The presigned address at which CloudFormation waits."""

    url: str = ""
    status: int = 200
    answers: list[dict[str, Any]] = field(default_factory=list)
    types: list[str | None] = field(default_factory=list)


@pytest.fixture
def signed() -> Iterator[Signed]:
    found = Signed()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            found.answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            found.types.append(self.headers["Content-Type"])
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}/answer?signature=s"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name, value in EndpointSettings(service="endpoint", metrics_namespace="test").to_env().items():
        monkeypatch.setenv(name, value)
    with mock_aws(config={"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}):
        endpoint.runtime.cache_clear()
        yield
        endpoint.runtime.cache_clear()


def request(signed: Signed, kind: str, **more: str) -> dict[str, Any]:
    """As "Custom resource request objects" (AWS CloudFormation User Guide) has it."""
    return {
        "RequestType": kind,
        "ResponseURL": signed.url,
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/IotBackend/guid",
        "RequestId": "unique-id",
        "ResourceType": "Custom::IotEndpoint",
        "LogicalResourceId": "Endpoint",
        "ResourceProperties": {"ServiceToken": "arn"},
        **more,
    }


def answer(signed: Signed, kind: str, **more: str) -> dict[str, Any]:
    endpoint.handler(request(signed, kind, **more), Context())
    (found,) = signed.answers
    return found


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_cloudformation_learns_the_account_s_endpoint(signed: Signed, kind: str) -> None:
    found = answer(signed, kind)

    assert found["Status"] == "SUCCESS"
    # With VeriSign's certificates, the other kind, there would be no "-ats" in it.
    assert re.fullmatch(r"[a-z0-9]+-ats\.iot\.us-east-1\.amazonaws\.com", found["Data"]["EndpointAddress"])


def test_the_answer_names_the_request(signed: Signed) -> None:
    asked = request(signed, "Create")
    found = answer(signed, "Create")

    for name in ("StackId", "RequestId", "LogicalResourceId"):
        assert found[name] == asked[name]


def test_the_resource_stays_the_same_resource(signed: Signed) -> None:
    first = answer(signed, "Create")["PhysicalResourceId"]
    signed.answers.clear()

    assert answer(signed, "Update", PhysicalResourceId=first)["PhysicalResourceId"] == first


def test_a_signed_address_gets_no_content_type_of_urllib(signed: Signed) -> None:
    answer(signed, "Create")

    assert signed.types == [""]


def test_deleting_it_asks_aws_nothing(signed: Signed) -> None:
    with patch.object(endpoint.runtime().iot, "describe_endpoint", side_effect=AssertionError):
        assert answer(signed, "Delete")["Status"] == "SUCCESS"


def test_a_failure_is_answered_with_its_reason(signed: Signed) -> None:
    refused = client_error("DescribeEndpoint", "UnauthorizedException" * 1000)
    with patch.object(endpoint.runtime().iot, "describe_endpoint", side_effect=refused):
        found = answer(signed, "Create")

    assert found["Status"] == "FAILED"
    assert "UnauthorizedException" in found["Reason"]
    assert len(json.dumps(found)) <= 4096


def test_a_function_that_cannot_even_start_answers(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVICE")

    found = answer(signed, "Create")

    assert found["Status"] == "FAILED"
    assert "SERVICE" in found["Reason"]


def test_an_answer_that_does_not_arrive_is_raised_so_that_lambda_tries_again(signed: Signed) -> None:
    signed.status = 500
    with pytest.raises(HTTPError):
        endpoint.handler(request(signed, "Create"), Context())
