"""AWS at the other end of boto3, in memory: requests are built and signed, answers parsed, but none leaves the process.

Enough of DynamoDB, S3, Kinesis, EventBridge, SNS, Cognito and Secrets Manager for the functions; every call is counted,
and what it is billed for.
"""

from __future__ import annotations

import base64
import io
import json
import math
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast
from urllib.parse import parse_qs

import boto3
from botocore.awsrequest import AWSResponse

from lambdas.common import clients
from lambdas.common.dynamodb import item_size

Attributes = dict[str, dict[str, Any]]

_ANSWER = (
    "<ActionResponse><ActionResult><MessageId>1</MessageId><EndpointArn>arn:aws:sns:us-east-1:123456789012:endpoint/1"
    "</EndpointArn></ActionResult></ActionResponse>"
)
_CONDITION = re.compile(
    r"(?P<name>#\w+) = (?P<value>:\w+)"
    r"( AND (begins_with\(#\w+, (?P<prefix>:\w+)\)|#\w+ BETWEEN (?P<low>:\w+) AND (?P<high>:\w+)))?"
)

WRITE_UNIT, READ_UNIT = 1024, 4096
"""Bytes of a write and of a read request unit ("DynamoDB read and write operations", Amazon DynamoDB Developer Guide).
A consistent read counts each item by itself, whatever of it is asked for, and one that is not there as well."""
ITEM_OVERHEAD = 100
"""Bytes that storage counts on top of each item, and of each entry of an index."""
EVENT_UNIT = 64 * 1024
"""Bytes of an event that are billed as one (Amazon EventBridge pricing)."""


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


