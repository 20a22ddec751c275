"""The bill of the web backend is reckoned as AWS does, from what was measured and from what the stack sets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.bill import MEMORY_MB, Line, per_million, total
from bench.invocations import Usage, mixed
from bench.web_backend import bill
from bench.web_backend.bill import MIX, Month
from bench.web_backend.pricing import measured
from lambdas.web_backend.contract.routes import ROUTES
from prices import prices
from stacks.web_backend.config import WebBackendConfig
from tests.support.synthesis import Assembly

USAGE = Usage(
    seconds=0.001,
    calls={"GetItem": 1, "PutItem": 0.5},
    read_units=2,
    write_units=0.5,
    stored_bytes=1024,
    log_bytes=624,
    answer_bytes=1148,
)
MONTH = Month(1e6, dict.fromkeys(MIX, USAGE), prices())
SECONDS = 0.001 + 0.004 + 0.5 * 0.005 + 0.0005 + 0.001 * 0.6
"""CPU; waits for DynamoDB; half a millisecond that is rounded up; one cold start in a thousand requests."""

DOLLARS = {
    "HTTP API requests": 1.0,
    # A visit in 20 requests, which gets 5 files.
    "CloudFront requests": 1.25,
    "CloudFront GB out": (1e6 * (1148 + 900) + 50_000 * 32_000) / 1024**3 * 0.085,
    "CloudFront Function invocations": 250_000 * 1e-7,
    "Lambda requests": 0.2,
    "Lambda GB-seconds": 1e6 * SECONDS * 1769 / 1024 * 0.0000133334,
    "DynamoDB write units": 0.5 * 0.625,
    "DynamoDB read units": 2 * 0.125,
    "DynamoDB GB-months": 1e6 / 1024**2 * 0.25,
    "CloudWatch GB of the function's logs": 1e6 * 1024 / 1024**3 * 0.5,
    "CloudWatch GB of access logs": 1e6 * bill.ACCESS_LOG_BYTES / 1024**3 * 0.5,
    "X-Ray traces": 5,
    "CloudWatch metrics of routes": 8 * 6 * 0.3,
    "CloudWatch metrics of the function": 4 * 0.3,
    "CloudWatch alarms": bill.ALARMS * 0.1,
    "CloudWatch dashboard": 3,
}
"""Lines of a month of a million requests."""


def _line(what: str, month: Month = MONTH) -> Line:
    (found,) = [each for each in month.lines() if each.what == what]
    return found


@pytest.mark.parametrize("what", DOLLARS)
def test_a_million_requests(what: str) -> None:
    assert _line(what).month == pytest.approx(DOLLARS[what])


def test_there_is_no_other_line() -> None:
    assert [line.what for line in MONTH.lines()] == list(DOLLARS)


def test_of_many_requests_few_are_traced() -> None:
    month = Month(100e6, dict.fromkeys(MIX, USAGE), prices())
    traced = 2_592_000 * (1 + 0.05 * (100e6 / 2_592_000 - 1))

    assert _line("X-Ray traces", month).month == pytest.approx(traced * 5e-6)


def test_users_are_not_in_the_total() -> None:
    lines = MONTH.lines()

    assert MONTH.of_users().month == pytest.approx(10_000 * 0.0055)
    assert total([*lines, total(lines), MONTH.of_users()]).month == total(lines).month
    assert per_million([*lines, MONTH.of_users()], 2e6) == pytest.approx(total(lines).month / 2)


def test_a_rest_api_costs_two_and_a_half_dollars_a_million_more() -> None:
    rest, lines = MONTH.behind_a_rest_api(), MONTH.lines()

    assert total(rest).month - total(lines).month == pytest.approx(2.5)
    assert "HTTP API requests" not in {line.what for line in rest}


def test_every_price_that_the_bill_names_is_in_the_file() -> None:
    named = set(re.findall(r'"((?:[a-z0-9]+-)+[a-z0-9]+)"', Path(bill.__file__).read_text()))

    assert named
    assert named <= prices().keys()


def test_a_mix_is_an_average_by_shares() -> None:
    other = Usage(
        seconds=0.003,
        calls={"Query": 2, "GetItem": 3},
        read_units=6,
        write_units=0,
        stored_bytes=0,
        log_bytes=0,
        answer_bytes=0,
    )
    found = mixed({"one": USAGE, "other": other}, {"one": 0.75, "other": 0.25})

    assert found.calls == {"GetItem": 1.5, "PutItem": 0.375, "Query": 0.5}
    assert found.seconds == pytest.approx(0.0015)
    assert found.read_units == 3
    assert (found.stored_bytes, found.log_bytes, found.answer_bytes) == (768, 468, 861)


# --- what the bill takes for granted --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def usages() -> dict[str, Usage]:
    """Of the real function."""
    return measured(rounds=1)


def test_the_mix_is_whole_and_of_routes_that_there_are(usages: dict[str, Usage]) -> None:
    assert sum(MIX.values()) == pytest.approx(1)
    assert set(MIX) <= {route.operation for route in ROUTES}
    assert set(usages) == set(MIX)


def test_what_is_measured_is_what_the_function_does(usages: dict[str, Usage]) -> None:
    calls = {name: usage.calls for name, usage in usages.items()}

    assert calls["get_feed"] == {"Query": 2, "GetItem": 1}
    assert calls["record_view"] == {"GetItem": 1, "PutItem": 1}
    # An item and the reply that is kept under its Idempotency-Key, twice each, since it is a transaction.
    assert (calls["create_item"], usages["create_item"].write_units) == ({"TransactWriteItems": 1}, 4)
    assert (calls["update_item"], usages["update_item"].write_units) == ({"PutItem": 1}, 1)
    assert (calls["get_item"], usages["get_item"].read_units) == ({"GetItem": 1}, 1)
    assert usages["delete_item"].stored_bytes < 0 < usages["create_item"].stored_bytes
    assert all(usage.seconds > 0 and usage.log_bytes > 300 for usage in usages.values())


ACCESS = {
    "$context.requestId": "JKJaXmPLvHcESHA=",
    "$context.awsEndpointRequestId": "8a6ad9c2-3c4b-4d8e-9f57-0f2b1c3d4e5f",
    "$context.requestTime": "21/Nov/2026:10:00:00 +0000",
    "$context.identity.sourceIp": "198.51.100.77",
    "$context.authorizer.claims.sub": "1d9a4b2e-7f0c-4c57-9b44-0f3c6a2b8e11",
    "$context.routeKey": "PUT /items/{item_id}",
    "$context.path": "/api/items/01931f7e-7c1b-7c3a-9d5e-2f6b8a4c0d1e",
    "$context.status": "200",
    "$context.responseLength": "1345",
    "$context.responseLatency": "14",
    "$context.integrationLatency": "12",
    "$context.integrationErrorMessage": "-",
    "$context.authorizer.error": "-",
    "$context.error.message": "-",
}


@pytest.mark.xdist_group("synth")
def test_the_bill_takes_what_the_stack_sets(assembly: Callable[[str], Assembly]) -> None:
    template = assembly("dev").templates["WebBackend"]
    (pool,) = template.of_type("AWS::Cognito::UserPool").values()
    (stage,) = template.of_type("AWS::ApiGatewayV2::Stage").values()
    fields: dict[str, str] = json.loads(stage["AccessLogSettings"]["Format"])
    line = json.dumps({name: ACCESS[variable] for name, variable in fields.items()})

    assert WebBackendConfig().function.memory_mb == MEMORY_MB
    assert pool["UserPoolTier"] == "LITE"
    assert stage["DefaultRouteSettings"]["DetailedMetricsEnabled"]
    assert len(line) == pytest.approx(bill.ACCESS_LOG_BYTES, rel=0.05)
    assert len(template.of_type("AWS::CloudWatch::Dashboard")) == 1
    assert len(template.of_type("AWS::CloudWatch::Alarm")) == bill.ALARMS
