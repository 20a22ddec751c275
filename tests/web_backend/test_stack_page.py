"""What the website's page may do, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from lambdas.web_backend.api import SIGNING
from stacks.config import STAGES
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.web_backend.stacks import TemplateOf, behaviors, only

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)
in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

REGIONAL = "${ImageProcessing/ImageProcessingUploads.RegionalDomainName}"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["WebBackend"]


# --- what the page may do -------------------------------------------------------------------------------------------


def _headers(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = only(template, "AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    return found


def _directives(template: Template) -> dict[str, list[str]]:
    policy = _headers(template)["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    assert policy["Override"] is True
    return {name: values for name, *values in (each.split() for each in policy["ContentSecurityPolicy"].split(";"))}


@every_stage
def test_every_answer_carries_the_security_headers(template: TemplateOf, stage: str) -> None:
    [name] = template(stage).of_type("AWS::CloudFront::ResponseHeadersPolicy")
    used = {each["ResponseHeadersPolicyId"] for each in behaviors(template(stage)).values()}
    assert used == {f"${{{name}}}"}
    headers = _headers(template(stage))["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 365 * 24 * 60 * 60
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin"
    assert [each["Override"] for each in headers.values()] == [True] * len(headers)
    assert "ContentTypeOptions" in headers


@every_stage
def test_page_gets_no_device_and_no_place_of_its_users(template: TemplateOf, stage: str) -> None:
    [custom] = _headers(template(stage))["CustomHeadersConfig"]["Items"]
    assert custom["Header"] == "permissions-policy"
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(custom["Value"].split(", "))


@every_stage
def test_page_is_made_of_the_own_origin_alone(template: TemplateOf, stage: str) -> None:
    directives = _directives(template(stage))
    del directives["connect-src"]
    assert directives == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


@in_the_cloud
def test_page_may_talk_to_cognito_and_the_uploads_bucket_beside_its_own_origin(
    template: TemplateOf, stage: str
) -> None:
    cognito = "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}"
    assert set(_directives(template(stage))["connect-src"]) == {"'self'", cognito, f"https://{REGIONAL}"}


def test_in_an_emulator_the_page_may_talk_to_it(template: TemplateOf) -> None:
    assert _directives(template("local"))["connect-src"] == ["'self'", "http://127.0.0.1:4566"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_forms_of_uploads_go_where_the_page_may_send_them(region: str) -> None:
    """A bucket's RegionalDomainName, which the policy above lets in."""
    session = boto3.Session("testing", "testing", region_name=region)
    client = session.client("s3", config=SIGNING)
    form = client.generate_presigned_post("uploads", "users/1/2")
    assert urlsplit(form["url"]).netloc == f"uploads.s3.{region}.amazonaws.com"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_forms_of_uploads_are_signed_as_new_buckets_ask_for(region: str) -> None:
    """Version 2 is refused by buckets that were made since June 24, 2020 (Amazon S3 User Guide)."""
    client = boto3.Session("testing", "testing", region_name=region).client("s3", config=SIGNING)
    form = client.generate_presigned_post("uploads", "users/1/2")
    assert form["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


# --- what it is told ------------------------------------------------------------------------------------------------


@in_the_cloud
def test_page_is_told_where_everything_is(template: TemplateOf, stage: str) -> None:
    assert json.loads(template(stage).outputs["WebsiteConfig"]) == {
        "region": "${AWS::Region}",
        "userPoolClientId": "${WebBackendUsersPoolClient}",
        "passwordLength": 12,
        "cognitoUrl": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}",
        "apiUrl": "/api",
        "uploadOrigin": f"https://{REGIONAL}",
        "wired": ["metrics", "pictures", "shop"],
        "featuredMetrics": ["clickstream.views", "clickstream.unique_visitors", "clickstream.pages"],
    }


def test_in_an_emulator_the_page_is_told_of_it(template: TemplateOf) -> None:
    told = json.loads(template("local").outputs["WebsiteConfig"])
    assert told["cognitoUrl"] == told["uploadOrigin"] == "http://127.0.0.1:4566"
