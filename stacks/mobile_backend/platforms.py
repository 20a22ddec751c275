"""Rights to the SNS platform applications of Apple and Google, and to the endpoints of devices there."""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.mobile_backend.contract import PlatformApplications
from stacks.blocks.function import GrantTo, allow

_ANY_DEVICE = "SNS chooses the names of endpoints: any device of this one application"


def registering(applications: PlatformApplications) -> list[GrantTo]:
    """A grant of what makes endpoints, and puts those right that were there."""
    arns = list(applications.by_platform.values())
    if not arns:
        return []
    return [
        allow("sns:CreatePlatformEndpoint", on=arns),
        # SNS asks for the right to the application, although the call names an endpoint.
        allow("sns:SetEndpointAttributes", on=[*arns, *_endpoints(arns)], wildcard=_ANY_DEVICE),
    ]


def pushing(applications: PlatformApplications) -> list[GrantTo]:
    """A grant of sending to endpoints."""
    arns = list(applications.by_platform.values())
    return [allow("sns:Publish", on=_endpoints(arns), wildcard=_ANY_DEVICE)] if arns else []


def _endpoints(applications: Sequence[str]) -> list[str]:
    """``…:endpoint/APNS/name/*`` for ``…:app/APNS/name``."""
    return [f"{arn.replace(':app/', ':endpoint/', 1)}/*" for arn in applications]
