"""What users of file processing decide."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from lambdas.file_processing.contract.limits import MEBIBYTE, IndexLimits, Limits
from stacks.blocks.fields import Percent, Positive, check_fields
from stacks.blocks.function import FunctionConfig
from stacks.blocks.http_api import TIMEOUT_SECONDS
from stacks.blocks.queue import LONGEST_DAYS

LARGEST_STORAGE_MB = 10_240
"""Of a function's temporary directory."""
SPARE_MB = 256
"""Of a temporary directory, beside the files: what libraries put there."""
BYTES_A_SECOND = 80_000_000
"""That a function reads from S3 and hashes: less than both take on one vCPU, so that a timeout has room."""
RENDITION_BYTES_A_SECOND = 2_500_000
"""Of a rendition: 20 Mbit/s, which only noise needs at 720 lines."""

QueueArn = Annotated[str, msgspec.Meta(pattern=r"\Aarn:[\w-]+:mediaconvert:[a-z0-9-]+:\d{12}:queues/.+\Z")]


@dataclass(frozen=True, kw_only=True)
class FileProcessingConfig:
    """What users of file processing decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    limits: Limits = Limits()
    index_limits: IndexLimits = IndexLimits()
    media_convert: bool = True
    """Let AWS Elemental MediaConvert transcode what takes longer than a function may; else such files are rejected."""
    media_convert_queue_arn: QueueArn | None = None
    """Queue of MediaConvert, as a reserved one; None is the account's default, which is paid for by the minute."""
    noncurrent_days: Positive = 30
    """Days that replaced and deleted files can still be restored."""
    quarantine_days: Positive = 90
    """Days that what was rejected is kept for inspection."""
    keep_days: Positive = 90
    """Days that the catalog tells of replaced and deleted versions; late messages would revive what it forgot."""
    metrics_days: Positive = 400
    """Days that metrics of access logs are kept, counted from the minute that they are about."""
    quarantine_alarm_percent: Percent = 20.0
    """Share of rejected files in 15 minutes above which an alarm is raised."""
    max_wait_minutes: Positive = 60
    """Age of the oldest message of a queue above which an alarm is raised; a file that failed comes back as late as
    six timeouts of its function later."""
    max_index_lag_minutes: Positive = 30
    """Age of the oldest file that is not yet to be found, above which an alarm is raised."""
    index_alarm_percent: Percent = 80.0
    """Of ``index_limits.max_bytes``: an index larger than that raises an alarm, before texts are left out."""
    arrivals_batch_size: Annotated[int, msgspec.Meta(ge=1, le=10)] = 10
    """Files that an invocation of Recognize gets, each of which it reads whole."""
    concurrency: Annotated[int, msgspec.Meta(ge=2, le=1_000)] | None = 100
    """Invocations of Recognize, and of each lane, at a time; further files wait in their queues. An account has 1,000
    at first, for all of its functions. None takes as many as there are."""
    recognize_function: FunctionConfig = FunctionConfig(timeout_seconds=900)
    unpack_function: FunctionConfig = FunctionConfig(timeout_seconds=900, storage_mb=6_656)
    transcode_function: FunctionConfig = FunctionConfig(
        memory_mb=5_307, timeout_seconds=900, storage_mb=LARGEST_STORAGE_MB
    )
    """Three vCPUs, which x264 uses well."""
    extract_function: FunctionConfig = FunctionConfig(timeout_seconds=300, storage_mb=4_608)
    validate_function: FunctionConfig = FunctionConfig(timeout_seconds=900, storage_mb=8_704)
    measure_function: FunctionConfig = FunctionConfig(timeout_seconds=900, storage_mb=4_608)
    finish_function: FunctionConfig = FunctionConfig(memory_mb=512, timeout_seconds=60)
    index_function: FunctionConfig = FunctionConfig(timeout_seconds=120, storage_mb=3_584)
    """While it fails nothing else is indexed: a batch comes back after six timeouts."""
    search_function: FunctionConfig = FunctionConfig(timeout_seconds=25, storage_mb=2_560)
    """After a cold start it gets the whole index before it answers."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.keep_days <= LONGEST_DAYS:
            raise ValueError(
                f"keep_days of {self.keep_days} would let a late message bring a deleted file back: the failure queue "
                f"keeps it for {LONGEST_DAYS} days, so set at least {LONGEST_DAYS + 1}"
            )
        for function, (held, what) in self._held().items():
            self._check_storage(function, held, what)
        self._check_timeouts()

    def _held(self) -> Mapping[str, tuple[int, str]]:
        """Bytes that the temporary directory of a function holds at the most, and what they are."""
        limits, media, index = self.limits, self.limits.media, self.index_limits
        most = limits.max_bytes
        renditions = media.max_function_seconds * len(media.renditions) * RENDITION_BYTES_A_SECOND
        file = f"a file of limits.max_bytes, {most}"
        whole = f"an index of index_limits.max_bytes, {index.max_bytes}"
        return {
            "unpack_function": (
                most + limits.archives.max_total_bytes,
                f"{file}, with limits.archives.max_total_bytes of members",
            ),
            "transcode_function": (
                most + renditions,
                f"{file}, with renditions of limits.media.max_function_seconds",
            ),
            "extract_function": (
                most + limits.documents.max_text_bytes,
                f"{file}, with limits.documents.max_text_bytes of text",
            ),
            "validate_function": (2 * most, f"{file}, with as many of rows"),
            "measure_function": (most, file),
            "index_function": (3 * index.max_bytes, f"{whole}, with twice as much while it is merged"),
            "search_function": (2 * index.max_bytes, f"{whole}, with the one before it"),
        }

    def _check_storage(self, function: str, held: int, what: str) -> None:
        config: FunctionConfig = getattr(self, function)
        least = math.ceil(held / MEBIBYTE) + SPARE_MB
        if config.storage_mb >= least:
            return
        remedy = f"set at least {least}" if least <= LARGEST_STORAGE_MB else "that is more than there is: allow less"
        raise ValueError(
            f"{function}.storage_mb of {config.storage_mb} does not hold {what}, and {SPARE_MB} MB to spare: {remedy}"
        )

    def _check_timeouts(self) -> None:
        reading = self.limits.max_bytes / BYTES_A_SECOND
        for name, function, least, what in (
            ("recognize_function", self.recognize_function, self.arrivals_batch_size * reading, "a batch of"),
            (
                "extract_function",
                self.extract_function,
                reading + self.limits.documents.max_seconds,
                "limits.documents.max_seconds after reading",
            ),
        ):
            if function.timeout_seconds < least:
                raise ValueError(
                    f"{name}.timeout_seconds of {function.timeout_seconds} would cut off {what} files of "
                    f"limits.max_bytes, {self.limits.max_bytes}: set at least {math.ceil(least)}, of 900 that there "
                    f"are, or allow less"
                )
        if self.search_function.timeout_seconds >= TIMEOUT_SECONDS:
            raise ValueError(
                f"search_function.timeout_seconds of {self.search_function.timeout_seconds} would go on for nobody, "
                f"who waits for {TIMEOUT_SECONDS} seconds: set less"
            )
