"""Objects of the backfill bucket: which were dropped, what they are by their names, and how they are refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from lambdas.table_etl.contract import FilePosition, Form, Quarantined, ReasonCode, Task
from lambdas.table_etl.domain.rejection import Rejected

_FORMS = {".jsonl": Form.JSON, ".ndjson": Form.JSON, ".csv": Form.CSV}
_GZIP = ".gz"
_EXPORT = r"(?:\A|/)AWSDynamoDB/"
_SUMMARY = re.compile(_EXPORT + r"[^/]+/manifest-summary\.json\Z")
_BROUGHT_IN = re.compile(
    _EXPORT
    + r"(?:[^/]+/)?(?:data/[^/]+|_started|_progress\.json|manifest-files\.json|manifest-\w+\.(?:md5|checksum))\Z"
)


class MalformedEventError(ValueError):
    """The event is none that this function is for; it is raised, and ends whole in the failure queue."""


class Dropped(msgspec.Struct, frozen=True):
    """A new version of an object."""

    bucket: str
    key: str
    version_id: str
    moment: datetime
    """When it was dropped."""
    size: int


def dropped(notification: Mapping[str, Any]) -> list[Dropped]:
    """What an S3 notification tells of ("Event message structure", Amazon S3 User Guide), in its order.

    Raises:
        MalformedEventError: it is no such notification, or of a bucket without versions.
    """
    try:
        return [_dropped(record) for record in notification["Records"]]
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedEventError(
            f"no notification of new objects in a versioned S3 bucket ({error!r}): correct what invokes the function"
        ) from error


def _dropped(record: Mapping[str, Any]) -> Dropped:
    if not record["eventName"].startswith("ObjectCreated:"):
        raise ValueError(record["eventName"])
    item: Mapping[str, Any] = record["s3"]["object"]
    # Keys arrive as in an HTML form: "all orders.csv" is "all+orders.csv".
    key = unquote_plus(item["key"], errors="strict")
    moment = datetime.fromisoformat(record["eventTime"])
    return Dropped(record["s3"]["bucket"]["name"], key, item["versionId"], moment, item["size"])


def is_export(key: str) -> bool:
    """Whether the object tells of a whole DynamoDB export; DynamoDB writes it last."""
    return _SUMMARY.search(key) is not None


def is_nothing(file: Dropped) -> bool:
    """Whether there is nothing to do: the summary of an export brings its parts in, consoles make empty folders."""
    return _BROUGHT_IN.search(file.key) is not None or (file.size == 0 and file.key.endswith("/"))


def task(file: Dropped) -> Task:
    """How to load a file of its own. Raises Rejected for names of another kind."""
    name = file.key.lower()
    gzip = name.endswith(_GZIP)
    for ending, form in _FORMS.items():
        if name.removesuffix(_GZIP).endswith(ending):
            return Task(
                bucket=file.bucket,
                key=file.key,
                version_id=file.version_id,
                form=form,
                gzip=gzip,
                moment=file.moment,
            )
    raise Rejected(
        ReasonCode.UNSUPPORTED_FILE,
        "files are JSON Lines (.jsonl, .ndjson), CSV (.csv), either of them as .gz, too, or a DynamoDB export under "
        "AWSDynamoDB/: convert it, or correct its name, and drop it again",
    )


def file_id(task: Task) -> str:
    """Tells rows of files apart that were dropped at the same time; exports have no two rows of one item."""
    if task.form is Form.EXPORT:
        return ""
    return hashlib.sha256(f"{task.bucket}\0{task.key}\0{task.version_id}".encode()).hexdigest()[:8]


def rejected_file(file: Dropped | Task, error: Rejected, row: int = 0) -> Quarantined:
    """A whole file as quarantine keeps it, or what there is of it from a row on: by name, for it stays where it is."""
    return Quarantined(
        reason=error.code,
        message=error.message,
        position=FilePosition(file.bucket, file.key, file.version_id, row),
        form=None,
        payload=file.key.encode(),
        complete=False,
    )


def tasked(message: Mapping[str, Any]) -> Task:
    """The task in a message of the queue ("Using Lambda with Amazon SQS"). Raises MalformedEventError."""
    try:
        return msgspec.json.decode(message["body"], type=Task)
    except (LookupError, msgspec.DecodeError) as error:
        raise MalformedEventError(f"message {message.get('messageId')} is no task: {error}") from error
