"""Uploads: announced in the items table, sent by browsers to the bucket of image processing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from lambdas.common.calls import aws_call
from lambdas.web_backend.adapters.entries import Entries, expiry, has_expired, key
from lambdas.web_backend.contract import EXPIRES_AT, UPLOAD, UPLOAD_DAYS, Limits, upload_key
from lambdas.web_backend.contract.models import Upload, UploadDraft
from lambdas.web_backend.ports import Reply

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class BrowserUploads(Struct, frozen=True):
    """`Uploads`. ``s3`` makes the client when it is needed first; it has to address buckets in their own Region."""

    entries: Entries
    s3: Callable[[], S3Client]
    bucket_name: str
    limits: Limits
    now: Callable[[], datetime]

    def form(self, user_id: str, upload_id: str, draft: UploadDraft, now: datetime) -> Upload:
        """S3 takes one key, one content type, and one byte up to the limit; nothing else.

        The form ends with the credentials that signed it, if they are the first to expire: a function's own last
        some hours.
        """
        duration = timedelta(minutes=self.limits.upload_minutes)
        content_type = {"Content-Type": draft.content_type}
        with aws_call("sign an upload"):
            signed = self.s3().generate_presigned_post(
                Bucket=self.bucket_name,
                Key=upload_key(user_id, upload_id),
                Fields=content_type,
                Conditions=[content_type, ["content-length-range", 1, self.limits.max_upload_bytes]],
                ExpiresIn=int(duration.total_seconds()),
            )
        return Upload(
            upload_id=upload_id,
            url=signed["url"],
            fields=signed["fields"],
            max_bytes=self.limits.max_upload_bytes,
            expires_at=now + duration,
        )

    def add(self, user_id: str, upload_id: str, now: datetime, reply: Reply | None) -> Reply | None:
        """Remembers an upload for some days."""
        expires = expiry(now + timedelta(days=UPLOAD_DAYS))
        attributes = {**key(user_id, UPLOAD + upload_id), EXPIRES_AT: expires}
        if reply is None:
            self.entries.put(attributes)
            return None
        return self.entries.transact(user_id, [self.entries.putting(attributes)], reply)

    def is_known(self, user_id: str, upload_id: str) -> bool:
        """Whether it was announced in the last days."""
        found = self.entries.get(user_id, UPLOAD + upload_id)
        return found is not None and not has_expired(found, self.now())
