"""AWS Elemental MediaConvert, which transcodes what takes longer than a function may."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.file_processing.domain.media.ended import DESTINATION, TOKEN
from lambdas.file_processing.domain.media.geometry import Size, fitted
from lambdas.file_processing.domain.media.renditions import VIDEO_STEM, modifier
from lambdas.file_processing.domain.processing import Job, Rejected

if TYPE_CHECKING:
    from mypy_boto3_mediaconvert import MediaConvertClient

_REFUSED: Final = {"BadRequestException"}
_SELECTOR: Final = "Audio Selector 1"
_LEAST_SIDE: Final = 32
"""Pixels that the service writes at least."""
_QUALITY: Final = 7
"""Of quality-defined variable bit rate, from 1 to 10: for television screens and tablets, the guide says."""
_MAX_BITS_PER_PIXEL: Final = 5.5
"""A second, so 5 Mbit/s at 720p: what the quality may cost at most."""
_LEAST_BIT_RATE: Final = 100_000
_ROTATIONS: Final = {0: "DEGREE_0", 90: "DEGREES_90", 180: "DEGREES_180", 270: "DEGREES_270"}


@dataclass(frozen=True)
class MediaConvertJobs:
    """The `Jobs` in MediaConvert; renditions look as those of the function do, and have the same names.

    The service takes a token for the same job within a minute only. A function that was killed after it had started
    one starts another, which writes the same files.
    """

    client: MediaConvertClient
    role_arn: str
    queue_arn: str
    """Empty for the account's default queue."""

    def start(self, job: Job, source: str, destination: str, token: str) -> str:
        """Starts the job, or finds the one that was started a moment ago."""
        with aws_call(f"start a job for {source!r}"):
            try:
                answer = self.client.create_job(
                    **request(job, source, destination, token), Role=self.role_arn, **self._queue()
                )
            except ClientError as error:
                if has_code(error, _REFUSED):
                    raise Rejected("job_refused", f"MediaConvert does not take it: {error}") from error
                raise
        return answer["Job"]["Id"]

    def _queue(self) -> Any:
        return {"Queue": self.queue_arn} if self.queue_arn else {}


def request(job: Job, source: str, destination: str, token: str) -> Any:
    """Of CreateJob, less role and queue."""
    return {
        # At most 64 characters are taken.
        "ClientRequestToken": hashlib.sha256(token.encode()).hexdigest(),
        "UserMetadata": {TOKEN: token, DESTINATION: destination},
        "StatusUpdateInterval": "SECONDS_600",
        "Settings": {
            "TimecodeConfig": {"Source": "ZEROBASED"},
            "Inputs": [_input(job, source)],
            "OutputGroups": [
                {
                    "OutputGroupSettings": {
                        "Type": "FILE_GROUP_SETTINGS",
                        "FileGroupSettings": {"Destination": destination + VIDEO_STEM},
                    },
                    "Outputs": [_output(job, name, lines) for name, lines in job.heights.items()],
                }
            ],
        },
    }


def _input(job: Job, source: str) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "FileInput": source,
        "TimecodeSource": "ZEROBASED",
        # By what was seen in the file: the service reads rotations in MP4 and MOV alone.
        "VideoSelector": {"Rotate": _ROTATIONS[job.rotation]},
    }
    if job.has_audio:
        settings["AudioSelectors"] = {_SELECTOR: {"DefaultSelection": "DEFAULT"}}
    return settings


def _output(job: Job, name: str, lines: int) -> dict[str, Any]:
    output: dict[str, Any] = {
        "NameModifier": modifier(name),
        "Extension": "mp4",
        "ContainerSettings": {"Container": "MP4", "Mp4Settings": {"MoovPlacement": "PROGRESSIVE_DOWNLOAD"}},
        "VideoDescription": _video(fitted(Size(job.width, job.height), lines), is_hdr=job.is_hdr),
    }
    if job.has_audio:
        output["AudioDescriptions"] = [_AUDIO]
    return output


def _video(size: Size, *, is_hdr: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {
        # The size has the shape of the source already, but for less than a pixel.
        "Width": max(_LEAST_SIDE, size.width),
        "Height": max(_LEAST_SIDE, size.height),
        "ScalingBehavior": "STRETCH_TO_OUTPUT",
        "CodecSettings": {
            "Codec": "H_264",
            "H264Settings": {
                "RateControlMode": "QVBR",
                "QvbrSettings": {"QvbrQualityLevel": _QUALITY},
                "MaxBitrate": max(_LEAST_BIT_RATE, int(size.pixels * _MAX_BITS_PER_PIXEL)),
                "QualityTuningLevel": "SINGLE_PASS_HQ",
                "CodecProfile": "HIGH",
                "FramerateControl": "INITIALIZE_FROM_SOURCE",
                "InterlaceMode": "PROGRESSIVE",
                "GopSize": 2,
                "GopSizeUnits": "SECONDS",
                "ParControl": "SPECIFIED",
                "ParNumerator": 1,
                "ParDenominator": 1,
            },
        },
    }
    if is_hdr:
        settings["VideoPreprocessors"] = {"ColorCorrector": {"ColorSpaceConversion": "FORCE_709"}}
    return settings


_AUDIO: Final = {
    "AudioSourceName": _SELECTOR,
    "CodecSettings": {
        "Codec": "AAC",
        "AacSettings": {"Bitrate": 128_000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48_000},
    },
}
