"""Volumes and snapshots, and a topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.backups.fake_dynamodb import READY_AFTER
from tests.support.fake_aws import Outside, client_error


@dataclass
class Snapshot:
    """A snapshot."""

    volume_id: str
    tags: dict[str, str]
    started: datetime


@dataclass
class FakeEc2:
    """Volumes by id, with their tags."""

    outside: Outside
    now: Callable[[], datetime]
    volumes: dict[str, dict[str, str]] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    imaged: set[str] = field(default_factory=set)
    """Snapshots that an image is made of, which keeps them."""
    failure: str = ""
    made: int = 0

    def describe_volumes(self, *, Filters: Sequence[Any]) -> Any:  # noqa: N803  boto3's names
        [tag] = Filters
        name = tag["Name"].removeprefix("tag:")

        def effect(_: bool) -> Any:  # noqa: FBT001
            found = [volume_id for volume_id, tags in self.volumes.items() if tags.get(name) in tag["Values"]]
            return {"Volumes": [{"VolumeId": volume_id} for volume_id in found]}

        return self.outside.call("DescribeVolumes", effect)

    def create_snapshot(self, *, VolumeId: str, Description: str, TagSpecifications: Sequence[Any]) -> Any:  # noqa: N803
        del Description
        [specification] = TagSpecifications
        tags = {tag["Key"]: tag["Value"] for tag in specification["Tags"]}

        def effect(_: bool) -> Any:  # noqa: FBT001
            if VolumeId not in self.volumes:
                raise client_error("CreateSnapshot", "InvalidVolume.NotFound")
            self.made += 1
            snapshot_id = f"snap-{self.made}"
            self.snapshots[snapshot_id] = Snapshot(VolumeId, tags, self.now())
            return {"SnapshotId": snapshot_id}

        return self.outside.call("CreateSnapshot", effect)

    def describe_snapshots(self, *, Filters: Sequence[Any], OwnerIds: Sequence[str]) -> Any:  # noqa: N803
        assert OwnerIds == ["self"]
        wanted = {each["Name"]: each["Values"] for each in Filters}

        def effect(_: bool) -> Any:  # noqa: FBT001
            return {
                "Snapshots": [
                    {
                        "SnapshotId": snapshot_id,
                        "StartTime": each.started,
                        "VolumeSize": 1,
                        **self._state(each),
                    }
                    for snapshot_id, each in self.snapshots.items()
                    if each.volume_id in wanted["volume-id"]
                    and all(
                        each.tags.get(name.removeprefix("tag:")) in values
                        for name, values in wanted.items()
                        if name.startswith("tag:")
                    )
                ]
            }

        return self.outside.call("DescribeSnapshots", effect)

    def _state(self, snapshot: Snapshot) -> dict[str, str]:
        if snapshot.started + READY_AFTER > self.now():
            return {"State": "pending"}
        return {"State": "error", "StateMessage": self.failure} if self.failure else {"State": "completed"}

    def delete_snapshot(self, *, SnapshotId: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            if SnapshotId in self.imaged:
                raise client_error("DeleteSnapshot", "InvalidSnapshot.InUse")
            if self.snapshots.pop(SnapshotId, None) is None:
                raise client_error("DeleteSnapshot", "InvalidSnapshot.NotFound")
            return {}

        return self.outside.call("DeleteSnapshot", effect)


@dataclass
class FakeSns:
    """A topic; ``published`` holds subjects and messages."""

    outside: Outside
    published: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Any:  # noqa: N803
        assert TopicArn == "topic"
        assert Subject.isascii()
        assert len(Subject) <= 100
        assert len(Message.encode()) <= 256 * 1024
        return self.outside.call("Publish", lambda _: self.published.append((Subject, Message)))
