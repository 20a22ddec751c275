"""The catalog table: a state, its version, its totals and the first of its content change in one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.items import Update, from_item, key, to_dynamo, to_item
from lambdas.file_processing.contract.tables import (
    CURRENT,
    EXPIRES_AT,
    PARTITION,
    STATUS_DAY,
    UPDATED_AT,
    Status,
    budget_partition,
    digest_partition,
    file_partition,
    share_entry,
    version_entry,
)
from lambdas.file_processing.domain import totals
from lambdas.file_processing.domain.catalog import Admitted, Current, Origin, Settlement, Share, Version

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ROUNDS = 8
"""Of a transaction that conflicts with others; with waits of up to 50 ms doubling each time, some 6 s."""

_MANY_ROUNDS = 14
"""Of one that a hundred archives of the same upload make at this moment; some 25 s."""
_LONGEST_WAIT = 6.4
"""Seconds."""

T = TypeVar("T", Current, Version, Origin, Share)
Write = dict[str, Any]


@dataclass(frozen=True)
class DynamoCatalog:
    """The table of files."""

    client: DynamoDBClient
    table_name: str
    keep_days: int
    """That items of replaced and deleted versions stay; longer than any message may take, 14 days."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep

    # --- reading --------------------------------------------------------------------------------------------------

    def get(self, file_id: str) -> Current | None:
        """The present state as last written (a consistent read)."""
        return self._get(key(file_partition(file_id), CURRENT), Current)

    def version(self, file_id: str, version_id: str) -> Version | None:
        """What is known of one version."""
        return self._get(key(file_partition(file_id), version_entry(version_id)), Version)

    def first(self, sha256: str) -> Origin | None:
        """The version that had this content first."""
        return self._get(key(digest_partition(sha256), CURRENT), Origin)

    def _get(self, place: Write, kind: type[T]) -> T | None:
        with aws_call("read from the catalog"):
            answer = self.client.get_item(TableName=self.table_name, Key=place, ConsistentRead=True)
        return from_item(answer["Item"], kind) if "Item" in answer else None

    # --- writing --------------------------------------------------------------------------------------------------

    def admit(self, step: Admitted) -> bool:
        """Writes a state, its version and totals, if the state before and the first of its content are unchanged."""
        after, version = step.after, step.version
        writes = [self._head(step)]
        if version:
            writes.append(self._put(file_partition(version.file_id), version_entry(version.version_id), version))
        if step.before and step.before.version_id not in (None, after.version_id):
            writes.append(self._retire(step.before, Status.REPLACED if after.version_id else Status.DELETED))
        writes += self._add(totals.changes(step.before, after))
        if version and version.sha256 and step.first:
            origin = Origin(file_id=version.file_id, name=version.name, version_id=version.version_id)
            put = self._put(digest_partition(version.sha256), CURRENT, origin)
            writes.append({"Put": {**put["Put"], "ConditionExpression": f"attribute_not_exists({PARTITION})"}})
        return self._transact(writes)

    def settle(self, current: Current, settlement: Settlement) -> bool:
        """Writes what came of the generation in ``current``, if it is shown and has the expected status still."""
        partition = file_partition(current.file_id)
        head = Update().add("revision", 1).set("status", settlement.status).when("generation", current.generation)
        version = self._settled(settlement).when("status", settlement.expected)
        writes = [
            self._update(key(partition, CURRENT), head),
            self._update(key(partition, version_entry(current.version_id or "")), version),
        ]
        if settlement.status is Status.REJECTED:
            writes += self._add(totals.rejection(current))
        return self._transact(writes)

    def reserve(self, archive: Current, share: Share, most: Share) -> bool:
        """Adds the share of an archive to what has come out of its upload, once, if that is ``most`` at most."""
        partition = budget_partition(archive.belongs_to)
        place = key(partition, share_entry(archive.file_id, archive.generation or ""))
        note, sums = Update().set(EXPIRES_AT, self._expiry()).when_new(), Update().set(EXPIRES_AT, self._expiry())
        for name, value in msgspec.to_builtins(share).items():
            note.set(name, value)
            sums.add(name, value)
        sums.when_at_most({"members": most.members - share.members, "bytes": most.bytes - share.bytes})
        writes = [self._update(place, note), self._update(key(partition, CURRENT), sums)]
        # Which of the conditions failed does not matter: what was reserved stays so, however little is left by now.
        return self._transact(writes, _MANY_ROUNDS) or self._get(place, Share) is not None

    def told(self, current: Current) -> None:
        """Notes that all have been told of this state; a newer one has taken over what was to be told."""
        update = Update().set("stale", []).set("index_stale", value=False).when("sequencer", current.sequencer)
        write = self._update(key(file_partition(current.file_id), CURRENT), update)
        with aws_call("note who has been told"):
            try:
                self.client.update_item(**write["Update"])
            except ClientError as error:
                if not has_code(error, {"ConditionalCheckFailedException"}):
                    raise

    def _head(self, step: Admitted) -> Write:
        write = self._put(file_partition(step.after.file_id), CURRENT, step.after)["Put"]
        if step.after.status is Status.DELETED:
            write["Item"][EXPIRES_AT] = to_dynamo(self._expiry())
        if step.before is None:
            return {"Put": {**write, "ConditionExpression": f"attribute_not_exists({PARTITION})"}}
        condition = Update().when("revision", step.before.revision)
        return {"Put": {**write, **condition.condition()}}

    def _retire(self, before: Current, status: Status) -> Write:
        """The version that was shown until now."""
        update = self._stamped(status).set("products", []).set(EXPIRES_AT, self._expiry())
        return self._update(key(file_partition(before.file_id), version_entry(before.version_id or "")), update)

    def _settled(self, settlement: Settlement) -> Update:
        update = self._stamped(settlement.status).set("settled_at", self.now().isoformat())
        values = msgspec.to_builtins(settlement)
        for name in values.keys() - {"status", "expected", "facts"}:
            update.set(name, values[name])
        if settlement.facts is not None:
            update.set("facts", msgspec.json.encode(settlement.facts).decode())
        return update

    def _stamped(self, status: Status) -> Update:
        now = self.now().isoformat()
        return Update().set("status", status).set(STATUS_DAY, status_day(status, now)).set(UPDATED_AT, now)

    def _add(self, sums: Mapping[totals.Key, totals.Sums]) -> list[Write]:
        writes = []
        for place, each in sorted(sums.items()):
            update = Update()
            for name, value in sorted(each.items()):
                update.add(name, value)
            writes.append(self._update(key(*place), update))
        return writes

    def _put(self, partition: str, entry: str, value: Current | Version | Origin) -> Write:
        item = to_item(value)
        if isinstance(value, Version):
            item[STATUS_DAY] = {"S": status_day(value.status, value.updated_at)}
        return {"Put": {"TableName": self.table_name, "Item": {**key(partition, entry), **item}}}

    def _update(self, place: Write, update: Update) -> Write:
        return {"Update": {"TableName": self.table_name, "Key": place, **update.request()}}

    def _expiry(self) -> int:
        return int((self.now() + timedelta(days=self.keep_days)).timestamp())

    def _transact(self, writes: Sequence[Write], rounds: int = _ROUNDS) -> bool:
        """Whether all conditions held. Raises UnavailableError for other reasons to write nothing."""
        for attempt in range(rounds):
            with aws_call("write to the catalog"):
                try:
                    self.client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]
                except ClientError as error:
                    codes = _reasons(error)
                    if "ConditionalCheckFailed" in codes:
                        return False
                    if "TransactionConflict" not in codes:
                        raise
                else:
                    return True
            # Others write the same sums at this moment: each is to come at another time.
            self.sleep(random.uniform(0, min(_LONGEST_WAIT, 0.05 * 2**attempt)))  # noqa: S311
        raise UnavailableError(f"write to the catalog: {rounds} transactions conflicted with others")


def _reasons(error: ClientError) -> set[str]:
    """Why a transaction was cancelled; empty if it was not."""
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return {each.get("Code", "") for each in reasons}


def status_day(status: Status, time: str) -> str:
    """Partition of the index by status and time."""
    return f"{status}#{time[:10]}"
