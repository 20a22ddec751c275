"""What is deployed for file processing: the functions, what they are told, who may search, and what users are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdas.common.http.routes import USER
from lambdas.file_processing.contract import (
    FILE_READERS,
    IndexSettings,
    Lane,
    LaneSettings,
    MeasureSettings,
    RecognizeSettings,
    SearchSettings,
    UnpackSettings,
)
from lambdas.file_processing.contract.limits import IndexLimits, Limits, MediaLimits
from stacks.config import STAGES
from stacks.file_processing.config import FileProcessingConfig
from tests.file_processing.stacks import (
    ARRIVALS,
    CATALOG,
    FAILURES,
    FINISH,
    INBOX,
    INDEX,
    INDEX_FAILURES,
    INDEX_QUEUE,
    LANE_QUEUES,
    LANES,
    METRICS,
    PRODUCTS,
    QUARANTINE,
    RECOGNIZE,
    SEARCH,
    TemplateOf,
    configured,
    environment,
)
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["FileProcessing"]


# --- functions ------------------------------------------------------------------------------------------------------

RUNS = {
    RECOGNIZE: (1769, 900, None),
    LANES[Lane.UNPACK]: (1769, 900, 6_656),
    LANES[Lane.TRANSCODE]: (5307, 900, 10_240),
    LANES[Lane.EXTRACT]: (1769, 300, 4_608),
    LANES[Lane.VALIDATE]: (1769, 900, 8_704),
    LANES[Lane.MEASURE]: (1769, 900, 4_608),
    FINISH: (512, 60, None),
    INDEX: (1769, 120, 3_584),
    SEARCH: (1769, 25, 2_560),
}
"""Megabytes of memory, seconds, megabytes of temporary directory where there are more than Lambda's own."""

OWN_LAYERS = {
    RECOGNIZE: "Recognize",
    INDEX: "Index",
    SEARCH: "Search",
    **{LANES[lane]: lane.title() for lane in Lane if lane is not Lane.UNPACK},
}
"""Unpack and Finish need none."""


@in_the_cloud
@pytest.mark.parametrize("function", RUNS)
def test_function_has_memory_time_and_disk_for_what_it_does(template: TemplateOf, stage: str, function: str) -> None:
    made = template(stage).properties(function)
    storage = made["EphemeralStorage"]["Size"] if "EphemeralStorage" in made else None
    assert (made["MemorySize"], made["Timeout"], storage) == RUNS[function]


@in_the_cloud
@pytest.mark.parametrize("function", RUNS)
def test_function_brings_heavy_packages_only_where_it_needs_them(
    template: TemplateOf, stage: str, function: str
) -> None:
    own = OWN_LAYERS.get(function)
    expected = ["${CommonLayer}", *([f"${{{own}Layer}}"] if own else [])]
    assert sorted(template(stage).properties(function)["Layers"]) == sorted(expected)


@every_stage
def test_functions_know_the_stores_and_the_queues(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    recognize = RecognizeSettings.from_env(environment(made, RECOGNIZE))
    assert recognize.lane_queue_urls == {lane: f"${{{LANE_QUEUES[lane]}}}" for lane in Lane}
    unpack = UnpackSettings.from_env(environment(made, LANES[Lane.UNPACK]))
    assert unpack.arrivals_queue_url == f"${{{ARRIVALS}}}"
    measure = MeasureSettings.from_env(environment(made, LANES[Lane.MEASURE]))
    assert (measure.metrics_table_name, measure.metrics_days) == (f"${{{METRICS}}}", 400)
    for function in LANES.values():
        told = LaneSettings.from_env(environment(made, function))
        assert told.index_queue_url == recognize.index_queue_url == f"${{{INDEX_QUEUE}}}"
        assert told.products_bucket_name == f"${{{PRODUCTS}}}"
        assert told.quarantine_bucket_name == recognize.quarantine_bucket_name == f"${{{QUARANTINE}}}"
        assert told.catalog_table_name == recognize.catalog_table_name == f"${{{CATALOG}}}"
    index = IndexSettings.from_env(environment(made, INDEX))
    search = SearchSettings.from_env(environment(made, SEARCH))
    assert index.products_bucket_name == search.products_bucket_name == f"${{{PRODUCTS}}}"


def test_users_decide_on_limits_and_on_how_long_the_catalog_remembers(tmp_path: Path) -> None:
    limits = Limits(max_bytes=1_000_000, media=MediaLimits(max_function_seconds=60))
    config = FileProcessingConfig(
        limits=limits, index_limits=IndexLimits(max_text_bytes=1_000), keep_days=15, metrics_days=30
    )
    made = configured(tmp_path, config).templates["FileProcessing"]
    recognize = RecognizeSettings.from_env(environment(made, RECOGNIZE))
    assert (recognize.limits, recognize.keep_days) == (limits, 15)
    for function in LANES.values():
        told = LaneSettings.from_env(environment(made, function))
        assert (told.limits, told.keep_days) == (limits, 15)
    assert MeasureSettings.from_env(environment(made, LANES[Lane.MEASURE])).metrics_days == 30
    assert IndexSettings.from_env(environment(made, INDEX)).limits.max_text_bytes == 1_000


# --- the search by API ----------------------------------------------------------------------------------------------


def _routes(template: Template) -> dict[str, Any]:
    return {each["RouteKey"]: each for each in template.of_type("AWS::ApiGatewayV2::Route").values()}


@every_stage
def test_users_of_the_web_backend_search_by_its_api(template: TemplateOf, stage: str) -> None:
    routes = _routes(template(stage))
    assert set(routes) == {"GET /files/search", "HEAD /files/search", "ANY /files/search"}
    for route in routes.values():
        assert route["ApiId"].startswith("${WebBackend/")
        assert (route["AuthorizationType"], route["AuthorizationScopes"]) == ("JWT", list(USER))
    [integration] = template(stage).of_type("AWS::ApiGatewayV2::Integration").values()
    assert integration["IntegrationUri"] == f"${{{SEARCH}.Arn}}"


@every_stage
def test_those_who_may_search_are_a_group_of_the_users(template: TemplateOf, stage: str) -> None:
    [group] = template(stage).of_type("AWS::Cognito::UserPoolGroup").values()
    assert group["GroupName"] == FILE_READERS
    assert group["UserPoolId"].startswith("${WebBackend/")


def test_without_the_wire_the_function_alone_searches(tmp_path: Path) -> None:
    made = configured(tmp_path).templates["FileProcessing"]
    assert not _routes(made)
    assert not made.of_type("AWS::Cognito::UserPoolGroup")
    assert made.outputs["SearchFunctionName"] == f"${{{SEARCH}}}"


# --- outputs --------------------------------------------------------------------------------------------------------


@every_stage
def test_stack_tells_what_its_users_need(template: TemplateOf, stage: str) -> None:
    of_jobs = {"FinishFunctionName": f"${{{FINISH}}}"} if stage != "local" else {}
    assert template(stage).outputs == of_jobs | {
        "InboxBucketName": f"${{{INBOX}}}",
        "ProductsBucketName": f"${{{PRODUCTS}}}",
        "QuarantineBucketName": f"${{{QUARANTINE}}}",
        "FileCatalogTableName": f"${{{CATALOG}}}",
        "MetricsTableName": f"${{{METRICS}}}",
        "FailureQueueUrl": f"${{{FAILURES}}}",
        "IndexFailureQueueUrl": f"${{{INDEX_FAILURES}}}",
        "SearchFunctionName": f"${{{SEARCH}}}",
    }
