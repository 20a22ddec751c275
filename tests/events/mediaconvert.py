"""Events of AWS Elemental MediaConvert as EventBridge delivers them.

https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_event_list.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_ACCOUNT, _REGION = "111122223333", "us-west-2"


def complete(job: str, metadata: Mapping[str, str], paths: Sequence[str]) -> dict[str, Any]:
    """A job that wrote files with these S3 URIs ("File group")."""
    details = [
        {
            "outputFilePaths": [path],
            "durationInMs": 180_041,
            "videoDetails": {"averageBitrate": 200_000, "widthInPx": 1280, "heightInPx": 720, "qvbrAvgQuality": 7.38},
        }
        for path in paths
    ]
    group = {"outputDetails": details, "type": "FILE_GROUP"}
    more = {"paddingInserted": 0, "blackVideoDetected": 10, "warnings": [{"code": 230_005, "count": 1}]}
    return _event(job, metadata, status="COMPLETE", outputGroupDetails=[group], **more)


def error(job: str, metadata: Mapping[str, str], code: int, message: str) -> dict[str, Any]:
    """A job of which at least one output failed ("Events with ERROR status")."""
    return _event(job, metadata, status="ERROR", errorCode=code, errorMessage=message)


def canceled(job: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    """A job that somebody stopped ("Events with CANCELED status")."""
    return _event(job, metadata, status="CANCELED")


def _event(job: str, metadata: Mapping[str, str], **detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "account": _ACCOUNT,
        "time": "2018-01-07T23:35:20Z",
        "region": _REGION,
        "resources": [f"arn:aws:mediaconvert:{_REGION}:{_ACCOUNT}:jobs/{job}"],
        "detail": {
            "timestamp": 1_515_368_120_764,
            "accountId": _ACCOUNT,
            "queue": f"arn:aws:mediaconvert:{_REGION}:{_ACCOUNT}:queues/Default",
            "jobId": job,
            "userMetadata": dict(metadata),
            **detail,
        },
    }
