"""Volumes: which have the tag, and their snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.backups.adapters.refusals import refused
from lambdas.backups.contract import RUN_TAG, TAG
from lambdas.backups.contract.records import Kind, Resource
from lambdas.backups.ports import MOST_FOUND, Looked, Snapshot
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_GIB = 1024**3
_FAILED = {"error", "recoverable"}
"""States of a snapshot that is not completed any more."""


@dataclass(frozen=True)
class Ec2Volumes:
    """The `Resources` of EC2, in the order of their ids."""

    client: EC2Client
    arn_prefix: str

    def look(self, policy: str, after: str | None) -> Looked:
        """Asks for all of them each time: how long a token of EC2 is good for is not said."""
        tagged: Any = [{"Name": f"tag:{TAG}", "Values": [policy]}]
        listed = sorted(
            each["VolumeId"]
            for answer in _pages("volumes", self.client.describe_volumes, Filters=tagged)
            for each in answer["Volumes"]
        )
        left = [volume_id for volume_id in listed if after is None or volume_id > after]
        found = left[:MOST_FOUND]
        resources = [Resource(Kind.VOLUME, self.arn_prefix + volume_id) for volume_id in found]
        return Looked(resources, found[-1] if len(found) < len(left) else None)


@dataclass(frozen=True)
class Ec2Snapshots:
    """The `Snapshots` of EC2."""

    client: EC2Client
    once: EC2Client
    """A client that repeats no call: CreateSnapshot has no token, so each repetition would be another snapshot."""

    def find(self, volume_id: str, run: str) -> Sequence[Snapshot]:
        """By tag."""
        filters: Any = [{"Name": "volume-id", "Values": [volume_id]}, {"Name": f"tag:{RUN_TAG}", "Values": [run]}]
        found = [
            Snapshot(
                snapshot_id=each["SnapshotId"],
                started=each["StartTime"],
                completed=each["State"] == "completed",
                failed=each.get("StateMessage") or each["State"] if each["State"] in _FAILED else "",
                size=each["VolumeSize"] * _GIB,
            )
            for answer in _pages("snapshots", self.client.describe_snapshots, Filters=filters, OwnerIds=["self"])
            for each in answer["Snapshots"]
        ]
        return sorted(found, key=lambda snapshot: (snapshot.started, snapshot.snapshot_id))

    def create(self, volume_id: str, run: str) -> None:
        """The tag is there as soon as the snapshot is."""
        with aws_call(f"snapshot {volume_id}"), refused({"InvalidVolume.NotFound"}, f"there is no {volume_id}"):
            self.once.create_snapshot(
                VolumeId=volume_id,
                Description=f"Backup {run}",
                TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": RUN_TAG, "Value": run}]}],
            )

    def delete(self, snapshot_id: str) -> None:
        """An image that is made of it keeps it, and is told of."""
        with aws_call(f"delete {snapshot_id}"):
            try:
                self.client.delete_snapshot(SnapshotId=snapshot_id)
            except ClientError as error:
                if not has_code(error, {"InvalidSnapshot.NotFound"}):
                    raise


def _pages(what: str, call: Any, **question: Any) -> Iterator[Any]:
    while True:
        with aws_call(f"list {what}"):
            answer = call(**question)
        yield answer
        if not answer.get("NextToken"):
            return
        question["NextToken"] = answer["NextToken"]
