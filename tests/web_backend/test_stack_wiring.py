"""What of other use cases is wired: with each wire come its routes, settings, rights and paths, and go with it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from aws_cdk import App

from lambdas.web_backend.contract import ApiSettings, Wiring
from lambdas.web_backend.contract.routes import ROUTES
from stacks.compose import compose
from stacks.config import STAGES
from stacks.table_etl.config import TableEtlConfig, TargetKind
from tests.support.synthesis import Assembly
from tests.web_backend.stacks import FUNCTION, ROLE, route_keys, wired

pytestmark = pytest.mark.xdist_group("synth")

WIRES = ("pictures", "metrics", "shop")
_FOREIGN = re.compile(r"\$\{(\w+)/")
PRODUCERS = {"pictures": "ImageProcessing", "metrics": "StreamAnalytics", "shop": "TableEtl"}


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assembly]:
    """Stage dev with each wire alone, and ``alone`` with none."""
    directory = tmp_path_factory.mktemp("wiring")
    return {"alone": wired(directory / "alone")} | {wire: wired(directory / wire, **{wire: True}) for wire in WIRES}


each_wire = pytest.mark.parametrize("wire", WIRES)
each_assembly = pytest.mark.parametrize("name", ["alone", *WIRES])


@each_assembly
def test_stack_brings_its_producers_and_no_other_stack(assemblies: dict[str, Assembly], name: str) -> None:
    """What the CDK CLI deploys before it."""
    manifest = json.loads((assemblies[name].directory / "manifest.json").read_text())
    stacks = {*PRODUCERS.values(), "MobileBackend"}
    needed = set(manifest["artifacts"]["WebBackend"]["dependencies"]) & stacks
    assert needed == ({PRODUCERS[name]} if name in PRODUCERS else set())


@each_assembly
def test_routes_are_those_whose_needs_are_met(assemblies: dict[str, Assembly], name: str) -> None:
    template = assemblies[name].templates["WebBackend"]
    expected = {route.path for route in ROUTES if route.needs in {None, name}}
    assert {key.split(" ")[1] for key in route_keys(template)} == expected


@each_assembly
def test_function_is_told_of_what_is_wired_alone(assemblies: dict[str, Assembly], name: str) -> None:
    environment = assemblies[name].templates["WebBackend"].properties(FUNCTION)["Environment"]["Variables"]
    wiring = ApiSettings.from_env(environment).wiring
    assert wiring.needs_met == ({name} if name in PRODUCERS else set())
    assert name in PRODUCERS or wiring == Wiring()


@each_wire
def test_rights_to_other_stacks_are_to_the_wired_one_alone(assemblies: dict[str, Assembly], wire: str) -> None:
    resources = [arn for each in assemblies[wire].templates["WebBackend"].statements(ROLE) for arn in each["Resource"]]
    assert {found[1] for arn in resources if (found := _FOREIGN.match(arn))} == {PRODUCERS[wire]}


@each_assembly
def test_page_is_told_of_what_is_wired_alone(assemblies: dict[str, Assembly], name: str) -> None:
    told = _site_config(assemblies[name])
    assert told["wired"] == ([name] if name in PRODUCERS else [])
    assert bool(told["uploadOrigin"]) == (name == "pictures")
    assert bool(told["featuredMetrics"]) == (name == "metrics")


@each_assembly
def test_renditions_are_served_where_pictures_are_wired(assemblies: dict[str, Assembly], name: str) -> None:
    [distribution] = assemblies[name].templates["WebBackend"].of_type("AWS::CloudFront::Distribution").values()
    paths = {each["PathPattern"] for each in distribution["DistributionConfig"]["CacheBehaviors"]}
    assert paths == {"/api/*"} | ({"/renditions/*"} if name == "pictures" else set())


@each_assembly
def test_image_processing_lets_cloudfront_in_where_pictures_are_wired(
    assemblies: dict[str, Assembly], name: str
) -> None:
    policies = assemblies[name].templates["ImageProcessing"].of_type("AWS::S3::BucketPolicy").values()
    let_in = [each["Bucket"] for each in policies if "cloudfront.amazonaws.com" in json.dumps(each)]
    assert let_in == (["${ImageProcessingRenditions}"] if name == "pictures" else [])


@each_assembly
def test_no_finding_is_left_over(assemblies: dict[str, Assembly], name: str) -> None:
    assert assemblies[name].findings == set()


def test_shop_without_a_read_model_fails_at_synth_and_says_what_to_do() -> None:
    stage = replace(STAGES["dev"], table_etl=TableEtlConfig(targets=(TargetKind.LAKE,)))
    message = "which is none of its targets: add read_model to table_etl.targets, or take the wire away"
    with pytest.raises(ValueError, match=message):
        compose(App(analytics_reporting=False, context={"aws:cdk:bundling-stacks": []}), stage)


def _site_config(assembly: Assembly) -> dict[str, Any]:
    return msgspec.json.decode(assembly.templates["WebBackend"].outputs["WebsiteConfig"], type=dict[str, Any])
