"""What other use cases give to the IoT backend."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_kinesis as kinesis

from stacks.blocks.http_api import HttpApi
from stacks.blocks.release_target import ReleaseTarget
from stacks.blocks.users import Users


@dataclass(frozen=True, kw_only=True)
class Web:
    """The web backend: its API gets further routes, its users are asked who may release, its function is released."""

    http: HttpApi
    users: Users
    target: ReleaseTarget


@dataclass(frozen=True, kw_only=True)
class Wires:
    """Those that there are."""

    web: Web | None = None
    analytics: kinesis.IStream | None = None
    """Of stream analytics, which counts readings."""
