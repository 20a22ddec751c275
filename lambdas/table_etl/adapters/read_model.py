"""The read model in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.calls import Patience
from lambdas.common.failures import UnavailableError
from lambdas.common.side_by_side import Together
from lambdas.common.tables.read_model import layout
from lambdas.table_etl.domain.attributes import Item, unmarshal
from lambdas.table_etl.domain.marshalling import marshal
from lambdas.table_etl.domain.pipeline import Contribution
from lambdas.table_etl.domain.read_model import Present, Transaction, chains, contributions_of, newer, plan
from lambdas.table_etl.domain.transform import Loaded, latest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_READ = 100
"""Items of a BatchGetItem."""
ATTEMPTS = 5
"""How often rows are planned anew because others wrote them or their totals, before the rest is left to a retry."""

Attributes = dict[str, Any]


@dataclass(frozen=True)
class DynamoReadModel:
    """A `Target`: every row in the place of its source item, guarded by version, with totals in one transaction."""

    client: DynamoDBClient
    table_name: str
    patience: Patience
    together: Together

    def load(self, loaded: Sequence[Loaded], _: date) -> None:
        """Writes what is newer than what is there; totals move with the rows."""
        rows = latest(loaded)
        for attempt in range(ATTEMPTS):
            if attempt:
                self.patience.sleep(0.05 * 2**attempt)
            rows = self._load(rows)
            if not rows:
                return
        raise UnavailableError(f"load the read model: others keep writing {rows[0].key} or its totals")

    def _load(self, rows: Sequence[Loaded]) -> list[Loaded]:
        """What is left, because somebody else wrote at the same time."""
        present = self._present(rows)
        left = self.together(self._write_all, chains(plan(newer(rows, present), present)))
        return [row for each in left for row in each]

    def _present(self, rows: Sequence[Loaded]) -> dict[str, Present]:
        """What is there of each row's source item, by consistent reads."""
        names = {layout.row_partition(each.key): each.key for each in rows}
        keys = [_key(partition, layout.ROW) for partition in names]
        some = [keys[at : at + MAX_READ] for at in range(0, len(keys), MAX_READ)]
        found = (item for items in self.together(self._read, some) for item in items)
        return {names[item[layout.PARTITION]["S"]]: _present(item) for item in found}

    def _read(self, keys: list[Attributes]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []

        def call(request: Any) -> Any:
            answer = self.client.batch_get_item(RequestItems=request)
            found.extend(answer["Responses"].get(self.table_name, []))
            return answer.get("UnprocessedKeys")

        request = {"Keys": keys, "ConsistentRead": True, **_PROJECTION}
        self.patience.until_done("read the read model", {self.table_name: request}, call)
        return found

    def _write_all(self, chain: Sequence[Transaction]) -> list[Loaded]:
        return [row for transaction in chain for row in self._write(transaction)]

    def _write(self, transaction: Transaction) -> list[Loaded]:
        """Rows to be planned anew, because others have written one of them, or a total, since they were read.

        Raises ClientError for what DynamoDB would never take: a row that the limits of the domain have let through.
        The invocation fails, so that Lambda cuts the batch in two until that row goes to the failure bucket alone.
        """
        try:
            self.client.transact_write_items(TransactItems=list(self._writes(transaction)))
        except ClientError as error:
            codes = _codes(error)
            if codes & _REFUSED:
                raise
            if codes & _CONFLICTS:
                return [each for each, _ in transaction.rows]
            raise UnavailableError(f"write the read model: {error}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"write the read model: {error}") from error
        return []

    def _writes(self, transaction: Transaction) -> Iterator[Any]:
        for loaded, present in transaction.rows:
            yield {"Put": {"TableName": self.table_name, "Item": item_of(loaded), **_unchanged(present)}}
        for (partition, sort), sums in transaction.changes.items():
            names = list(sums)
            yield {
                "Update": {
                    "TableName": self.table_name,
                    "Key": _key(partition, sort),
                    "UpdateExpression": "ADD " + ", ".join(f"#{at} :{at}" for at in range(len(names))),
                    "ExpressionAttributeNames": {f"#{at}": name for at, name in enumerate(names)},
                    "ExpressionAttributeValues": {f":{at}": marshal(sums[name]) for at, name in enumerate(names)},
                }
            }


_REFUSED = {"ValidationException", "ValidationError"}
_CONFLICTS = {"ConditionalCheckFailed", "TransactionConflict"}
"""Codes of errors, and of reasons for which a transaction was cancelled."""


def _codes(error: ClientError) -> set[str]:
    """Of an error, and of the reasons that a cancelled transaction has."""
    response: Any = error.response
    return {response["Error"]["Code"], *(each.get("Code") for each in response.get("CancellationReasons", []))}


def item_of(loaded: Loaded) -> Attributes:
    """The item of a source item; a deleted one keeps its version, so that nothing older brings it back."""
    item: Attributes = {
        **_key(layout.row_partition(loaded.key), layout.ROW),
        layout.SOURCE_VERSION: {"S": loaded.version},
        layout.DATASET: {"S": loaded.flow.name},
    }
    if loaded.content is None:
        return item
    placement = loaded.content.placement
    if placement.view:
        item |= {layout.VIEW: {"S": placement.view}, layout.VIEW_SORT: {"S": placement.view_sort}}
    if contributions := contributions_of(loaded):
        item[layout.TOTALS] = {"L": [_contribution(each) for each in contributions]}
    item |= loaded.content.attributes
    return item


_PROJECTION: Attributes = {
    "ProjectionExpression": "#partition, #version, #totals",
    "ExpressionAttributeNames": {
        "#partition": layout.PARTITION,
        "#version": layout.SOURCE_VERSION,
        "#totals": layout.TOTALS,
    },
}


def _key(partition: str, sort: str) -> Attributes:
    return {layout.PARTITION: {"S": partition}, layout.SORT: {"S": sort}}


def _unchanged(present: Present) -> Attributes:
    """The condition that a row is as it was read."""
    if not present.version:
        return {"ConditionExpression": f"attribute_not_exists({layout.SOURCE_VERSION})"}
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": layout.SOURCE_VERSION},
        "ExpressionAttributeValues": {":version": {"S": present.version}},
    }


def _contribution(each: Contribution) -> Attributes:
    amounts = {name: marshal(amount) for name, amount in each.amounts.items()}
    return {
        "M": {
            layout.PARTITION: {"S": each.partition},
            layout.SORT: {"S": each.sort},
            layout.AMOUNTS: {"M": amounts},
        }
    }


def _present(item: Mapping[str, Any]) -> Present:
    values = unmarshal({name: item[name] for name in (layout.SOURCE_VERSION, layout.TOTALS) if name in item})
    return Present(values[layout.SOURCE_VERSION], tuple(_contributions(values.get(layout.TOTALS, []))))


def _contributions(totals: Iterable[Item]) -> Iterator[Contribution]:
    for each in totals:
        yield Contribution(each[layout.PARTITION], each[layout.SORT], each[layout.AMOUNTS])
