"""What the index is to have of files, out of the catalog and the products bucket."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.file_processing.contract import TEXT_PRODUCT
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import Current, Version
from lambdas.file_processing.domain.search import Shown

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NOT_FOUND = {Status.REJECTED, Status.DELETED}
_LONGEST_TITLE = 500


class Catalog(Protocol):
    """Consistent reads of the table of files."""

    def get(self, file_id: str) -> Current | None: ...

    def version(self, file_id: str, version_id: str) -> Version | None: ...


@dataclass(frozen=True)
class CataloguedFiles:
    """The `SearchableFiles`."""

    catalog: Catalog
    client: S3Client
    bucket: str
    max_text_bytes: int

    def shown(self, file_id: str) -> Shown | None:
        """Two reads. If the file changes between them, another message about it follows."""
        current = self.catalog.get(file_id)
        if current is None or current.version_id is None or current.status in _NOT_FOUND:
            return None
        version = self.catalog.version(file_id, current.version_id)
        if version is None or version.status in _NOT_FOUND:
            return None
        texts = (each.key for each in version.products if each.name == TEXT_PRODUCT)
        return Shown(
            file_id=file_id,
            name=version.name,
            kind=version.kind,
            title=_title(version.facts),
            text_key=next(texts, None),
        )

    def text(self, key: str) -> str | None:
        """Cut where the limit is, between two characters."""
        with aws_call(f"read {key}"):
            try:
                body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            except ClientError as error:
                if has_code(error, {"NoSuchKey"}):
                    return None
                raise
            with closing(body):
                return body.read(self.max_text_bytes).decode(errors="ignore")


def _title(facts: str | None) -> str:
    found: Any = msgspec.json.decode(facts).get("title") if facts else None
    return found[:_LONGEST_TITLE] if isinstance(found, str) else ""
