"""The commands ``enrol`` and ``retire``: devices of an IoT backend."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

from lambdas.iot_backend.contract.devices import Kind
from lambdas.iot_backend.contract.messages import press_topic, telemetry_topic
from tools import stack
from tools.devices import Devices
from tools.keyring import Keyring
from tools.stack import ToolError

_TOPICS = {Kind.SENSOR: telemetry_topic, Kind.BUTTON: press_topic}


def add_to(commands: Any) -> None:
    """Adds both commands to those of a parser."""
    enrol = commands.add_parser("enrol", help="make a device one of an IoT backend's, with a certificate of its own")
    enrol.set_defaults(run=_enrol)
    enrol.add_argument("--kind", type=Kind, choices=[*Kind], required=True, help="what it is")
    enrol.add_argument(
        "--out", type=Path, default=Path("build/devices"), help="where its key is kept, in a folder; build/devices"
    )
    retire = commands.add_parser("retire", help="take away what `enrol` gave a device, but for its files")
    retire.set_defaults(run=_retire)
    for each in (enrol, retire):
        each.add_argument("device", help="name of its thing, and its MQTT client id")
        each.add_argument("--stack", default="IotBackend", help="name of the CloudFormation stack; IotBackend")


def of_outputs(name: str, found: Mapping[str, str]) -> Devices:
    """The devices of the stack with these outputs. Raises ToolError if one is missing."""
    return Devices(
        iot=boto3.client("iot"),
        dynamodb=boto3.client("dynamodb"),
        table_name=stack.output(name, found, "DeviceTableName"),
        policy_name=stack.output(name, found, "DevicePolicyName"),
        types={kind: stack.output(name, found, f"{kind.title()}TypeName") for kind in Kind},
    )


def _enrol(chosen: argparse.Namespace, console: Console) -> int:
    found = stack.outputs(chosen.stack)
    devices, endpoint = of_outputs(chosen.stack, found), stack.output(chosen.stack, found, "IotEndpoint")
    whoever = boto3.client("sts").get_caller_identity()["Arn"]
    try:
        kept = devices.enrol(chosen.device, chosen.kind, Keyring(chosen.out), whoever)
    except OSError as error:
        raise ToolError(
            f"The key of {chosen.device} cannot be kept: {error}. Put that right, and enrol again."
        ) from error
    console.print(
        f"{chosen.device} is enrolled. It connects by MQTT over TLS to {endpoint}, port 8883, as client "
        f"{chosen.device}, and publishes to {_TOPICS[chosen.kind](chosen.device)}.\n"
        f"Certificate: {kept.certificate}\nPrivate key: {kept.private_key}",
        soft_wrap=True,
    )
    return 0


def _retire(chosen: argparse.Namespace, console: Console) -> int:
    of_outputs(chosen.stack, stack.outputs(chosen.stack)).retire(chosen.device)
    console.print(f"{chosen.device} is retired. Its key opens nothing any more: delete its folder.")
    return 0
