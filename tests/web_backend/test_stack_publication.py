"""How the website's files get into its bucket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from stacks.config import STAGES
from stacks.web_backend import publication
from stacks.web_backend.publication import SitePublication
from tests.support.synthesis import NO_BUNDLING, Assembly
from tests.support.templates import Template
from tests.web_backend.stacks import SITE, TemplateOf

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

DEPLOYMENT = "Custom::CDKBucketDeployment"
ROLE = "WebBackendPublicationRole"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["WebBackend"]


def _deployments(template: Template) -> dict[str, dict[str, Any]]:
    """By what they let browsers keep."""
    found = {each["SystemMetadata"]["cache-control"]: each for each in template.of_type(DEPLOYMENT).values()}
    assert len(found) == len(template.of_type(DEPLOYMENT))
    return found


@in_the_cloud
def test_browsers_keep_files_that_are_named_by_their_content_and_ask_for_all_others(
    template: TemplateOf, stage: str
) -> None:
    found = _deployments(template(stage))
    assert set(found) == {"public, max-age=31536000, immutable", "no-cache"}
    hashed, pages = found["public, max-age=31536000, immutable"], found["no-cache"]
    assert (hashed["Exclude"], hashed["Include"]) == (["*"], ["assets/*"])
    assert (pages["Exclude"], pages.get("Include")) == (["assets/*"], None)


@in_the_cloud
def test_pages_come_with_the_config_and_after_the_files_that_they_ask_for(template: TemplateOf, stage: str) -> None:
    pages = _deployments(template(stage))["no-cache"]
    assert len(pages["SourceObjectKeys"]) == 2
    resources = template(stage).resources
    [name] = [each for each, found in resources.items() if found.get("Properties") is pages]
    others = set(template(stage).of_type(DEPLOYMENT)) - {name}
    assert others <= set(resources[name]["DependsOn"])


@in_the_cloud
def test_files_of_an_earlier_website_go_but_for_those_that_its_page_still_asks_for(
    template: TemplateOf, stage: str
) -> None:
    """Hashed files come first, and its page is there until the new one is; some browsers have it open for longer."""
    found = _deployments(template(stage))
    assert {each["DestinationBucketName"] for each in found.values()} == {f"${{{SITE}}}"}
    assert {name: each["Prune"] for name, each in found.items()} == {
        "public, max-age=31536000, immutable": False,
        "no-cache": True,
    }


@in_the_cloud
def test_publisher_may_fill_this_bucket_and_read_what_the_cdk_uploads(template: TemplateOf, stage: str) -> None:
    bucket = f"${{{SITE}.Arn}}"
    uploaded = "arn:${AWS::Partition}:s3:::cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/*"
    assert template(stage).statements(ROLE) == [
        {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": ["${WebBackendPublicationLogs.Arn}"]},
        {"Action": ["s3:GetObject"], "Resource": [uploaded]},
        {"Action": ["s3:ListBucket"], "Resource": [bucket]},
        {"Action": ["s3:DeleteObject", "s3:PutObject"], "Resource": [f"{bucket}/*"]},
    ]


def test_in_an_emulator_nothing_is_published(template: TemplateOf) -> None:
    assert template("local").of_type(DEPLOYMENT) == {}


def _publish(context: dict[str, Any]) -> None:
    stack = Stack(App(analytics_reporting=False, context=context))
    bucket = s3.Bucket(stack, "Bucket")
    SitePublication(stack, "Publication", STAGES["dev"].shared, bucket=bucket, config_json="{}")


def test_a_website_that_is_not_built_fails_at_synth_and_says_how_to_build_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(publication, "BUILT", tmp_path / "dist")
    with pytest.raises(FileNotFoundError, match=r"not built, so there is nothing to publish in .*dist: run make setup"):
        _publish({})


def test_templates_can_be_looked_at_before_the_website_is_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(publication, "BUILT", tmp_path / "dist")
    _publish(NO_BUNDLING)
