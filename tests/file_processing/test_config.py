"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.file_processing.contract.limits import (
    MEBIBYTE,
    ArchiveLimits,
    DocumentLimits,
    IndexLimits,
    Limits,
    MediaLimits,
    Rendition,
)
from stacks.blocks.function import FunctionConfig
from stacks.file_processing.config import FileProcessingConfig

GIBIBYTE = 1024 * MEBIBYTE
RENDITIONS = tuple(Rendition(name=str(number), height=360) for number in range(12))


def _storage(megabytes: int) -> FunctionConfig:
    return FunctionConfig(timeout_seconds=900, storage_mb=megabytes)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"unpack_function": _storage(6_399)},
            r"unpack_function.storage_mb of 6399 .* limits.max_bytes, 4294967296, with .* of members, .* least 6400$",
        ),
        (
            {"limits": Limits(archives=ArchiveLimits(max_total_bytes=8 * GIBIBYTE))},
            r"unpack_function.storage_mb of 6656 .* limits.archives.max_total_bytes of .*: allow less",
        ),
        ({"transcode_function": _storage(4_352)}, r"transcode_function.storage_mb .*: set at least 5211"),
        (
            {"limits": Limits(media=MediaLimits(renditions=RENDITIONS, max_function_seconds=240))},
            r"transcode_function.storage_mb of 10240 .* limits.media.max_function_seconds, .*: allow less",
        ),
        ({"extract_function": _storage(4_352)}, r"extract_function.storage_mb .*max_text_bytes of text, and .* 4360"),
        ({"validate_function": _storage(8_447)}, r"validate_function.storage_mb .* as many of rows, and .* 8448"),
        ({"measure_function": _storage(512)}, r"measure_function.storage_mb of 512 .*: set at least 4352"),
        (
            {
                "limits": Limits(max_bytes=6 * GIBIBYTE),
                "unpack_function": _storage(10_240),
                "extract_function": _storage(10_240),
            },
            r"validate_function.storage_mb of 8704 does not hold .*: allow less",
        ),
        (
            {"index_function": _storage(3_327)},
            r"index_function.storage_mb of 3327 does not hold an index of index_limits.max_bytes, .* at least 3328",
        ),
        (
            {"index_limits": IndexLimits(max_bytes=2 * GIBIBYTE), "index_function": _storage(6_400)},
            r"search_function.storage_mb of 2560 .* 2147483648, with the one before it, .* set at least 4352",
        ),
        (
            {"recognize_function": FunctionConfig(timeout_seconds=536)},
            r"recognize_function.timeout_seconds of 536 would cut off a batch of files of limits.max_bytes, .* 537, of",
        ),
        (
            {"extract_function": FunctionConfig(timeout_seconds=143, storage_mb=4_608)},
            r"extract_function.timeout_seconds of 143 .* limits.documents.max_seconds after reading files .* 144, of",
        ),
        (
            {"limits": Limits(documents=DocumentLimits(max_seconds=300))},
            r"extract_function.timeout_seconds of 300 would cut off limits.documents.max_seconds after",
        ),
        (
            {"search_function": FunctionConfig(timeout_seconds=30, storage_mb=2_560)},
            r"search_function.timeout_seconds of 30 would go on for nobody, who waits for 30 seconds: set less",
        ),
        ({"limits": Limits(max_bytes=10 * GIBIBYTE)}, r"limits: Expected `int` <= "),
        ({"media_convert_queue_arn": "Default"}, r"media_convert_queue_arn: Expected `str` matching regex"),
        ({"arrivals_batch_size": 11}, r"arrivals_batch_size: Expected `int` <= 10"),
        ({"concurrency": 1}, r"concurrency: Expected `int` >= 2"),
        ({"noncurrent_days": 0}, r"noncurrent_days: Expected `int` >= 1"),
        ({"quarantine_days": 0}, r"quarantine_days: Expected `int` >= 1"),
        ({"keep_days": 14}, r"keep_days of 14 would let a late message .* keeps it for 14 days, so set at least 15"),
        ({"metrics_days": 0}, r"metrics_days: Expected `int` >= 1"),
        ({"quarantine_alarm_percent": 101.0}, r"quarantine_alarm_percent: Expected `float` <= 100"),
        ({"max_wait_minutes": 0}, r"max_wait_minutes: Expected `int` >= 1"),
        ({"max_index_lag_minutes": 0}, r"max_index_lag_minutes: Expected `int` >= 1"),
        ({"index_alarm_percent": 101.0}, r"index_alarm_percent: Expected `float` <= 100"),
        ({"finish_function": FunctionConfig(memory_mb=64)}, r"finish_function: Expected `int` >= 128"),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FileProcessingConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"media_convert": False},
        {"media_convert_queue_arn": "arn:aws:mediaconvert:eu-west-1:123456789012:queues/reserved"},
        {"concurrency": None, "arrivals_batch_size": 1},
        {
            "limits": Limits(max_bytes=MEBIBYTE, archives=ArchiveLimits(max_total_bytes=MEBIBYTE)),
            "unpack_function": FunctionConfig(),
            "validate_function": FunctionConfig(),
            "measure_function": FunctionConfig(),
            "extract_function": FunctionConfig(),
            "recognize_function": FunctionConfig(timeout_seconds=10),
        },
    ],
    ids=["as it comes", "without MediaConvert", "reserved queue", "as many as there are", "small files"],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    FileProcessingConfig(**fields)
