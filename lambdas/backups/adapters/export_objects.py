"""Objects of exports in the vault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.backups.ports import ObjectGoneError
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 1024 * 1024
_GONE = {"NoSuchKey"}


@dataclass(frozen=True)
class S3ExportObjects:
    """The `ExportObjects` in S3."""

    client: S3Client
    bucket: str

    def content(self, key: str) -> bytes:
        """All of an object."""
        with closing(self._body(key)) as body, aws_call(f"read {key}"):
            content: bytes = body.read()
            return content

    @contextmanager
    def stream(self, key: str) -> Iterator[Iterator[bytes]]:
        """Content of an object; reading on raises UnavailableError where the connection breaks."""
        with closing(self._body(key)) as body:
            yield _chunks(body, key)

    def _body(self, key: str) -> Any:
        with aws_call(f"read {key}"):
            try:
                return self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            except ClientError as error:
                if has_code(error, _GONE):
                    raise ObjectGoneError(key) from error
                raise


def _chunks(body: Any, key: str) -> Iterator[bytes]:
    with aws_call(f"read {key}"):
        while chunk := body.read(_CHUNK):
            yield chunk
