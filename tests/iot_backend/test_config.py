"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.iot_backend.contract import Canary, Threshold
from stacks.blocks.function import FunctionConfig
from stacks.blocks.release_target import ReleaseTargetConfig
from stacks.iot_backend.config import IotBackendConfig
from tests.iot_backend.stacks import SKILL_ID


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"thresholds": {"temperature": Threshold(above=20, clear=21)}},
            r"thresholds: temperature would be over at 21.* before .* above 20.*: set clear to at most 20",
        ),
        ({"thresholds": {"Temperature": Threshold(above=20, clear=19)}}, r"thresholds: Expected `str` matching regex"),
        (
            {"canary": Canary(seconds=900)},
            r"release.alarm_minutes of 15 would forget errors of a canary of 900 seconds .*: set at least 17",
        ),
        ({"canary": Canary(percent=100)}, r"canary: Expected `int` <= 99"),
        ({"skill_id": "my skill"}, r"skill_id: Expected `str` matching regex"),
        ({"skill_function": FunctionConfig(timeout_seconds=8)}, r"skill_function.timeout_seconds of 8 .*: set less"),
        ({"api_function": FunctionConfig(timeout_seconds=30)}, r"api_function.timeout_seconds of 30 .*: set less"),
        ({"press_max_age_seconds": 0}, r"press_max_age_seconds: Expected `int` >= 10"),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        IotBackendConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"thresholds": {"temperature": Threshold(above=20, clear=20)}},
        {"canary": Canary(seconds=900), "release": ReleaseTargetConfig(alarm_minutes=17)},
        {"skill_id": SKILL_ID},
        {"skill_function": FunctionConfig(timeout_seconds=7)},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    IotBackendConfig(**fields)
