"""The target: its alias and versions in AWS Lambda, and its alarm in Amazon CloudWatch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.iot_backend.contract import Target
from lambdas.iot_backend.contract.releases import LATEST, AlarmState
from lambdas.iot_backend.domain.releases import Alias
from lambdas.iot_backend.ports import AliasChangedError, AliasRefusedError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient

_LATEST = "$LATEST"
_IMPOSSIBLE = {"InvalidParameterValueException", "ResourceNotFoundException"}
"""A version is gone, or two cannot share an alias: those of different execution roles or dead-letter queues, by
"Implement Lambda canary deployments using a weighted alias" (AWS Lambda Developer Guide)."""


@dataclass(frozen=True)
class LambdaAliases:
    """The `Aliases` of one function."""

    client: LambdaClient
    target: Target

    def alias(self) -> Alias:
        """By its qualified name."""
        with aws_call("read the alias"):
            return _alias(self.client.get_alias(FunctionName=self.target.function_name, Name=self.target.alias_name))

    def versions(self) -> frozenset[int]:
        """All pages: in which order versions are listed is nowhere promised."""
        with aws_call("list versions"):
            pages = self.client.get_paginator("list_versions_by_function").paginate(
                FunctionName=self.target.function_name
            )
            found = [each["Version"] for page in pages for each in page["Versions"]]
        return frozenset(int(each) for each in found if each != _LATEST)

    def move(self, wanted: Alias) -> Alias:
        """Empty weights take away those that there were."""
        weights = {str(version): share for version, share in wanted.routing.items()}
        with aws_call("move the alias"):
            try:
                answer = self.client.update_alias(
                    FunctionName=self.target.function_name,
                    Name=self.target.alias_name,
                    FunctionVersion=str(wanted.version),
                    RoutingConfig={"AdditionalVersionWeights": weights},
                    RevisionId=wanted.revision,
                )
            except ClientError as error:
                if has_code(error, {"PreconditionFailedException"}):
                    raise AliasChangedError from error
                if has_code(error, _IMPOSSIBLE):
                    raise AliasRefusedError(str(error)) from error
                raise
        return _alias(answer)


def _alias(answer: Mapping[str, Any]) -> Alias:
    version = answer["FunctionVersion"]
    weights = answer.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    routing = {int(each): share for each, share in weights.items()}
    return Alias(LATEST if version == _LATEST else int(version), routing, answer["RevisionId"])


@dataclass(frozen=True)
class CloudWatchAlarms:
    """The `Alarms` of one metric alarm."""

    client: CloudWatchClient
    target: Target

    def state(self) -> AlarmState:
        """Of the alarm with this name."""
        with aws_call("read the alarm"):
            found = self.client.describe_alarms(AlarmNames=[self.target.alarm_name])["MetricAlarms"]
        return AlarmState(found[0]["StateValue"]) if found else AlarmState.INSUFFICIENT_DATA
