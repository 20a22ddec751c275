"""Lambda function behind the queue of video and audio: stills and renditions, or a job for what takes too long."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3

from lambdas.common.observability import InvocationContext
from lambdas.file_processing.adapters.mediaconvert import MediaConvertJobs
from lambdas.file_processing.contract import TranscodeSettings
from lambdas.file_processing.runtime.lanes import LaneRuntime, consume, lane_runtime


@cache
def runtime() -> LaneRuntime:
    """Wires the function once, out of its environment."""
    settings = TranscodeSettings.from_env(os.environ)
    return lane_runtime(settings, jobs=_jobs(settings) if settings.media_convert_role_arn else None)


def _jobs(settings: TranscodeSettings) -> MediaConvertJobs:
    client = boto3.client("mediaconvert")
    return MediaConvertJobs(client, settings.media_convert_role_arn, settings.media_convert_queue_arn)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Looks at each message of a batch; the answer names those that are to come again."""
    return consume(event, context, runtime())