class Aws:
    """Tables, buckets that forget, and a secret."""

    def __init__(self, *keys: str, index: tuple[str, ...] = ()) -> None:
        """``keys``: all attributes that are a key of some table; ``index``: those of a global secondary index, if there
        is one, which has all attributes.
        """
        self._keys = keys
        self._index = index
        self.secret = "secret"  # noqa: S105
        self.tables: dict[str, dict[str, Attributes]] = {}
        self.usage: Counter[str] = Counter()
        self.seconds = 0.0
        """CPU time that the imitation itself took."""
        boto3.setup_default_session(
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106
        )
        answer = cast(Any, self._answer)
        if boto3.DEFAULT_SESSION:
            boto3.DEFAULT_SESSION.events.register("before-send", answer)
        clients.session.cache_clear()
        session = clients.session()
        session.set_config_variable("region", "us-east-1")
        session.set_credentials("none", "none")
        session.register("before-send", answer)

    def reset(self) -> None:
        """Forgets what is stored and counted."""
        self.tables.clear()
        self.usage.clear()
        self.seconds = 0.0

    @property
    def stored_bytes(self) -> int:
        """Of all items, and of their copies in the index."""
        items = [item for table in self.tables.values() for item in table.values()]
        return sum((size(item) + ITEM_OVERHEAD) * (2 if self._index_key(item) else 1) for item in items)

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        if hasattr(request.body, "read"):
            request.body.read()  # checksums are reckoned while it is sent
        began = time.thread_time()
        if target := request.headers.get("X-Amz-Target"):
            name = (target if isinstance(target, str) else target.decode()).rpartition(".")[2]
            content = json.dumps(self.answer(name, json.loads(request.body))).encode()
        elif isinstance(request.body, str):  # a form, as SNS takes it
            (name,) = parse_qs(request.body)["Action"]
            content = _ANSWER.replace("Action", name).encode()
        else:
            name, content = "PutObject", b""
            self.usage["s3_bytes"] += int(request.headers["X-Amz-Decoded-Content-Length"])
        self.usage[name] += 1
        headers: Any = {"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(content))}
        response = AWSResponse(request.url, 200, headers, _Body(content))
        self.seconds += time.thread_time() - began
        return response

    def answer(self, name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an operation answers; tables are changed."""
        answer: Mapping[str, Any] = getattr(self, f"_{name}")(request)
        return answer

    def _GetSecretValue(self, _: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802  the names of AWS
        return {"ARN": "arn", "Name": "name", "SecretString": self.secret}

    def _GetItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        item = self._read(request["TableName"], request["Key"])
        return {"Item": item} if item else {}

    def _Query(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        """Billed by the size of all items together; what need not be consistent, by half."""
        found = self._asked(request)
        units = math.ceil(sum(map(size, found)) / READ_UNIT) or 1
        self.usage["read_units" if request.get("ConsistentRead") else "eventual_read_units"] += units
        return {"Items": found, "Count": len(found)}

    def _asked(self, request: Mapping[str, Any]) -> list[Attributes]:
        condition = _CONDITION.fullmatch(request["KeyConditionExpression"])
        if condition is None:
            raise ValueError(f"this imitation knows no {request['KeyConditionExpression']}")
        partition = request["ExpressionAttributeNames"][condition["name"]]
        aliases = {name: alias for name, alias in condition.groupdict().items() if alias and alias[0] == ":"}
        of = {name: request["ExpressionAttributeValues"][alias]["S"] for name, alias in aliases.items()}
        found: dict[str, Attributes] = {}
        for item in self.tables.get(request["TableName"], {}).values():
            sort = next(item[key]["S"] for key in self._keys if key in item and key != partition)
            if item[partition]["S"] == of["value"] and sort.startswith(of.get("prefix", "")):
                found[sort] = item
        wanted = [key for key in sorted(found) if of.get("low", "") <= key <= of.get("high", key)]
        ordered = wanted if request.get("ScanIndexForward", True) else wanted[::-1]
        return [found[key] for key in ordered[: request.get("Limit")]]

    def _AdminGetUser(self, _: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        attributes = {"email": "somebody@example.com", "email_verified": "true"}
        return {"UserAttributes": [{"Name": name, "Value": value} for name, value in attributes.items()]}

    def _BatchGetItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        found: dict[str, list[Attributes]] = {}
        for table, keys in request["RequestItems"].items():
            items = [self._read(table, key) for key in keys["Keys"]]
            found[table] = [_projected(item, keys) for item in items if item]
        return {"Responses": found}

    def _TransactWriteItems(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        for each in request["TransactItems"]:
            if put := each.get("Put"):
                self._write(put["TableName"], put["Item"], times=2)
            else:
                self._add(each["Update"])
        return {}

    def _PutItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        self._write(request["TableName"], request["Item"], times=1)
        return {}

    def _DeleteItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        item = self.tables.get(request["TableName"], {}).pop(self._id(request["Key"]), {})
        self.usage["write_units"] += max(1, _write_units(item))
        self.usage["projected_units"] += self._projected_units(item, {})
        return {}

    def _PutEvents(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        self.usage["events"] += len(request["Entries"])
        self.usage["event_units"] += sum(math.ceil(_event_size(each) / EVENT_UNIT) for each in request["Entries"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}] * len(request["Entries"])}

    def _PutRecords(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        stored = {"SequenceNumber": "1", "ShardId": "shardId-000000000000"}
        return {"FailedRecordCount": 0, "Records": [stored] * len(request["Records"])}

    def _BatchWriteItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        for table, writes in request["RequestItems"].items():
            for each in writes:
                self._write(table, each["PutRequest"]["Item"], times=1)
                self.usage["index_units"] += _write_units(each["PutRequest"]["Item"])
        return {}

    def _read(self, table: str, key: Attributes) -> Attributes | None:
        item = self.tables.get(table, {}).get(self._id(key))
        self.usage["read_units"] += max(1, math.ceil(size(item or {}) / READ_UNIT))
        return item

    def _write(self, table: str, item: Attributes, times: int) -> None:
        """``times``: 2 in a transaction, which prepares and commits each item ("Amazon DynamoDB Transactions: How it
        works"). Indexes get to know of it afterwards, like of any other write, so each entry is written once. Of the
        sizes before and after, the larger one counts ("DynamoDB read and write operations", write consumption).
        """
        before = self.tables.get(table, {}).get(self._id(item), {})
        self.usage["items"] += 1
        self.usage["write_units"] += times * max(_write_units(before), _write_units(item))
        self.usage["projected_units"] += self._projected_units(before, item)
        self.tables.setdefault(table, {})[self._id(item)] = item

    def _projected_units(self, before: Attributes, after: Attributes) -> int:
        """Write units of the index: one write for an entry that is made, changed or deleted, two if it moves ("Global
        Secondary Indexes", write capacity units, Amazon DynamoDB Developer Guide).
        """
        old, new = (item if self._index_key(item) else {} for item in (before, after))
        if old == new:
            return 0
        if self._index_key(old) == self._index_key(new):
            return max(_write_units(old), _write_units(new))
        return _write_units(old) + _write_units(new)

    def _index_key(self, item: Attributes) -> list[Any]:
        """Empty for an item that is not in the index."""
        found = [item[name] for name in self._index if name in item]
        return found if len(found) == len(self._index) else []

    def _add(self, update: Mapping[str, Any]) -> None:
        """``ADD #0 :0, … SET #a = :a, …`` in a transaction."""
        key, names, values = update["Key"], update["ExpressionAttributeNames"], update["ExpressionAttributeValues"]
        item = dict(self.tables.get(update["TableName"], {}).get(self._id(key), key))
        adding, _, setting = update["UpdateExpression"].removeprefix("ADD ").partition(" SET ")
        for action in adding.split(", "):
            alias, value = action.split(" ")
            sum_before = Decimal(item.get(names[alias], {"N": "0"})["N"])
            item[names[alias]] = {"N": str(sum_before + Decimal(values[value]["N"]))}
        for action in setting.split(", ") if setting else []:
            alias, value = action.split(" = ")
            item[names[alias]] = values[value]
        self._write(update["TableName"], item, times=2)

    def _id(self, item: Attributes) -> str:
        return "\n".join(item[name]["S"] for name in self._keys if name in item)


def _projected(item: Attributes, request: Mapping[str, Any]) -> Attributes:
    """What a ProjectionExpression of top-level names asks for."""
    if "ProjectionExpression" not in request:
        return item
    names = [request["ExpressionAttributeNames"][alias] for alias in request["ProjectionExpression"].split(", ")]
    return {name: item[name] for name in names if name in item}


def _write_units(item: Attributes) -> int:
    return math.ceil(size(item) / WRITE_UNIT)


def _event_size(entry: Mapping[str, str]) -> int:
    """By "Calculating PutEvents event entry size", Amazon EventBridge User Guide; entries have neither time nor
    resources.
    """
    return sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))


def size(item: Attributes) -> int:
    """Bytes, as DynamoDB counts them; binary values arrive in base64."""
    return item_size(
        {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in item.items()}
    )
