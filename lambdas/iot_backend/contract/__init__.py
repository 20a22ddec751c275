"""What the IoT backend promises: settings, groups, metrics.

Beside: `messages`, the tables of `devices` and of `releases`, and of the API `routes` and their `models`.

Devices tell their readings; a button, a voice and an API drive one release controller, which alone moves an alias of a
target function. Layouts of both tables, names of topics and shapes of events are here for whoever reads or writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from lambdas.common.settings import Settings

Positive = Annotated[int, msgspec.Meta(ge=1)]

# --- settings of the release controller -----------------------------------------------------------------------------


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The alias that releases move, and the alarm that tells whether it fares well."""

    function_name: str
    alias_name: str
    alarm_name: str


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """How a version is tried before it takes everything."""

    percent: Annotated[int, msgspec.Meta(ge=1, le=99)] = 10
    """Of all invocations."""
    seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 600
    max_extensions: Annotated[int, msgspec.Meta(ge=0, le=20)] = 3
    """How many times it is tried for as long again, because the alarm has not seen enough to say anything."""


class ReleaseWiring(msgspec.Struct, frozen=True, kw_only=True):
    """What the release controller works with, whoever drives it."""

    target: Target
    canary: Canary
    release_table_name: str
    schedule_group_name: str
    schedule_role_arn: str
    """Lets schedules invoke the Advance function."""
    schedule_dead_letter_arn: str
    """Queue of steps whose schedule could not invoke it."""


@dataclass(frozen=True, kw_only=True)
class PressSettings(Settings):
    """Environment of the Press function."""

    device_table_name: str
    quarantine_bucket_name: str
    releases: ReleaseWiring
    advance_function_arn: str
    max_age_seconds: int
    """Of a press; somebody who pressed earlier has given up."""


@dataclass(frozen=True, kw_only=True)
class AdvanceSettings(Settings):
    """Environment of the Advance function; its own ARN, which it schedules, is in its invocation context."""

    releases: ReleaseWiring


@dataclass(frozen=True, kw_only=True)
class SkillSettings(Settings):
    """Environment of the Skill function."""

    skill_id: str
    releases: ReleaseWiring
    advance_function_arn: str


@dataclass(frozen=True, kw_only=True)
class ApiSettings(Settings):
    """Environment of the Api function."""

    device_table_name: str
    releases: ReleaseWiring
    advance_function_arn: str
    max_body_bytes: int = 16 * 1024


# --- settings of the others -----------------------------------------------------------------------------------------


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """Where an alert is raised, and where it is over: a reading between the two changes nothing."""

    above: float
    clear: float


class TelemetryLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken of devices."""

    max_readings: Positive = 50
    max_ahead_seconds: Positive = 5 * 60
    """A clock further ahead would keep later messages out."""
    max_age_seconds: Positive = 7 * 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class TelemetrySettings(Settings):
    """Environment of the Telemetry function."""

    device_table_name: str
    quarantine_bucket_name: str
    alerts_topic_arn: str
    analytics_stream_name: str | None
    """Kinesis stream of stream analytics; None where it is not wired."""
    thresholds: dict[str, Threshold]
    """By name of the reading."""
    limits: TelemetryLimits
    lease_seconds: int
    """How long an invocation may take: what it left undone after that, another one does."""


@dataclass(frozen=True, kw_only=True)
class EndpointSettings(Settings):
    """Environment of the Endpoint function, which tells CloudFormation the account's IoT endpoint."""


@dataclass(frozen=True, kw_only=True)
class TargetSettings(Settings):
    """Environment of the Target function."""


# --- people, keys and metrics ---------------------------------------------------------------------------------------

ENTRY = "entry"
"""Sort key, of both tables."""

RELEASERS = "releasers"
"""Group of the user pool whose members may release."""


class Metric(StrEnum):
    """Metrics of the functions beside those of the API: counts."""

    MESSAGES = "MessagesReceived"
    ACCEPTED = "MessagesAccepted"
    LATE = "MessagesLate"
    """Accepted, but not the latest state of their device."""
    FORWARDED = "ReadingsForwarded"
    """To stream analytics."""
    REJECTED = "MessagesRejected"
    ALERTS = "AlertsSent"
    PRESSES = "Presses"
    PRESSES_REFUSED = "PressesRefused"
    STARTED = "ReleasesStarted"
    PROMOTED = "ReleasesPromoted"
    ROLLED_BACK = "ReleasesRolledBack"
    """By somebody's command, or because the alarm was on or silent."""
    GIVEN_UP = "ReleasesGivenUp"
    ALIAS_MOVED = "AliasMoved"
    """Looks at an alias that somebody else has moved."""
