"""What there is of backups, looked at with AWS's own clients: on-demand backups, exports, copies, snapshots."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import datetime

import msgspec

from lambdas.backups.contract import (
    RUN_TAG,
    copies_prefix,
    export_prefix,
    manifest_key,
    manifest_prefix,
    manifests_prefix,
    run_id,
    slot_id,
)
from lambdas.backups.contract.records import Copied
from local.use_cases.backups.visit import Visit

_LINES = msgspec.json.Decoder(Copied)
_SUMMARY = "/manifest-summary.json"


def on_demand_backups(visit: Visit, table: str) -> list[str]:
    """Names of a table's on-demand backups."""
    return [each["BackupName"] for each in visit.dynamodb.list_backups(TableName=table)["BackupSummaries"]]


def exports(visit: Visit, table: str, policy: str, slot: datetime) -> list[str]:
    """Keys of the summaries of a run's complete exports of a table."""
    prefix = export_prefix(table, run_id(policy, slot_id(slot)))
    return [key for key in visit.vault_keys(prefix) if key.endswith(_SUMMARY)]


def snapshots(visit: Visit, volume: str) -> list[str]:
    """Runs of a volume's snapshots."""
    found = visit.ec2.describe_snapshots(Filters=[{"Name": "volume-id", "Values": [volume]}])["Snapshots"]
    return [tag["Value"] for each in found for tag in each.get("Tags", []) if tag["Key"] == RUN_TAG]


def held(visit: Visit, bucket: str, policy: str, slot: datetime) -> Mapping[str, bytes] | None:
    """Contents by key as a run's manifest of a bucket has them; None where the run has no manifest."""
    run = run_id(policy, slot_id(slot))
    keys = visit.vault_keys(manifest_prefix(bucket, run))
    if manifest_key(bucket, run) not in keys:
        return None
    parts = [gzip.decompress(visit.vault_content(key)) for key in keys if key.endswith(".gz")]
    return {line.key: visit.vault_content(line.copy) for part in parts for line in _LINES.decode_lines(part)}


def copies(visit: Visit, bucket: str) -> set[str]:
    """Keys of the copies of a bucket's objects."""
    return set(visit.vault_keys(copies_prefix(bucket)))


def referred(visit: Visit, bucket: str) -> set[str]:
    """Keys of the copies that a manifest refers to."""
    keys = [key for key in visit.vault_keys(manifests_prefix(bucket)) if key.endswith(".gz")]
    parts = [gzip.decompress(visit.vault_content(key)) for key in keys]
    return {line.copy for part in parts for line in _LINES.decode_lines(part)}
