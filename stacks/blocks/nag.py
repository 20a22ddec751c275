"""Acknowledged findings of cdk-nag, each at its resource and with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct, IValidation


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accepts findings on ``construct`` and what it contains: ``{finding id: reason}``."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items())
    )


def acknowledge_wildcards(construct: IConstruct, arns: Sequence[str], reason: str) -> None:
    """Accepts those of ``arns`` that hold a ``*`` as resources of the IAM policies in ``construct``."""
    construct.node.add_validation(_Wildcards(construct, arns, reason))


@jsii.implements(IValidation)
class _Wildcards:
    """Acknowledges when the app is complete: before, nobody knows how a stack refers to another one's resources."""

    def __init__(self, construct: IConstruct, arns: Sequence[str], reason: str) -> None:
        self._construct = construct
        self._arns = arns
        self._reason = reason

    def validate(self) -> list[str]:
        """No complaints of its own."""
        resolved = [_as_cdk_nag_writes(Stack.of(self._construct).resolve(arn)) for arn in self._arns]
        reasons = {f"AwsSolutions-IAM5[Resource::{arn}]": self._reason for arn in resolved if "*" in arn}
        acknowledge(self._construct, reasons)
        return []


def _as_cdk_nag_writes(value: Any) -> str:
    """``<Uploads1A2B3C4D.Arn>/*`` for a join of ``Fn::GetAtt`` and text, as it stands in the ids of findings."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_as_cdk_nag_writes(part) for part in parts)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::Sub": str(text)}:
            return _as_cdk_nag_writes(text)
        case str():
            return value.replace("${", "<").replace("}", ">")
        case _:
            return json.dumps(value, separators=(",", ":"))
