"""Historical files in S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.table_etl.contract import ReasonCode, Task
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.ports import FileGoneError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE = {"NoSuchKey", "NoSuchVersion"}


@dataclass(frozen=True)
class S3Files:
    """The `Files` in a bucket."""

    client: S3Client

    def small(self, bucket: str, key: str, version_id: str | None, most: int) -> bytes:
        """Content of a file; its size is known before it is read."""
        answer = self._get(bucket, key, version_id)
        with closing(answer["Body"]) as body, aws_call(f"read {key}"):
            if answer["ContentLength"] > most:
                raise Rejected(
                    ReasonCode.BAD_MANIFEST, f"{key} has {answer['ContentLength']} bytes; at most {most} are read"
                )
            content: bytes = body.read()
            return content

    @contextmanager
    def stream(self, task: Task, chunk: int) -> Iterator[Iterator[bytes]]:
        """Content of a file; reading on raises UnavailableError where the connection breaks."""
        answer = self._get(task.bucket, task.key, task.version_id)
        with closing(answer["Body"]) as body:
            yield _chunks(body, chunk, task.key)

    def _get(self, bucket: str, key: str, version_id: str | None) -> Any:
        which: Any = {"VersionId": version_id} if version_id else {}
        with aws_call(f"read {key}"):
            try:
                return self.client.get_object(Bucket=bucket, Key=key, **which)
            except ClientError as error:
                if has_code(error, _GONE):
                    raise FileGoneError(f"{key} {version_id}") from error
                raise


def _chunks(body: Any, size: int, key: str) -> Iterator[bytes]:
    with aws_call(f"read {key}"):
        yield from body.iter_chunks(size)
