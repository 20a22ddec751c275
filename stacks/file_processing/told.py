"""What every function of file processing is told."""

from __future__ import annotations

from typing import TypedDict

from aws_cdk import Stack
from constructs import Construct


class Told(TypedDict):
    """Where logs and metrics say that they come from."""

    service: str
    metrics_namespace: str


def told(processing: Construct) -> Told:
    """The same for all functions of ``processing``."""
    return Told(service=processing.node.id, metrics_namespace=Stack.of(processing).stack_name)
