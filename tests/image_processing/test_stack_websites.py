"""What the buckets let websites do: browsers post pictures, CloudFront serves renditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from lambdas.image_processing.contract import EXTENSIONS, MANIFEST
from stacks.config import STAGES, WebBackendWires
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template, as_list

pytestmark = pytest.mark.xdist_group("synth")

CLOUDFRONT = {"Service": "cloudfront.amazonaws.com"}
PATH = "${ImageProcessingRenditions.Arn}/renditions/p/e-v"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stage whose renditions CloudFront serves."""
    stage = STAGES["dev"]
    stage = replace(stage, image_processing=replace(stage.image_processing, served_by_cloudfront=True))
    return synthesize(stage, tmp_path_factory.mktemp("served"))


@pytest.mark.parametrize("stage", STAGES)
def test_browsers_may_post_from_any_website_and_learn_the_etag(assembly: Callable[[str], Assembly], stage: str) -> None:
    buckets = assembly(stage).templates["ImageProcessing"].of_type("AWS::S3::Bucket")
    assert {name: each["CorsConfiguration"] for name, each in buckets.items() if "CorsConfiguration" in each} == {
        "ImageProcessingUploads": {
            "CorsRules": [{"AllowedMethods": ["POST"], "AllowedOrigins": ["*"], "ExposedHeaders": ["ETag"]}]
        }
    }


def allowed_to_cloudfront(template: Template) -> list[tuple[list[str], list[str], object]]:
    """Actions, resources and conditions by which the buckets' policies let CloudFront in."""
    return [
        (as_list(each["Action"]), as_list(each["Resource"]), each["Condition"])
        for policy in template.of_type("AWS::S3::BucketPolicy").values()
        for each in policy["PolicyDocument"]["Statement"]
        if each["Principal"] == CLOUDFRONT
    ]


def test_cloudfront_of_this_account_alone_may_read_and_do_nothing_else(served: Assembly) -> None:
    [(actions, _, condition)] = allowed_to_cloudfront(served.templates["ImageProcessing"])
    assert actions == ["s3:GetObject"]
    mine = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/*"
    assert condition == {"ArnLike": {"AWS:SourceArn": mine}}


def test_cloudfront_reads_renditions_of_every_format(served: Assembly) -> None:
    [(_, resources, _)] = allowed_to_cloudfront(served.templates["ImageProcessing"])
    for extension in EXTENSIONS.values():
        assert any(fnmatchcase(f"{PATH}/phone.{extension}", each) for each in resources), extension


def test_cloudfront_reads_no_manifest_and_nothing_outside_of_its_path(served: Assembly) -> None:
    [(_, resources, _)] = allowed_to_cloudfront(served.templates["ImageProcessing"])
    for key in (f"{PATH}/{MANIFEST}", "${ImageProcessingRenditions.Arn}/p/phone.jpg"):
        assert not any(fnmatchcase(key, each) for each in resources), key


def test_a_bucket_that_cloudfront_reads_raises_no_finding(served: Assembly) -> None:
    assert not [each for each in served.findings if "Renditions" in each.construct]


def test_cloudfront_reads_nothing_unless_it_is_asked_to(tmp_path: Path) -> None:
    alone = synthesize(replace(STAGES["dev"], web_backend_wires=WebBackendWires(pictures=False)), tmp_path)
    assert allowed_to_cloudfront(alone.templates["ImageProcessing"]) == []
