"""Lambda function behind a custom resource: tells CloudFormation the host that the account's devices connect to."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from lambdas.common.observability import InvocationContext, Observability
from lambdas.iot_backend.contract import EndpointSettings

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient

_PHYSICAL_ID = "iot:Data-ATS"
"""Of the resource; another one would be taken for another resource, and this one be deleted."""
_REASON_LENGTH = 1000
"""CloudFormation takes answers of 4,096 bytes."""
_ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    iot: IoTClient


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    return Runtime(Observability(EndpointSettings.from_env(os.environ)), boto3.client("iot"))


def handler(event: Mapping[str, Any], context: InvocationContext) -> None:
    """Answers a request of CloudFormation in any case; what cannot be answered Lambda tries again.

    "Custom resource request objects" and "Custom resource response objects" (AWS CloudFormation User Guide) say what is
    in them. The resource has one attribute, ``EndpointAddress``.
    """
    try:
        found = _found(event, context)
    except Exception as error:  # noqa: BLE001  without an answer CloudFormation would wait, and not know for what
        _answer(event, {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:_REASON_LENGTH]})
    else:
        _answer(event, {"Status": "SUCCESS", "Data": found})


def _found(event: Mapping[str, Any], context: InvocationContext) -> dict[str, str]:
    with runtime().observability.invocation(context):
        if event["RequestType"] == "Delete":
            return {}
        address = runtime().iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
        return {"EndpointAddress": address}


def _answer(event: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    copied = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    request = urllib.request.Request(  # noqa: S310  an address of CloudFormation's
        event["ResponseURL"],
        data=json.dumps({**copied, "PhysicalResourceId": _PHYSICAL_ID, **result}).encode(),
        # The address is signed for no type; urllib would send one of its own.
        headers={"Content-Type": ""},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310
        pass
