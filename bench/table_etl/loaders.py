"""Functions that load a table's changes, each as a process: `python -m bench.table_etl.loaders <name> [target…]`.

A process loads the event in ``before`` once, then answers `{path, parse}` with `{seconds, calls, usage, digest}`: the
CPU time of loading the event in that file, boto3 at work but AWS in memory, with or without parsing it, as Lambda's
runtime does; the calls that it made, and what all of it is billed for; a hash of the rows that the read model holds
then.
"""

from __future__ import annotations

import copy
import gc
import hashlib
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.client import BaseClient

from bench.wire import Aws
from lambdas.common.tables.read_model import layout
from lambdas.table_etl.contract import Limits, LoadSettings, Targets

TABLE = "TableEtl-ReadModel-1ABCDEFGHIJKL"
WITHOUT_BOTO3 = "without-boto3"
"""In the place of a target: see `without_boto3`."""
FIELDS = ("order_id", "placed_at", "status", "currency", "total", "channel", "tags", "lines")

Handle = Callable[[dict[str, Any]], object]


class Context(NamedTuple):
    """What the function reads of Lambda's context."""

    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


def ours(targets: Sequence[str]) -> Handle:
    """The whole Load function, logs and metrics included."""
    names = {
        "read-model": {"read_model_table_name": TABLE},
        "lake": {"lake_bucket_name": "tableetl-lake-1abcdefghijkl"},
        "outlet": {"event_bus_name": "TableEtlOutlet"},
    }
    chosen: Any = {name: value for target in targets for name, value in names[target].items()}
    settings = LoadSettings(
        service="TableEtl",
        metrics_namespace="TableEtl",
        pipeline="orders",
        limits=Limits(),
        targets=Targets(**chosen),
        quarantine_bucket_name="tableetl-quarantine-1abcdefghijkl",
    )
    os.environ |= settings.to_env()
    from lambdas.table_etl.load import handler, runtime

    runtime()

    def handle(event: dict[str, Any]) -> None:
        answer = handler(event, Context())
        if answer != {"batchItemFailures": [], "quarantined": None}:
            raise RuntimeError(f"the function did not load everything: {answer}")

    return handle


def straightforward(_: Sequence[str]) -> Handle:
    """What one writes first: a deserializer, a dict comprehension, and a call for each record."""
    table = boto3.resource("dynamodb").Table(TABLE)
    deserialize = TypeDeserializer().deserialize

    def handle(event: dict[str, Any]) -> None:
        for record in event["Records"]:
            change = record["dynamodb"]
            if record["eventName"] == "REMOVE":
                table.delete_item(Key={"order_id": _order_id(change["Keys"])})
            else:
                item = {name: deserialize(value) for name, value in change["NewImage"].items()}
                table.put_item(Item={name: item[name] for name in FIELDS})

    return handle


def _order_id(keys: Mapping[str, Any]) -> str:
    return str(keys["sk"]["S"]).rpartition("#")[2]


LOADERS = {"ours": ours, "straightforward": straightforward}


def digest(aws: Aws) -> str:
    """Of the orders that the table holds, without what only one of them keeps."""
    rows = [item for item in aws.tables[TABLE].values() if "order_id" in item]
    texts = sorted(json.dumps({name: _plain(row[name]) for name in FIELDS}, sort_keys=True) for row in rows)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _plain(value: dict[str, Any]) -> Any:
    """Fractions of seconds are spelt in more ways than one, and sets have no order."""
    ((kind, content),) = value.items()
    return sorted(content) if kind == "SS" else re.sub(r"\.(\d*?)0*Z$", r".\1Z", str(content)).replace(".Z", "Z")


def serve(name: str, targets: Sequence[str]) -> None:
    """Answers requests until its input ends."""
    answers, logs = sys.stdout, io.StringIO()
    with redirect_stdout(logs):  # Powertools' logger keeps the stream that it finds here
        aws = _aws(name)
        if WITHOUT_BOTO3 in targets:
            without_boto3(aws, name)
        handle = LOADERS[name]([target for target in targets if target != WITHOUT_BOTO3])
        print(json.dumps({"ready": name}), file=answers, flush=True)
        before: dict[str, Any] = {}
        for line in sys.stdin:
            request = json.loads(line)
            if not before:
                handle(json.loads(Path(request["before"]).read_text()))
                before = copy.deepcopy(aws.tables)
            aws.reset()
            aws.tables.update(copy.deepcopy(before))
            stored = aws.stored_bytes
            logs.truncate(logs.seek(0))
            seconds = _seconds(handle, Path(request["path"]).read_text(), parse=request["parse"]) - aws.seconds
            calls = {each: count for each, count in aws.usage.items() if each[0].isupper()}
            usage = dict(aws.usage) | {"stored_bytes": aws.stored_bytes - stored, "log_bytes": len(logs.getvalue())}
            found = digest(aws) if aws.tables else None
            answer = {"seconds": seconds, "calls": calls, "usage": usage, "digest": found}
            print(json.dumps(answer), file=answers, flush=True)


def _aws(name: str) -> Aws:
    if name == "ours":
        return Aws(layout.PARTITION, layout.SORT, index=(layout.VIEW, layout.VIEW_SORT))
    return Aws("order_id")


def without_boto3(aws: Aws, name: str) -> None:
    """Lets the clients' methods answer at once, so that what is left is the code that calls them."""

    def answer(_: Any, operation: str, parameters: Any) -> Any:
        return aws.answer(operation, parameters) if name == "ours" else {}

    BaseClient._make_api_call = answer  # type: ignore[attr-defined]  # noqa: SLF001


def _seconds(handle: Handle, text: str, *, parse: bool) -> float:
    event = json.loads(text)
    gc.collect()
    gc.freeze()  # what AWS holds in memory is nothing that the garbage collector of a function would look at
    began = time.process_time()
    handle(json.loads(text) if parse else event)
    seconds = time.process_time() - began
    gc.unfreeze()
    return seconds


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
