"""The event of a MediaConvert job that has ended, as EventBridge delivers it.

Shape by "List of MediaConvert EventBridge events" (AWS Elemental MediaConvert User Guide).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.domain.processing import Rejected

TOKEN: Final = "token"  # noqa: S105  names a file's generation
"""Key of a job's user metadata: `<file id>/<generation>`."""
DESTINATION: Final = "destination"
"""Key of a job's user metadata: what the S3 URIs of its products begin with."""


class _Detail(msgspec.Struct, frozen=True, rename="camel"):
    job_id: str
    status: Literal["COMPLETE", "ERROR", "CANCELED"]
    user_metadata: dict[str, str] = {}
    error_code: int | None = None
    error_message: str | None = None


class _Event(msgspec.Struct, frozen=True):
    detail: _Detail


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A job of file processing that has ended."""

    job: str
    work: Work
    failure: str | None = None
    """None where all is done."""

    def verdict(self) -> Rejected:
        """On the file, where the job failed."""
        message = f"{self.failure}: see that the file plays, and upload it again"
        return Rejected("transcoding_failed", message)


def parse(event: Mapping[str, Any], bucket: str) -> Ended | None:
    """None for jobs that do not write into this bucket: the account may have others."""
    detail = msgspec.convert(event, _Event).detail
    token = detail.user_metadata.get(TOKEN, "")
    file_id, slash, generation = token.partition("/")
    if not slash or not detail.user_metadata.get(DESTINATION, "").startswith(f"s3://{bucket}/"):
        return None
    return Ended(job=detail.job_id, work=Work(file_id=file_id, generation=generation), failure=_failure(detail))


def _failure(detail: _Detail) -> str | None:
    match detail.status:
        case "COMPLETE":
            return None
        case "CANCELED":
            return f"MediaConvert job {detail.job_id} was cancelled"
        case "ERROR":
            reason = f"{detail.error_message} (error {detail.error_code})"
            return f"MediaConvert job {detail.job_id} failed: {reason}"
