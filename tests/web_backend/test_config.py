"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.common.http.routes import Throttle
from lambdas.web_backend.contract import Limits
from stacks.blocks.function import FunctionConfig
from stacks.blocks.http_api import HttpApiConfig
from stacks.blocks.users import UsersConfig
from stacks.web_backend.config import OwnDomain, WebBackendConfig

EMULATOR = r"emulator is a URL as http://127.0.0.1:4566; got "
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0c0c"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"function": FunctionConfig(timeout_seconds=30)}, r"function.timeout_seconds of 30 .* gives up after 30"),
        ({"function": FunctionConfig(memory_mb=64)}, r"function: Expected `int` >= 128"),
        ({"limits": Limits(max_body_bytes=0)}, r"limits: Expected `int` >= 1"),
        ({"featured_metrics": ("views",)}, r"featured_metrics: Expected `str` matching regex"),
        ({"price_class": "300"}, r"price_class: Invalid enum value '300'"),
        (
            {"domain": OwnDomain(name="a.example", certificate_arn=CERTIFICATE)},
            r"domain: Expected `str` matching .*us-",
        ),
        ({"max_latency_ms": 0}, r"max_latency_ms: Expected `int` >= 1"),
        ({"max_latency_ms": 30_001}, r"max_latency_ms: Expected `int` <= 30000"),
        ({"emulator": "127.0.0.1:4566"}, EMULATOR),
        ({"emulator": "https://127.0.0.1:4566"}, EMULATOR),
        ({"emulator": "http://127.0.0.1"}, EMULATOR),
        ({"emulator": "http://127.0.0.1:4566/"}, EMULATOR),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WebBackendConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"featured_metrics": ()},
        {"emulator": "http://localhost:8080", "publish_site": False},
        {"function": FunctionConfig(timeout_seconds=29, memory_mb=3008)},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    WebBackendConfig(**fields)


def test_short_passwords_cannot_be_allowed() -> None:
    with pytest.raises(ValueError, match=r"password_length: Expected `int` >= 12"):
        UsersConfig(password_length=11)


@pytest.mark.parametrize("throttle", [Throttle(rate=0, burst=1), Throttle(rate=1, burst=0)])
def test_an_api_that_would_refuse_everybody_cannot_be_configured(throttle: Throttle) -> None:
    with pytest.raises(ValueError, match=r"throttle: (rate|burst) of 0 lets nobody in: set at least 1"):
        HttpApiConfig(throttle=throttle)
