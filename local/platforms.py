"""Makes the SNS platform applications that a function was told of; on AWS people do, with keys of the platforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lambdas.mobile_backend.contract import ApiSettings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sns import SNSClient

_NO_KEY = {"PlatformCredential": "none"}
"""The emulator talks to no platform."""


def make_platform_applications(functions: LambdaClient, sns: SNSClient, outputs: Mapping[str, str]) -> list[str]:
    """Their ARNs, each as the function expects it; ``outputs`` are those of stack MobileBackend."""
    environment = functions.get_function_configuration(FunctionName=outputs["ApiFunctionName"])["Environment"]
    told = ApiSettings.from_env(environment["Variables"]).platform_applications
    return [_made(sns, arn) for arn in told.by_platform.values()]


def _made(sns: SNSClient, arn: str) -> str:
    """Of ``arn:aws:sns:us-east-1:000000000000:app/GCM/name``."""
    _, platform, name = arn.rsplit("/", 2)
    return sns.create_platform_application(Name=name, Platform=platform, Attributes=_NO_KEY)["PlatformApplicationArn"]
