"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.log_analysis.contract import Detection, Limits, Retention
from stacks.log_analysis.config import LogAnalysisConfig, LogGroupSubscription

SHOP = LogGroupSubscription(name="/aws/lambda/shop")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"subscriptions": (SHOP, LogGroupSubscription(name=SHOP.name, pattern="ERROR"))},
            r"subscriptions name /aws/lambda/shop more than once: .*join the patterns in one",
        ),
        (
            {"subscriptions": (LogGroupSubscription(name="arn:aws:logs:eu-west-1:1:log-group:shop"),)},
            r"subscriptions: Expected `str` matching regex .* - at `\$\[0\].name`",
        ),
        (
            {"subscriptions": (LogGroupSubscription(name="/shop", pattern="x" * 1025),)},
            r"subscriptions: Expected `str` of length <= 1024 - at `\$\[0\].pattern`",
        ),
        (
            {"detection": Detection(baseline_minutes=5, min_baseline_minutes=6)},
            r"detection.min_baseline_minutes of 6 would never be there: .* 5 of detection.baseline_minutes, so set at",
        ),
        ({"detection": Detection(false_alarm_probability=1)}, r"detection: Expected `float` < 0.1"),
        ({"limits": Limits(max_unpacked_bytes=0)}, r"limits: Expected `int` >= 1"),
        (
            {"retention": Retention(seen_days=14)},
            r"retention.seen_days of 14 would let a delivery count twice .* keeps it for 14 days, so set at least 15",
        ),
        ({"retention": Retention(count_days=0, seen_days=15)}, r"retention: Expected `int` >= 1"),
        ({"demo_log_groups": -1}, r"demo_log_groups: Expected `int` >= 0"),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LogAnalysisConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"subscriptions": (SHOP, LogGroupSubscription(name="API-Gateway-Execution-Logs_1/prod", pattern="?ERROR"))},
        {"detection": Detection(baseline_minutes=5, min_baseline_minutes=5, learning_minutes=0)},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    LogAnalysisConfig(**fields)
