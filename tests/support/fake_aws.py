"""DynamoDB and S3 as dictionaries, light enough for ten thousand schedules, with a fault at any call.

They know the calls and conditions that adapters here make, and raise for anything else. `tests/test_fake_aws.py` holds
them against moto.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from enum import Enum
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from lambdas.common.dynamodb import item_size
from tests.support.schedule import Killed


class Fault(Enum):
    """What happens to one call."""

    NONE = "none"
    KILL_BEFORE = "killed before"
    KILL_AFTER = "killed after"
    THROTTLED = "throttled"
    NO_ANSWER = "done, but the answer is lost"
    PARTIAL = "done in part"
    """Of a batch call only its first item; other calls are done whole."""


Decide = Callable[[str], Fault]
"""Asked with the name of each call."""

Item = dict[str, Any]


class Outside:
    """What stands between the code and AWS."""

    def __init__(self) -> None:
        self.decide: Decide = lambda _: Fault.NONE
        self.calls: list[str] = []

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        """Runs ``effect`` (told whether it is to be done in part) unless a fault prevents it."""
        self.calls.append(name)
        fault = self.decide(name)
        if fault is Fault.KILL_BEFORE:
            raise Killed
        if fault is Fault.THROTTLED:
            raise client_error(name, "ThrottlingException")
        answer = effect(fault is Fault.PARTIAL)
        if fault is Fault.KILL_AFTER:
            raise Killed
        if fault is Fault.NO_ANSWER:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")
        return answer


def client_error(operation: str, code: str, **more: Any) -> ClientError:
    """An error as boto3 raises it."""
    response: Any = {"Error": {"Code": code, "Message": code}, **more}
    return ClientError(response, operation)


class FakeDynamoDB:
    """Tables of items; ``keys`` names the key attributes of each table."""

    def __init__(self, outside: Outside, keys: Mapping[str, Sequence[str]]) -> None:
        self.outside = outside
        self.keys = keys
        self.tables: dict[str, dict[tuple[str, ...], Item]] = {name: {} for name in keys}
        self.most_written = 0
        """Items of the largest transaction."""

    def items(self, table: str) -> list[Item]:
        """Everything in a table."""
        return list(self.tables[table].values())

    def _key(self, table: str, item: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(item[name]["S"] for name in self.keys[table])

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> Any:  # noqa: N803  boto3's names
        assert ConsistentRead
        found = self.tables[TableName]

        def effect(_: bool) -> Any:  # noqa: FBT001
            item = found.get(self._key(TableName, Key))
            return {"Item": item} if item else {}

        return self.outside.call("GetItem", effect)

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Any:  # noqa: N803
        ((table, request),) = RequestItems.items()
        keys = request["Keys"]
        assert request["ConsistentRead"]
        shown = _projected(request)
        assert 1 <= len(keys) <= 100
        assert len({self._key(table, key) for key in keys}) == len(keys), "DynamoDB refuses repeated keys"

        def effect(partial: bool) -> Any:  # noqa: FBT001
            done = keys[:1] if partial else keys
            found = [self.tables[table].get(self._key(table, key)) for key in done]
            left = {table: {**request, "Keys": keys[len(done) :]}} if len(done) < len(keys) else {}
            return {"Responses": {table: [shown(item) for item in found if item]}, "UnprocessedKeys": left}

        return self.outside.call("BatchGetItem", effect)

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> Any:  # noqa: N803
        ((table, requests),) = RequestItems.items()
        writes = [next(iter(each.items())) for each in requests]
        places = [self._key(table, write.get("Item") or write["Key"]) for _, write in writes]
        assert 1 <= len(places) <= 25
        assert len(set(places)) == len(places), "DynamoDB refuses repeated keys"

        def effect(partial: bool) -> Any:  # noqa: FBT001
            done = 1 if partial else len(writes)
            for (kind, write), place in zip(writes[:done], places, strict=False):
                if kind == "PutRequest":
                    self.tables[table][place] = write["Item"]
                else:
                    self.tables[table].pop(place, None)
            return {"UnprocessedItems": {table: requests[done:]} if done < len(writes) else {}}

        return self.outside.call("BatchWriteItem", effect)

    def put_item(self, *, TableName: str, Item: Item, **condition: Any) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            if not self._holds(TableName, Item, condition):
                raise client_error(
                    "PutItem", "ConditionalCheckFailedException", **self._old(TableName, Item, condition)
                )
            self.tables[TableName][self._key(TableName, Item)] = Item
            return {}

        return self.outside.call("PutItem", effect)

    def update_item(self, *, TableName: str, Key: Item, **update: Any) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            if not self._holds(TableName, Key, update):
                raise client_error("UpdateItem", "ConditionalCheckFailedException", **self._old(TableName, Key, update))
            item = self.tables[TableName].get(self._key(TableName, Key)) or Key
            self.tables[TableName][self._key(TableName, Key)] = item | _updated(item, update)
            return {}

        return self.outside.call("UpdateItem", effect)

    def delete_item(self, *, TableName: str, Key: Item, **condition: Any) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            if not self._holds(TableName, Key, condition):
                raise client_error(
                    "DeleteItem", "ConditionalCheckFailedException", **self._old(TableName, Key, condition)
                )
            self.tables[TableName].pop(self._key(TableName, Key), None)
            return {}

        return self.outside.call("DeleteItem", effect)

    def transact_write_items(self, *, TransactItems: Sequence[Any]) -> Any:  # noqa: N803
        writes = [next(iter(each.items())) for each in TransactItems]
        assert 1 <= len(writes) <= 100, f"{len(writes)} items in a transaction"
        places = [
            (write["TableName"], self._key(write["TableName"], write.get("Item") or write["Key"]))
            for _, write in writes
        ]
        assert len(set(places)) == len(places), "DynamoDB refuses two writes of one item"
        self.most_written = max(self.most_written, len(writes))
        _refuse_what_is_too_large([write["Item"] for kind, write in writes if kind == "Put"])

        def effect(_: bool) -> Any:  # noqa: FBT001
            reasons = [self._reason(write) for _, write in writes]
            if any(each["Code"] != "None" for each in reasons):
                raise client_error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
            for (kind, write), (table, key) in zip(writes, places, strict=True):
                match kind:
                    case "Put":
                        self.tables[table][key] = write["Item"]
                    case "Delete":
                        self.tables[table].pop(key, None)
                    case "Update":
                        item = self.tables[table].get(key) or write["Key"]
                        self.tables[table][key] = item | _updated(item, write)
                    case "ConditionCheck":
                        pass
                    case _:
                        raise NotImplementedError(kind)
            return {}

        return self.outside.call("TransactWriteItems", effect)

    def _reason(self, write: Mapping[str, Any]) -> dict[str, Any]:
        """What a cancelled transaction tells of one of its actions."""
        item = write.get("Item") or write["Key"]
        if self._holds(write["TableName"], item, write):
            return {"Code": "None"}
        return {"Code": "ConditionalCheckFailed", **self._old(write["TableName"], item, write)}

    def _holds(self, table: str, item: Item, write: Mapping[str, Any]) -> bool:
        condition = write.get("ConditionExpression")
        present = self.tables[table].get(self._key(table, item))
        return condition is None or any(
            all(_is_so(part, present, write) for part in each.split(" AND ")) for each in condition.split(" OR ")
        )

    def _old(self, table: str, item: Item, write: Mapping[str, Any]) -> dict[str, Any]:
        """What an error tells of the item that is there."""
        present = self.tables[table].get(self._key(table, item))
        wanted = write.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        return {"Item": present} if wanted and present else {}

    def query(
        self,
        *,
        TableName: str,  # noqa: N803
        KeyConditionExpression: str,  # noqa: N803
        ExpressionAttributeNames: Mapping[str, str],  # noqa: N803
        ExpressionAttributeValues: Mapping[str, Any],  # noqa: N803
        Limit: int | None = None,  # noqa: N803
        ScanIndexForward: bool = True,  # noqa: N803
        **others: Any,
    ) -> Any:
        """By partition, and the sort key in one of the forms ``>=``, ``BETWEEN`` and ``begins_with``."""
        assert set(others) <= {"ConsistentRead", "ExclusiveStartKey"}
        names = dict(ExpressionAttributeNames)
        values = {alias: value["S"] for alias, value in ExpressionAttributeValues.items()}

        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self._found(TableName, KeyConditionExpression, names, values)
            found.sort(key=lambda item: self._key(TableName, item), reverse=not ScanIndexForward)
            return {"Items": found[:Limit]}

        return self.outside.call("Query", effect)

    def get_paginator(self, operation: str) -> Any:
        """All answers are one page."""
        assert operation == "query"
        return SimpleNamespace(paginate=lambda **request: (self.query(**each) for each in [request]))

    def _found(self, table: str, condition: str, names: Mapping[str, str], values: Mapping[str, str]) -> list[Item]:
        partition, _, rest = condition.partition(" AND ")
        alias, _, value = partition.partition(" = ")
        found = [item for item in self.items(table) if item[names[alias]]["S"] == values[value]]
        if begins := re.fullmatch(r"begins_with\((#\w+), (:\w+)\)", rest):
            found = [item for item in found if item[names[begins[1]]]["S"].startswith(values[begins[2]])]
        elif rest:
            sort, operator, bound = rest.split(" ", 2)
            if operator == ">=":
                found = [item for item in found if item[names[sort]]["S"] >= values[bound]]
            elif operator == "BETWEEN":
                low, _, high = bound.partition(" AND ")
                found = [item for item in found if values[low] <= item[names[sort]]["S"] <= values[high]]
            else:
                raise NotImplementedError(rest)
        return found


def _is_so(condition: str, present: Item | None, write: Mapping[str, Any]) -> bool:
    """Whether one condition holds of an item."""
    if found := re.fullmatch(r"attribute_(not_)?exists\((#?\w+)\)", condition):
        assert found[2].upper() not in _RESERVED, f"DynamoDB refuses {found[2]} without an alias: it is reserved"
        return (present is None) == bool(found[1])
    if found := re.fullmatch(r"(#\w+) IN \((.+)\)", condition):
        one_of = [write["ExpressionAttributeValues"][each] for each in found[2].split(", ")]
        return present is not None and present.get(write["ExpressionAttributeNames"][found[1]]) in one_of
    if found := re.fullmatch(r"(#\w+) (=|<=?) (:\w+)", condition):
        value = present and present.get(write["ExpressionAttributeNames"][found[1]])
        other = write["ExpressionAttributeValues"][found[3]]
        if value and found[2] != "=":
            number, bound = Decimal(value["N"]), Decimal(other["N"])
            return number < bound or (found[2] == "<=" and number == bound)
        return bool(value == other)
    raise NotImplementedError(condition)


_RESERVED = frozenset(files("moto.dynamodb.parsing").joinpath("reserved_keywords.txt").read_text().split())


def _refuse_what_is_too_large(items: Sequence[Item]) -> None:
    """DynamoDB takes items of 400 KB, and 4 MB in a transaction."""
    sizes = [item_size(item) for item in items]
    if max(sizes, default=0) > 400 * 1024 or sum(sizes) > 4_000_000:
        raise client_error("TransactWriteItems", "ValidationException")


def _projected(request: Mapping[str, Any]) -> Callable[[Item], Item]:
    """Leaves of an item what a ProjectionExpression of top-level names asks for."""
    if "ProjectionExpression" not in request:
        return lambda item: item
    aliases = request["ProjectionExpression"].split(", ")
    names = [request["ExpressionAttributeNames"][alias] for alias in aliases]
    return lambda item: {name: item[name] for name in names if name in item}


def _updated(item: Item, write: Mapping[str, Any]) -> Item:
    """Attributes of an item after ``ADD #a :a, #b :b SET #c = :c``, or one of the two, in DynamoDB's 38 digits."""
    adding, _, setting = write["UpdateExpression"].rpartition("SET ")
    if not adding and "SET " not in write["UpdateExpression"]:
        adding, setting = setting, ""
    changed = {}
    for action in setting.split(", ") if setting else []:
        name, value = action.split(" = ")
        changed[write["ExpressionAttributeNames"][name]] = write["ExpressionAttributeValues"][value]
    for action in adding.removeprefix("ADD ").strip().split(", ") if adding else []:
        name, value = action.split(" ")
        name = write["ExpressionAttributeNames"][name]
        more = Decimal(write["ExpressionAttributeValues"][value]["N"])
        changed[name] = {"N": str(_DIGITS.add(Decimal(item.get(name, {"N": "0"})["N"]), more))}
    return changed


