"""``restore``: makes a table anew out of the newest backup that is not younger than a given moment."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from rich.console import Console

from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import NEWEST, backups_partition, resource_name, run_id
from lambdas.backups.contract.records import Backup, Kept, Kind, Newest
from lambdas.common.errors import has_code
from tools import arguments, stack
from tools import console as shown
from tools.stack import ToolError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BY_HAND = "tags, streams, time to live, scaling, alarms, deletion protection, point-in-time recovery and policies"
"""What DynamoDB does not restore ("Restore a table in DynamoDB", Developer Guide)."""
_MOST_NAME = 255
_POLL = 5.0
"""Seconds between looks at a table."""


def add_to(commands: Any) -> None:
    """Adds the command to those of a parser."""
    restore = commands.add_parser("restore", help="make a table anew, out of a backup")
    restore.set_defaults(run=_restore)
    restore.add_argument("table", help="name of the DynamoDB table that was backed up, whether it is there or not")
    restore.add_argument(
        "--at", type=arguments.moment, required=True, help="of the newest backup from then or before, ISO 8601, UTC"
    )
    restore.add_argument("--to", metavar="NAME", help="of the new table; <table>-restored-<slot of the backup>")
    restore.add_argument("--replace", action="store_true", help="delete the table that has this name already")
    restore.add_argument("--stack", default="Backups", help="name of the CloudFormation stack; Backups")


def _restore(chosen: argparse.Namespace, console: Console) -> int:
    with shown.progress(console) as tell:
        done = Restore(
            table=chosen.table,
            at=chosen.at,
            to=chosen.to,
            replace=chosen.replace,
            stack_name=chosen.stack,
            tell=tell,
            say=lambda text: console.print(text, soft_wrap=True, highlight=False),
        ).run()
    console.print(
        f"{done.name} is {chosen.table} as of {done.backup.instant:%Y-%m-%dT%H:%M:%SZ}, with {done.backup.items:,} "
        f"items, restored in {done.seconds:.0f} s from {run_id(done.backup.policy, done.backup.slot)}.\n"
        f"DynamoDB does not restore {_BY_HAND}: set up what it needs.",
        soft_wrap=True,
        highlight=False,
    )
    return 0


@dataclass(frozen=True)
class Summary:
    """What a run came to."""

    backup: Backup
    name: str
    """Of the restored table."""
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Restore:
    """One run."""

    table: str
    at: datetime
    to: str | None = None
    """Name of the restored table; None for one that is made of the table's name and the backup's slot."""
    replace: bool = False
    """Whether a table of this name is deleted before."""
    stack_name: str
    tell: Callable[[str, int, int], None] = lambda what, done, of: None  # noqa: ARG005  silent unless asked to tell
    say: Callable[[str], None] = print
    """Told what is about to be deleted."""
    dynamodb: DynamoDBClient = field(default_factory=lambda: boto3.client("dynamodb"))

    def run(self) -> Summary:
        """Restores the table; a run that was interrupted goes on with what it has begun.

        Raises:
            ToolError: there is no such backup, a table is in the way, or the run was interrupted.
        """
        backup = self._backup()
        described = self._available(backup)
        suffix = f"-restored-{backup.slot}"
        name = self.to or self.table[: _MOST_NAME - len(suffix)] + suffix
        began = time.monotonic()
        try:
            if not self._is_begun(name, backup):
                self._make_way(name)
                self._ask(name, backup, described)
            self._wait(f"restoring {name}", name, "ACTIVE")
        except KeyboardInterrupt:
            raise ToolError(
                f"Interrupted. If {name} is being restored already, it goes on, and the same command waits for it."
            ) from None
        return Summary(backup, name, time.monotonic() - began)

    # --- the backup -------------------------------------------------------------------------------------------------

    def _backup(self) -> Backup:
        found = stack.outputs(self.stack_name)
        status = DynamoStatus(self.dynamodb, stack.output(self.stack_name, found, "BackupStatusTableName"))
        known = [each.record for each in status.listed(NEWEST, Newest)]
        tables = {resource_name(each.resource): each.resource for each in known if each.kind is Kind.TABLE}
        if self.table not in tables:
            raise ToolError(
                f"The stack {self.stack_name!r} has never backed up a table {self.table!r}, only "
                f"{', '.join(sorted(tables)) or 'none at all'}: a table is backed up if it has the tag of a policy."
            )
        kept = [each.record for each in status.listed(backups_partition(tables[self.table]), Kept)]
        good = sorted((each.backup for each in kept if not each.deleting), key=lambda each: each.instant)
        old_enough = [each for each in good if each.instant <= self.at]
        if not old_enough:
            oldest = f"the oldest one is of {good[0].instant:%Y-%m-%dT%H:%M:%SZ}" if good else "there is none at all"
            raise ToolError(f"There is no backup of {self.table!r} from {self.at.isoformat()} or before: {oldest}.")
        return old_enough[-1]

    def _available(self, backup: Backup) -> Any:
        """What DynamoDB knows of a backup."""
        run = run_id(backup.policy, backup.slot)
        try:
            answer = self.dynamodb.describe_backup(BackupArn=backup.backup_arn or "")
        except ClientError as error:
            if not has_code(error, {"BackupNotFoundException"}):
                raise
            raise ToolError(
                f"The backup {run} of {self.table!r} was deleted by somebody: its export is in the vault, "
                f"{backup.export_key}; import that (ImportTable), or take an older backup by --at."
            ) from error
        described = answer["BackupDescription"]
        if (state := described["BackupDetails"]["BackupStatus"]) != "AVAILABLE":
            raise ToolError(f"The backup {run} of {self.table!r} is {state}: run this again later.")
        return described

    # --- the table --------------------------------------------------------------------------------------------------

    def _described(self, name: str) -> Any | None:
        try:
            return self.dynamodb.describe_table(TableName=name)["Table"]
        except ClientError as error:
            if has_code(error, {"ResourceNotFoundException"}):
                return None
            raise

    def _is_begun(self, name: str, backup: Backup) -> bool:
        """Whether an earlier run has asked for the same, and it is not done yet."""
        found = self._described(name)
        restore = found.get("RestoreSummary", {}) if found and found["TableStatus"] == "CREATING" else {}
        return bool(restore.get("SourceBackupArn") == backup.backup_arn)

    def _make_way(self, name: str) -> None:
        """Deletes the table that is in the way, if that was asked for."""
        found = self._described(name)
        if found is None:
            return
        made = found["CreationDateTime"].astimezone(UTC)
        what = f"the table {name}, made {made:%Y-%m-%dT%H:%M:%SZ}, of about {found['ItemCount']:,} items"
        if not self.replace:
            raise ToolError(
                f"There is {what}: name another one by --to, or let --replace delete it with all that is in it."
            )
        if found.get("DeletionProtectionEnabled"):
            raise ToolError(f"There is {what}, and it is protected from deletion: switch that off first.")
        self.say(f"Deleting {what}.")
        if found["TableStatus"] != "DELETING":
            self.dynamodb.delete_table(TableName=name)
        self._wait(f"deleting {name}", name, None)

    def _ask(self, name: str, backup: Backup, described: Any) -> None:
        """With the key of the source: DynamoDB would take its own."""
        encryption = described.get("SourceTableFeatureDetails", {}).get("SSEDescription") or {}
        key = encryption.get("KMSMasterKeyArn")
        specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        more: Any = {"SSESpecificationOverride": specification} if key else {}
        self.dynamodb.restore_table_from_backup(TargetTableName=name, BackupArn=backup.backup_arn or "", **more)

    def _wait(self, what: str, name: str, status: str | None) -> None:
        """Until a table has this status; None: until it is gone."""
        began = time.monotonic()
        while True:
            found = self._described(name)
            if (found and found["TableStatus"]) == status:
                self.tell(what, 1, 1)
                return
            self.tell(f"{what}, {time.monotonic() - began:.0f} s", 0, 1)
            time.sleep(_POLL)
