"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.common.http.routes import Throttle
from lambdas.mobile_backend.adapters.mailer import TIMEOUT
from lambdas.mobile_backend.contract import Limits, PlatformApplications
from stacks.blocks.api_domain import Domain
from stacks.blocks.function import FunctionConfig
from stacks.blocks.queue_source import QueueSourceConfig
from stacks.blocks.rest_api import Period, RestApiConfig
from stacks.mobile_backend.config import ConsumerConfig, MobileBackendConfig

NO_APPLICATION = r"platform_applications.fcm is no ARN of an SNS platform application, as in arn:.*; got "
APPLICATION = "arn:aws:sns:eu-west-1:123456789012:app/GCM/shop"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"api_function": FunctionConfig(timeout_seconds=30)},
            r"api_function.timeout_seconds of 30 is more than the gateway waits: set at most 29",
        ),
        (
            {"digest": ConsumerConfig(source=QueueSourceConfig(batch_size=101, batching_seconds=1))},
            r"digest.source.batch_size of 101 is more than .*: set at most 100",
        ),
        ({"platform_applications": PlatformApplications(fcm="shop")}, NO_APPLICATION + "'shop'"),
        (
            {"platform_applications": PlatformApplications(fcm=APPLICATION.replace("app/", "endpoint/"))},
            NO_APPLICATION + "'arn:aws:sns:eu-west-1:123456789012:endpoint/GCM/shop'",
        ),
        ({"limits": Limits(max_devices=0)}, r"limits: Expected `int` >= 1"),
        ({"max_latency_ms": 0}, r"max_latency_ms: Expected `int` >= 1"),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MobileBackendConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"api_function": FunctionConfig(timeout_seconds=29)},
        {"digest": ConsumerConfig(source=QueueSourceConfig(batch_size=1))},
        {"platform_applications": PlatformApplications(apns=APPLICATION.replace("GCM", "APNS_SANDBOX"))},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    MobileBackendConfig(**fields)


def test_every_mail_of_a_batch_is_tried_even_if_the_provider_answers_none() -> None:
    digest = MobileBackendConfig().digest
    unanswered = float(TIMEOUT.connect_timeout) + float(TIMEOUT.read_timeout)  # type: ignore[arg-type]
    assert digest.source.batch_size * unanswered < digest.function.timeout_seconds


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch_size": 11}, r"batch_size of 11 needs messages to be waited for: set batching_seconds of at least 1"),
        ({"batch_size": 10_001, "batching_seconds": 1}, r"batch_size: Expected `int` <= 10000"),
        ({"batch_size": 0}, r"batch_size: Expected `int` >= 1"),
        ({"batching_seconds": 301}, r"batching_seconds: Expected `int` <= 300"),
        ({"max_concurrency": 1}, r"max_concurrency: Expected `int` >= 2"),
        ({"max_concurrency": 1001}, r"max_concurrency: Expected `int` <= 1000"),
    ],
)
def test_queue_is_read_as_lambda_can_read_it(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QueueSourceConfig(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"quota": 0}, r"quota: Expected `int` >= 1"),
        ({"quota_period": "year"}, r"quota_period: Invalid enum value 'year'"),
        ({"throttle": Throttle(rate=1, burst=None)}, r"throttle: Expected `int`, got `null`"),  # type: ignore[arg-type]
        ({"domain": "api.example.com"}, r"domain: Expected `object \| null`, got `str`"),
    ],
)
def test_api_takes_what_a_gateway_takes(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RestApiConfig(**fields)


def test_api_may_have_no_quota_and_a_name_of_its_own() -> None:
    RestApiConfig(quota=None, quota_period=Period.DAY, domain=Domain(name="api.example.com", certificate_arn="arn"))
