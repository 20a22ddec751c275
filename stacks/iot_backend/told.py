"""What every function of the IoT backend is told."""

from __future__ import annotations

from typing import TypedDict

from aws_cdk import Stack
from constructs import Construct


class Told(TypedDict):
    """Where logs and metrics say that they come from."""

    service: str
    metrics_namespace: str


def told(backend: Construct) -> Told:
    """The same for all functions of ``backend``."""
    return Told(service=backend.node.id, metrics_namespace=Stack.of(backend).stack_name)
