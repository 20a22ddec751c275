"""What the laptop cloud does in place of the deployment's own function, for the website to be served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from local import site
from local.errors import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OUTPUTS = {"WebsiteBucketName": "website", "WebsiteConfig": '{"apiUrl": "/api"}'}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    """With an empty bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="website")
        yield client


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A website of three files."""
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "assets/app-1.js", "assets/icon-2.svg"):
        (tmp_path / name).write_text(name)
    return tmp_path


def served(s3: S3Client, key: str) -> tuple[str, str, str]:
    """Body, content type and caching of an object."""
    found = s3.get_object(Bucket="website", Key=key)
    return found["Body"].read().decode(), found["ContentType"], found["CacheControl"]


def test_assets_are_kept_for_good_and_pages_asked_for_each_time(s3: S3Client, built: Path) -> None:
    site.publish(s3, OUTPUTS, built)
    forever = "public, max-age=31536000, immutable"
    assert served(s3, "assets/app-1.js") == ("assets/app-1.js", "text/javascript; charset=utf-8", forever)
    assert served(s3, "assets/icon-2.svg") == ("assets/icon-2.svg", "image/svg+xml", forever)
    assert served(s3, "index.html") == ("index.html", "text/html; charset=utf-8", "no-cache")


def test_the_page_finds_what_the_stack_says_of_itself(s3: S3Client, built: Path) -> None:
    site.publish(s3, OUTPUTS, built)
    assert served(s3, "config.json") == ('{"apiUrl": "/api"}', "application/json", "no-cache")


def test_a_website_that_is_not_built_is_told_with_what_to_do(s3: S3Client, tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="make setup"):
        site.publish(s3, OUTPUTS, tmp_path)


def test_of_a_buckets_policy_only_the_refusal_of_plain_http_goes(s3: S3Client) -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    http = {**denied, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    old_tls = {**denied, "Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}}
    s3.put_bucket_policy(Bucket="website", Policy=json.dumps({"Version": "2012-10-17", "Statement": [http, old_tls]}))
    site.admit_cloudfront(s3, "website")
    policy = json.loads(s3.get_bucket_policy(Bucket="website")["Policy"])
    assert policy == {"Version": "2012-10-17", "Statement": [old_tls]}
