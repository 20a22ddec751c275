"""AWS at the other end of boto3, in memory: requests are built and signed, answers parsed, but none leaves the process.

Enough of DynamoDB, S3, EventBridge and Secrets Manager for the functions; every call is counted, and what it is billed
for.
"""

from __future__ import annotations

import base64
import io
import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

import boto3
from botocore.awsrequest import AWSResponse

from lambdas.common.dynamodb import item_size

Attributes = dict[str, dict[str, Any]]

WRITE_UNIT, READ_UNIT = 1024, 4096
"""Bytes of a write and of a read request unit ("Read/write capacity mode", Amazon DynamoDB Developer Guide)."""


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


class Aws:
    """Tables without indexes, buckets that forget, and a secret."""

    def __init__(self, *keys: str) -> None:
        """``keys``: all attributes that are a key of some table."""
        self._keys = keys
        self.tables: dict[str, dict[str, Attributes]] = {}
        self.usage: Counter[str] = Counter()
        self.seconds = 0.0
        """CPU time that the imitation itself took."""
        boto3.setup_default_session(
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106
        )
        if boto3.DEFAULT_SESSION:
            boto3.DEFAULT_SESSION.events.register("before-send", cast(Any, self._answer))

    def reset(self) -> None:
        """Forgets what is stored and counted."""
        self.tables.clear()
        self.usage.clear()
        self.seconds = 0.0

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        if hasattr(request.body, "read"):
            request.body.read()  # checksums are reckoned while it is sent
        began = time.process_time()
        if target := request.headers.get("X-Amz-Target"):
            name = (target if isinstance(target, str) else target.decode()).rpartition(".")[2]
            content = json.dumps(getattr(self, f"_{name}")(json.loads(request.body))).encode()
        else:
            name, content = "PutObject", b""
            self.usage["s3_bytes"] += int(request.headers["X-Amz-Decoded-Content-Length"])
        self.usage[name] += 1
        headers: Any = {"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(content))}
        response = AWSResponse(request.url, 200, headers, _Body(content))
        self.seconds += time.process_time() - began
        return response

    def _GetSecretValue(self, _: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802  the names of AWS
        return {"ARN": "arn", "Name": "name", "SecretString": "secret"}

    def _GetItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        item = self._read(request["TableName"], request["Key"])
        return {"Item": item} if item else {}

    def _BatchGetItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        wanted = request["RequestItems"].items()
        found = {table: [self._read(table, key) for key in keys["Keys"]] for table, keys in wanted}
        return {"Responses": {table: [item for item in items if item] for table, items in found.items()}}

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
        self.usage["write_units"] += max(1, math.ceil(size(item) / WRITE_UNIT))
        return {}

    def _PutEvents(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        self.usage["events"] += len(request["Entries"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}] * len(request["Entries"])}

    def _BatchWriteItem(self, request: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        for table, writes in request["RequestItems"].items():
            for each in writes:
                self._write(table, each["PutRequest"]["Item"], times=1)
                self.usage["index_units"] += math.ceil(size(each["PutRequest"]["Item"]) / WRITE_UNIT)
        return {}

    def _read(self, table: str, key: Attributes) -> Attributes | None:
        item = self.tables.get(table, {}).get(self._id(key))
        self.usage["read_units"] += max(1, math.ceil(size(item or {}) / READ_UNIT))
        return item

    def _write(self, table: str, item: Attributes, times: int) -> None:
        self.usage["items"] += 1
        self.usage["write_units"] += times * math.ceil(size(item) / WRITE_UNIT)
        self.tables.setdefault(table, {})[self._id(item)] = item

    def _add(self, update: Mapping[str, Any]) -> None:
        """``ADD #0 :0, …`` in a transaction."""
        key = update["Key"]
        item = dict(self.tables.get(update["TableName"], {}).get(self._id(key), key))
        for alias, name in update["ExpressionAttributeNames"].items():
            more = Decimal(update["ExpressionAttributeValues"][f":{alias[1:]}"]["N"])
            item[name] = {"N": str(Decimal(item.get(name, {"N": "0"})["N"]) + more)}
        self._write(update["TableName"], item, times=2)

    def _id(self, item: Attributes) -> str:
        return "\n".join(item[name]["S"] for name in self._keys if name in item)


def size(item: Attributes) -> int:
    """Bytes, as DynamoDB counts them; binary values arrive in base64."""
    return item_size(
        {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in item.items()}
    )
