"""The bill of the mobile backend is reckoned as AWS does, from what was measured and from what the stack sets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.bill import MEMORY_MB, Line, total
from bench.invocations import Usage
from bench.mobile_backend import bill
from bench.mobile_backend.bill import CONSUMERS, MIX, Month
from bench.mobile_backend.inputs import DEVICES, DIGEST
from bench.mobile_backend.pricing import measured
from lambdas.common.http import metrics as of_requests
from lambdas.mobile_backend.contract import Metric
from lambdas.mobile_backend.contract.routes import ROUTES
from prices import prices
from stacks.mobile_backend.config import MobileBackendConfig
from tests.support.synthesis import Assembly

REQUEST = Usage(
    seconds=0.002,
    calls={"PutItem": 1, "Publish": 0.5},
    read_units=2,
    write_units=0.5,
    stored_bytes=0,
    log_bytes=624,
    answer_bytes=1548,
)
MESSAGE = Usage(
    seconds=0.001, calls={"Query": 1}, read_units=1, write_units=1, stored_bytes=1024, log_bytes=112, answer_bytes=0
)
BATCH = Usage(
    seconds=0.04,
    calls={"Mail": DIGEST},
    read_units=40,
    write_units=80,
    stored_bytes=40 * 1024,
    log_bytes=624,
    answer_bytes=0,
)
USAGES = dict.fromkeys(MIX, REQUEST) | {"push": MESSAGE, "audit": MESSAGE, "digest": BATCH}
MONTH = Month(1e6, USAGES, prices())

NOTIFICATIONS = 400_000
DIGESTS = 2_592_000 / 300
"""One in each five minutes, of 46 messages."""
INVOCATIONS = 2 * NOTIFICATIONS + DIGESTS
# Half a millisecond is rounded up, and one invocation in a thousand starts an environment.
GB_SECONDS = 1e6 * (0.002 + 0.005 + 0.5 * 0.015 + 0.0005 + 0.0007) * 1769 / 1024
GB_SECONDS += (NOTIFICATIONS * (2 * 0.001 + 0.001) + INVOCATIONS * 0.0007) * 1769 / 1024
GB_SECONDS += (NOTIFICATIONS * (2 * 0.006 + 0.2) + INVOCATIONS * 0.0005) * 512 / 1024
LOGGED = 1e6 * 1024 + 2 * NOTIFICATIONS * 512 + DIGESTS * 1024

DOLLARS = {
    "REST API requests": 3.5,
    "GB out": 1e6 * 2048 / 1024**3 * 0.09,
    "Lambda requests": (1e6 + INVOCATIONS) * 0.2e-6,
    "Lambda GB-seconds": GB_SECONDS * 0.0000133334,
    # Half a publish for each request, and one for each of two devices.
    "SNS requests": (500_000 + 800_000) * 0.5e-6,
    "SNS mobile pushes": 0.4,
    # Each message comes into three queues; each batch is received and deleted.
    "SQS requests": (3 * NOTIFICATIONS + 2 * INVOCATIONS) * 0.4e-6,
    "SQS requests of idle queues": 3 * 648_000 * 0.4e-6,
    "Secrets Manager calls": 2 * 8640 * 5e-6,
    "Secrets Manager secret": 0.4,
    "DynamoDB write units": (500_000 + NOTIFICATIONS * (1 + 1 + 2)) * 0.625e-6,
    "DynamoDB read units": (2_000_000 + NOTIFICATIONS * (1 + 1 + 1)) * 0.125e-6,
    "DynamoDB GB-months": NOTIFICATIONS * 3 * 1024 / 1024**3 * 0.25,
    "CloudWatch GB of the functions' logs": LOGGED / 1024**3 * 0.5,
    "CloudWatch GB of access logs": 1e6 * bill.ACCESS_LOG_BYTES / 1024**3 * 0.5,
    "X-Ray traces": (1e6 + INVOCATIONS) * 5e-6,
    "CloudWatch metrics of methods": 4 * 5 * 0.3,
    "CloudWatch metrics of the functions": bill.METRICS * 0.3,
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


@pytest.mark.parametrize(("requests", "digests"), [(100, 40), (1e6, DIGESTS), (100e6, 400_000)])
def test_a_digest_tells_of_what_came_in_five_minutes_and_of_a_hundred_at_most(requests: float, digests: float) -> None:
    assert replace(MONTH, requests=requests).invocations["digest"] == pytest.approx(digests)


def test_options_are_not_in_the_total() -> None:
    lines = MONTH.lines()

    assert [each.month for each in MONTH.options()] == pytest.approx([5 + 2 + 0.6, 4, 20_000 * 0.0055])
    assert total([*lines, total(lines), *MONTH.options()]).month == total(lines).month


def test_every_price_that_the_bill_names_is_in_the_file() -> None:
    named = set(re.findall(r'"((?:[a-z0-9]+-)+[a-z0-9]+)"', Path(bill.__file__).read_text()))

    assert named
    assert named <= prices().keys()


# --- what the bill takes for granted --------------------------------------------------------------------------------


def test_what_is_measured_is_what_the_functions_do() -> None:
    usages = measured(rounds=1)
    calls = {name: usage.calls for name, usage in usages.items()}

    assert set(usages) == {*MIX, *CONSUMERS}
    assert calls["notify"] == {"PutItem": 1, "Publish": 1}
    assert calls["push"] == {"Query": 1, "Publish": DEVICES}
    assert calls["audit"] == {"PutItem": 1}
    assert calls["digest"] == dict.fromkeys(("BatchGetItem", "AdminGetUser", "Mail", "BatchWriteItem"), DIGEST)
    # Three puts in a transaction.
    assert usages["register_device"].write_units == 6
    assert usages["list_notifications"].read_units == pytest.approx(1, abs=0.5)
    assert all(usage.seconds > 0 and usage.log_bytes > 200 for usage in usages.values())


def test_the_mix_is_whole_and_of_routes_that_there_are() -> None:
    assert sum(MIX.values()) == pytest.approx(1)
    assert set(MIX) <= {route.operation for route in ROUTES}


ACCESS = {
    "$context.requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    "$context.awsEndpointRequestId": "8a6ad9c2-3c4b-4d8e-9f57-0f2b1c3d4e5f",
    "$context.requestTime": "21/Nov/2026:10:00:00 +0000",
    "$context.identity.sourceIp": "198.51.100.77",
    "$context.authorizer.claims.sub": "1d9a4b2e-7f0c-4c57-9b44-0f3c6a2b8e11",
    "$context.identity.apiKeyId": "k1l2m3n4o5",
    "$context.httpMethod": "POST",
    "$context.resourcePath": "/notifications",
    "$context.path": "/v1/notifications",
    "$context.status": "202",
    "$context.responseLength": "58",
    "$context.responseLatency": "34",
    "$context.integrationLatency": "32",
    "$context.integrationErrorMessage": "-",
    "$context.error.responseType": "-",
    "$context.wafResponseCode": "-",
}


@pytest.mark.xdist_group("synth")
def test_the_bill_takes_what_the_stack_sets(assembly: Callable[[str], Assembly]) -> None:
    template = assembly("dev").templates["MobileBackend"]
    (stage,) = template.of_type("AWS::ApiGateway::Stage").values()
    fields: dict[str, str] = json.loads(stage["AccessLogSetting"]["Format"])
    line = json.dumps({name: ACCESS[variable] for name, variable in fields.items()})

    assert stage["MethodSettings"][0]["MetricsEnabled"]
    assert len(line) == pytest.approx(bill.ACCESS_LOG_BYTES, rel=0.05)
    assert len(template.of_type("AWS::CloudWatch::Dashboard")) == 1
    assert len(template.of_type("AWS::SecretsManager::Secret")) == 1
    assert len(template.of_type("AWS::CloudWatch::Alarm")) == bill.ALARMS


def test_the_bill_takes_the_defaults_of_the_config() -> None:
    config = MobileBackendConfig()
    consumers = (config.push, config.digest, config.audit)

    assert config.api_function.memory_mb == MEMORY_MB
    assert {each.function.memory_mb for each in consumers} == {bill.CONSUMER_MEMORY_MB}
    assert config.digest.source.batch_size == bill.MAX_DIGEST
    assert config.digest.source.batching_seconds == bill.DIGEST_SECONDS
    assert (config.api.waf, config.graphql) == (False, False)


def test_the_bill_has_all_metrics_of_the_functions() -> None:
    of_api = {name for name in vars(of_requests) if name.isupper()}

    assert len(of_api) + len(Metric) == bill.METRICS
