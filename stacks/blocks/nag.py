"""Acknowledged findings of cdk-nag, each at its resource and with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accepts findings on ``construct`` and what it contains: ``{finding id: reason}``."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items())
    )


def acknowledge_wildcards(construct: IConstruct, arns: Sequence[str], reason: str) -> None:
    """Accepts those of ``arns`` that hold a ``*`` as resources of the IAM policies in ``construct``."""
    resolved = [_as_cdk_nag_writes(Stack.of(construct).resolve(arn)) for arn in arns]
    acknowledge(construct, {f"AwsSolutions-IAM5[Resource::{arn}]": reason for arn in resolved if "*" in arn})


def _as_cdk_nag_writes(value: Any) -> str:
    """``<Uploads1A2B3C4D.Arn>/*`` for a join of ``Fn::GetAtt`` and text, as it stands in the ids of findings."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_as_cdk_nag_writes(part) for part in parts)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case _:
            return str(value)
