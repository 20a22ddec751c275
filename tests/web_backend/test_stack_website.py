"""The website: what CloudFront serves from where, and how."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from stacks.config import STAGES
from stacks.web_backend.config import OwnDomain, WebBackendConfig
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.web_backend.stacks import API, DISTRIBUTION, SITE, TemplateOf, behaviors, configured, distribution, only

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)
in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

# "Use managed cache policies" and "Use managed origin request policies", CloudFront Developer Guide.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["WebBackend"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A website with a name and a firewall of its own, for the whole world."""
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0c0c0c0c"
    config = WebBackendConfig(
        domain=OwnDomain(name="www.example.com", certificate_arn=certificate),
        web_acl_arn="arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1",
        price_class="ALL",
    )
    return configured(config, tmp_path_factory.mktemp("own"))


def _origin(template: Template, path: str) -> dict[str, Any]:
    wanted = behaviors(template)[path]["TargetOriginId"]
    [origin] = [each for each in distribution(template)["Origins"] if each["Id"] == wanted]
    return dict(origin)


# --- paths and origins ----------------------------------------------------------------------------------------------


@every_stage
def test_files_come_from_the_private_bucket_by_signed_requests(template: TemplateOf, stage: str) -> None:
    origin = _origin(template(stage), "*")
    assert origin["DomainName"] == f"${{{SITE}.RegionalDomainName}}"
    control = template(stage).properties(origin["OriginAccessControlId"].strip("${}").partition(".")[0])
    assert control["OriginAccessControlConfig"]["SigningBehavior"] == "always"
    assert template(stage).properties(SITE)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


@every_stage
def test_bucket_lets_in_this_distribution_alone(template: TemplateOf, stage: str) -> None:
    statements = only(template(stage), "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    [allowed] = [each for each in statements if each["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert sorted(allowed["Action"]) == ["s3:GetObject", "s3:ListBucket"]
    here = f"arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{DISTRIBUTION}}}"
    assert allowed["Condition"] == {"StringEquals": {"AWS:SourceArn": here}}


@in_the_cloud
def test_calls_go_to_the_api_under_their_own_path_and_by_tls(template: TemplateOf, stage: str) -> None:
    origin = _origin(template(stage), "/api/*")
    assert origin["DomainName"] == f"${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
    assert "OriginPath" not in origin
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_in_an_emulator_calls_go_to_its_own_address(template: TemplateOf) -> None:
    origin = _origin(template("local"), "/api/*")
    assert (origin["DomainName"], origin["OriginPath"]) == ("127.0.0.1", f"/_aws/execute-api/${{{API}}}")
    custom = origin["CustomOriginConfig"]
    assert (custom["HTTPPort"], custom["OriginProtocolPolicy"]) == (4566, "http-only")


@every_stage
def test_answers_of_the_api_are_never_cached_and_requests_arrive_whole(template: TemplateOf, stage: str) -> None:
    calls = behaviors(template(stage))["/api/*"]
    assert calls["CachePolicyId"] == CACHING_DISABLED
    assert calls["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert set(calls["AllowedMethods"]) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}


@every_stage
def test_failures_of_the_api_are_not_kept_for_others_either(template: TemplateOf, stage: str) -> None:
    """CloudFront keeps these for 10 seconds by itself, even where nothing else is cached."""
    kept = {
        each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in distribution(template(stage))["CustomErrorResponses"]
    }
    assert kept == dict.fromkeys((500, 502, 503, 504), 0)


@every_stage
def test_renditions_come_from_their_bucket_by_signed_requests(template: TemplateOf, stage: str) -> None:
    origin = _origin(template(stage), "/renditions/*")
    assert origin["DomainName"] == "${ImageProcessing/ImageProcessingRenditions.RegionalDomainName}"
    assert "OriginPath" not in origin, "keys begin as paths do"
    assert origin["OriginAccessControlId"]


@every_stage
@pytest.mark.parametrize("path", ["*", "/renditions/*"])
def test_files_are_read_alone_compressed_and_cached_as_they_say(template: TemplateOf, stage: str, path: str) -> None:
    files = behaviors(template(stage))[path]
    assert files["AllowedMethods"] == ["GET", "HEAD"]
    assert (files["CachePolicyId"], files["Compress"]) == (CACHING_OPTIMIZED, True)


@in_the_cloud
def test_browsers_are_sent_to_https(template: TemplateOf, stage: str) -> None:
    policies = {path: each["ViewerProtocolPolicy"] for path, each in behaviors(template(stage)).items()}
    assert policies == dict.fromkeys(("*", "/api/*", "/renditions/*"), "redirect-to-https")


def test_in_an_emulator_browsers_may_stay_with_http(template: TemplateOf) -> None:
    assert {each["ViewerProtocolPolicy"] for each in behaviors(template("local")).values()} == {"allow-all"}


@every_stage
def test_distribution_speaks_http_2_and_3_where_it_costs_least(template: TemplateOf, stage: str) -> None:
    config = distribution(template(stage))
    assert (config["HttpVersion"], config["PriceClass"]) == ("http2and3", "PriceClass_100")


def test_an_own_name_comes_with_its_certificate_and_tls_1_2(own: Template) -> None:
    config = distribution(own)
    assert config["Aliases"] == ["www.example.com"]
    assert config["ViewerCertificate"]["AcmCertificateArn"].endswith("certificate/0c0c0c0c")
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_an_own_firewall_and_price_class_are_taken(own: Template) -> None:
    config = distribution(own)
    assert (config["WebACLId"], config["PriceClass"]) == (
        "arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1",
        "PriceClass_All",
    )


# --- views of the page ----------------------------------------------------------------------------------------------


@every_stage
def test_every_404_stays_a_404(template: TemplateOf, stage: str) -> None:
    """Pages for errors would replace the API's as well."""
    config = distribution(template(stage))
    assert not any("ResponsePagePath" in each for each in config["CustomErrorResponses"])
    assert [path for path, each in behaviors(template(stage)).items() if "FunctionAssociations" in each] == ["*"]


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("/", "/index.html"),
        ("/items", "/index.html"),
        ("/items/0192.4/edit", "/index.html"),
        ("/assets/", "/index.html"),
        ("/index.html", "/index.html"),
        ("/config.json", "/config.json"),
        ("/assets/app-5X2.js", "/assets/app-5X2.js"),
        ("/favicon.ico", "/favicon.ico"),
    ],
)
def test_addresses_of_views_get_the_page_and_files_themselves(template: TemplateOf, asked: str, served: str) -> None:
    node = shutil.which("node")
    assert node, "the CDK needs Node.js, so it is there"
    code = only(template("dev"), "AWS::CloudFront::Function")["FunctionCode"]
    call = f"{code}\nconsole.log(JSON.stringify(handler({{request: {{uri: {json.dumps(asked)}, headers: {{}}}}}})))"
    answer = subprocess.run([node, "--eval", call], check=True, capture_output=True, text=True)
    assert json.loads(answer.stdout) == {"uri": served, "headers": {}}