_DIGITS = Context(prec=38, traps=[Inexact])


class FakeEvents:
    """An event bus; ``events`` holds what it took."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.events: list[dict[str, str]] = []

    def put_events(self, *, Entries: Sequence[dict[str, str]]) -> Any:  # noqa: N803
        assert 1 <= len(Entries) <= 10
        assert sum(len(value.encode()) for entry in Entries for value in entry.values()) < 256 * 1024

        def effect(partial: bool) -> Any:  # noqa: FBT001
            taken = 1 if partial else len(Entries)
            self.events += Entries[:taken]
            results = [{"EventId": str(at)} if at < taken else {"ErrorCode": "Throttled"} for at in range(len(Entries))]
            return {"FailedEntryCount": len(Entries) - taken, "Entries": results}

        return self.outside.call("PutEvents", effect)


class FakeS3:
    """Buckets of objects. Only a conditional write replaces one: code that overwrites others is wrong here."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.buckets: dict[str, dict[str, bytes]] = defaultdict(dict)
        self.modified: dict[tuple[str, str], datetime] = {}
        self.now = datetime(2026, 11, 21, tzinfo=UTC)
        """When whatever is written next is written."""
        self.page = 1000
        """Objects of a listing's answer."""

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: Any,  # noqa: N803
        IfMatch: str | None = None,  # noqa: N803
        IfNoneMatch: str | None = None,  # noqa: N803
        **_: Any,
    ) -> Any:
        content = bytes(Body) if isinstance(Body, bytes | bytearray | memoryview) else Body.read()

        def effect(_: bool) -> Any:  # noqa: FBT001
            present = self.buckets[Bucket].get(Key)
            if IfMatch is not None:
                if present is None:
                    raise client_error("PutObject", "NoSuchKey")
                if _etag(present) != IfMatch:
                    raise client_error("PutObject", "PreconditionFailed")
            elif IfNoneMatch is not None:
                assert IfNoneMatch == "*"
                if present is not None:
                    raise client_error("PutObject", "PreconditionFailed")
            else:
                assert present is None or present == content, f"{Key} was written with other bytes"
            self.buckets[Bucket][Key] = content
            self.modified[Bucket, Key] = self.now
            return {"ETag": _etag(content)}

        return self.outside.call("PutObject", effect)

    def get_object(self, *, Bucket: str, Key: str, IfNoneMatch: str | None = None) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            content = self.buckets[Bucket].get(Key)
            if content is None:
                raise client_error("GetObject", "NoSuchKey")
            if _etag(content) == IfNoneMatch:
                raise client_error("GetObject", "304")
            return {"Body": io.BytesIO(content), "ETag": _etag(content)}

        return self.outside.call("GetObject", effect)

    def delete_objects(self, *, Bucket: str, Delete: Mapping[str, Any]) -> Any:  # noqa: N803
        keys = [each["Key"] for each in Delete["Objects"]]
        assert 1 <= len(keys) <= 1000
        assert Delete["Quiet"]

        def effect(partial: bool) -> Any:  # noqa: FBT001
            done = keys[:1] if partial else keys
            for key in done:
                self.buckets[Bucket].pop(key, None)
            left = [{"Key": key, "Code": "InternalError", "Message": ""} for key in keys[len(done) :]]
            return {"Errors": left} if left else {}

        return self.outside.call("DeleteObjects", effect)

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        ContinuationToken: str = "",  # noqa: N803
        MaxKeys: int = 1000,  # noqa: N803
        **_: Any,
    ) -> Any:
        """A token is the last key of the page before."""

        def effect(_: bool) -> Any:  # noqa: FBT001
            most = min(MaxKeys, self.page)
            keys = sorted(key for key in self.buckets[Bucket] if key.startswith(Prefix) and key > ContinuationToken)
            found = [
                {"Key": key, "Size": len(self.buckets[Bucket][key]), "LastModified": self.modified.get((Bucket, key))}
                for key in keys[:most]
            ]
            if len(keys) <= most:
                return {"Contents": found, "IsTruncated": False}
            return {"Contents": found, "IsTruncated": True, "NextContinuationToken": found[-1]["Key"]}

        return self.outside.call("ListObjectsV2", effect)


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
