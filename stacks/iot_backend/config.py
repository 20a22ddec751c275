"""What users of the IoT backend decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from lambdas.iot_backend.contract import Canary, TelemetryLimits, Threshold
from lambdas.iot_backend.contract.messages import ReadingName
from stacks.blocks.fields import Positive, check_fields
from stacks.blocks.function import FunctionConfig
from stacks.blocks.http_api import TIMEOUT_SECONDS
from stacks.blocks.release_target import ReleaseTargetConfig

SkillId = Annotated[str, msgspec.Meta(pattern=r"\Aamzn1\.ask\.skill\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]

ALEXA_SECONDS = 8
"""After which Alexa says that the skill does not answer ("Request and Response JSON Reference", Alexa Skills Kit)."""

_NOTICED_SECONDS = 120
"""How long CloudWatch may take to hear of an error, and the controller to come by."""


@dataclass(frozen=True, kw_only=True)
class IotBackendConfig:
    """What users of the IoT backend decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    thresholds: Mapping[ReadingName, Threshold] = field(default_factory=dict)
    """By name of the reading: above which an alert is raised, and where it is over. None are nobody's alerts."""
    limits: TelemetryLimits = TelemetryLimits()
    canary: Canary = Canary()
    release: ReleaseTargetConfig = ReleaseTargetConfig()
    """Of the function that buttons release."""
    press_max_age_seconds: Annotated[int, msgspec.Meta(ge=10, le=3600)] = 300
    """Of a press; whoever pressed earlier has given up, and would be surprised."""
    skill_id: SkillId | None = None
    """Of the Alexa skill, which the Alexa developer console tells. Without one there is no voice."""
    sweep_minutes: Annotated[int, msgspec.Meta(ge=1, le=60)] = 5
    """How soon the controller goes on with what a kill has left."""
    quarantine_days: Positive = 90
    """Days that messages wait which were rejected or could not be delivered."""
    rule_alarms: bool = True
    """Watch messages that rules could not hand over; by queries, for which emulators have no alarms."""
    telemetry_function: FunctionConfig = FunctionConfig(memory_mb=512, timeout_seconds=30)
    press_function: FunctionConfig = FunctionConfig(memory_mb=512, timeout_seconds=30)
    advance_function: FunctionConfig = FunctionConfig(memory_mb=512, timeout_seconds=30)
    skill_function: FunctionConfig = FunctionConfig(timeout_seconds=ALEXA_SECONDS - 1)
    api_function: FunctionConfig = FunctionConfig(timeout_seconds=10)
    target_function: FunctionConfig = FunctionConfig(memory_mb=256, timeout_seconds=10)
    """Of the sample that is released where nothing else is."""

    def __post_init__(self) -> None:
        check_fields(self)
        for name, each in self.thresholds.items():
            if each.clear > each.above:
                raise ValueError(
                    f"thresholds: {name} would be over at {each.clear} before it is raised above {each.above}: set "
                    f"clear to at most {each.above}"
                )
        least = -(-(self.canary.seconds + _NOTICED_SECONDS) // 60)
        if self.release.alarm_minutes < least:
            raise ValueError(
                f"release.alarm_minutes of {self.release.alarm_minutes} would forget errors of a canary of "
                f"{self.canary.seconds} seconds before it ends: set at least {least}"
            )
        for name, function, most in (
            ("skill_function", self.skill_function, ALEXA_SECONDS),
            ("api_function", self.api_function, TIMEOUT_SECONDS),
        ):
            if function.timeout_seconds >= most:
                raise ValueError(
                    f"{name}.timeout_seconds of {function.timeout_seconds} would go on for nobody, who waits for "
                    f"{most} seconds: set less"
                )
