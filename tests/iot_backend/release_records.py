"""What the release controller left in tables, topics and buckets of a world of fakes."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import msgspec

from lambdas.common.ids import made_at
from lambdas.iot_backend.adapters.entries import content_of
from lambdas.iot_backend.contract.messages import Quarantined, report_topic
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import AUDIT, COMMAND, PARTITION, TARGET
from lambdas.iot_backend.domain.releases import Release
from tests.iot_backend.fake_target import FakeIot, Shape
from tests.iot_backend.telemetry_world import Logged

BUTTON = "button-1"


class Records:
    """Read by tests; a `World` has them."""

    dynamodb: Any
    table: Logged
    """Of releases."""
    iot: FakeIot
    s3: Any

    @property
    def history(self) -> list[Decision]:
        """Decisions, oldest first."""
        found = [
            content_of(each, Decision) for each in self.dynamodb.items("releases") if each[PARTITION]["S"] == AUDIT
        ]
        return sorted(found, key=lambda each: each.decision_id)

    def made(self, at: int) -> datetime:
        """When a decision was made, by its id."""
        return made_at(self.history[at].decision_id)

    @property
    def quarantined(self) -> list[Quarantined]:
        """What was rejected."""
        lines = [line for each in self.s3.buckets["quarantine"].values() for line in each.splitlines()]
        return [msgspec.json.decode(line, type=Quarantined) for line in lines]

    @property
    def outcomes(self) -> list[str]:
        """Of all decisions, oldest first, with their reasons."""
        return [f"{each.outcome}: {each.why}" for each in self.history]

    @property
    def release(self) -> Release:
        """What the alias has to be."""
        (item,) = [each for each in self.dynamodb.items("releases") if each[PARTITION]["S"] == TARGET]
        return content_of(item, Release)

    @property
    def decided_shapes(self) -> list[Shape]:
        """What the alias had to be, one after the other, if nobody else moved it."""
        found: list[Shape] = [("1", {})]
        for item in self.table.writes:
            if item[PARTITION]["S"] == TARGET:
                wanted = content_of(item, Release).wanted()
                shape = (
                    str(wanted.version or "$LATEST"),
                    {str(version): share for version, share in wanted.routing.items()},
                )
                found += [shape] if shape != found[-1] else []
        return found

    @property
    def commands(self) -> set[str]:
        """Keys of the commands that were heard."""
        partitions = {each[PARTITION]["S"] for each in self.dynamodb.items("releases")}
        return {each.removeprefix(COMMAND) for each in partitions if each.startswith(COMMAND)}

    @property
    def heard(self) -> list[Any]:
        """What the button was told."""
        return [SimpleNamespace(**told) for topic, told in self.iot.published if topic == report_topic(BUTTON)]
