"""What it takes in the emulator for the website to be served, and the deployment alone does on AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from local.environment import ROOT
from local.errors import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUILT = ROOT / "site" / "dist"

# Of everything that the build makes; what the computer knows of content types differs from one to the next.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_IMMUTABLE = "public, max-age=31536000, immutable"
"""For assets, whose names change with their content."""
_NO_CACHE = "no-cache"


_OVER_HTTP = {"Bool": {"aws:SecureTransport": "false"}}


def publish(s3: S3Client, outputs: Mapping[str, str], built: Path = BUILT) -> None:
    """Uploads everything that was built, and ``config.json``: the emulator cannot run the CDK's function for that.

    ``outputs`` are those of stack WebBackend.

    Raises:
        LocalCloudError: the website is not built.
    """
    bucket = outputs["WebsiteBucketName"]
    if not (built / "index.html").is_file():
        raise LocalCloudError(f"The website is not built, {built} has no index.html: run make setup")
    for path in filter(Path.is_file, built.rglob("*")):
        key = path.relative_to(built).as_posix()
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=path.read_bytes(),
            ContentType=_CONTENT_TYPES[path.suffix],
            CacheControl=_IMMUTABLE if key.startswith("assets/") else _NO_CACHE,
        )
    s3.put_object(
        Bucket=bucket,
        Key="config.json",
        Body=outputs["WebsiteConfig"].encode(),
        ContentType="application/json",
        CacheControl=_NO_CACHE,
    )


def admit_cloudfront(s3: S3Client, bucket: str) -> None:
    """Lets the emulator's CloudFront read what the bucket's policy lets it read.

    It asks S3 as if by plain HTTP, which the policies of all buckets refuse.
    """
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    statements = [each for each in policy["Statement"] if each.get("Condition") != _OVER_HTTP]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": statements}))
