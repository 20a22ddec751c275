"""What the browser's tests release, seen from behind."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.iot_backend.contract.models import Asked, ReleaseDraft, ReleaseList, Standing
from lambdas.iot_backend.contract.releases import AlarmState, Phase
from local.use_cases.clients import JSON, Client, Reply

if TYPE_CHECKING:
    from local.cloud import Cloud


@dataclass(frozen=True)
class Target:
    """The target of the deployed release controller."""

    cloud: Cloud
    outputs: Mapping[str, str]
    remote: Client

    def publish(self) -> int:
        """A new version: the same code with another description, without which Lambda publishes none."""
        functions: Any = self.cloud.client("lambda")
        name = self.outputs["TargetFunctionName"]
        functions.update_function_configuration(FunctionName=name, Description=secrets.token_hex(4))
        return int(functions.publish_version(FunctionName=name)["Version"])

    def alias(self) -> tuple[int, dict[int, float]]:
        """The version that the alias has, and shares of others."""
        found = self.cloud.client("lambda").get_alias(
            FunctionName=self.outputs["TargetFunctionName"], Name=self.outputs["TargetAliasName"]
        )
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return int(found["FunctionVersion"]), {int(each): weight for each, weight in weights.items()}

    def set_alarm(self, state: AlarmState) -> None:
        """The emulator's alarms do not look by themselves."""
        self.cloud.client("cloudwatch").set_alarm_state(
            AlarmName=self.outputs["TargetAlarmName"], StateValue=state, StateReason="a test"
        )

    def standing(self) -> Standing:
        """How things stand."""
        return self.remote.send("GET", "/releases?limit=1").read(ReleaseList).current

    def ask(self, action: Asked, *, force: bool = False, reason: str = "") -> Reply:
        """By HTTP, as somebody else at the same time would."""
        draft = ReleaseDraft(action=action, force=force, reason=reason)
        return self.remote.send("POST", "/releases", msgspec.json.encode(draft), {"content-type": JSON})

    def released(self) -> tuple[int, int]:
        """A version that has just taken over, and the one before it; without a canary, since the alarm was on."""
        before, _ = self.alias()
        version = self.publish()
        self.set_alarm(AlarmState.ALARM)
        assert json.loads(self.ask(Asked.PROMOTE, force=True).body)["outcome"] == "promoted"
        self.set_alarm(AlarmState.OK)
        return before, version

    def tried(self) -> tuple[int, int]:
        """The version that serves, and one that is being tried beside it."""
        before, _ = self.alias()
        version = self.publish()
        assert self.ask(Asked.PROMOTE).status == 202
        return before, version

    def end_canary(self) -> None:
        """Takes a version that is being tried back."""
        if self.standing().phase is Phase.CANARY:
            assert self.ask(Asked.ROLLBACK).status == 202
