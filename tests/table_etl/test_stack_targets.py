"""Which targets of table ETL there are: those that were chosen, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

import pytest

from stacks.table_etl.config import TableEtlConfig, TargetKind
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.table_etl.stacks import BACKFILL, COMPACT, LOAD, PLAN, configured, environment

pytestmark = pytest.mark.xdist_group("synth")

TemplateOf = Callable[[str], Template]
Targets = tuple[TargetKind, ...]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["TableEtl"]


PLACES = {
    TargetKind.READ_MODEL: ("read_model_table_name", "${TableEtlTargetsReadModel}"),
    TargetKind.LAKE: ("lake_bucket_name", "${TableEtlTargetsLakeBucket}"),
    TargetKind.OUTLET: ("event_bus_name", "${TableEtlTargetsOutlet}"),
}
OUTPUTS = {
    "SourceTableName": "${TableEtlSource}",
    "BackfillBucketName": "${TableEtlBackfill}",
    "QuarantineBucketName": "${TableEtlQuarantine}",
    "FailureBucketName": "${TableEtlFailures}",
    "LoadFunctionName": f"${{{LOAD}}}",
    "PlanFunctionName": f"${{{PLAN}}}",
    "PlanFailureQueueUrl": "${TableEtlHistoryPlanFailures}",
    "TasksQueueUrl": "${TableEtlHistoryTasks}",
    "TasksDeadLetterQueueUrl": "${TableEtlHistoryDeadLetters}",
    "BackfillFunctionName": f"${{{BACKFILL}}}",
}
OUTPUTS_OF = {
    TargetKind.READ_MODEL: {"ReadModelTableName": "${TableEtlTargetsReadModel}"},
    TargetKind.LAKE: {
        "LakeBucketName": "${TableEtlTargetsLakeBucket}",
        "GlueDatabaseName": "${TableEtlTargetsLakeDatabase}",
        "AthenaWorkgroupName": "${TableEtlTargetsLakeWorkgroup}",
        "CompactFunctionName": f"${{{COMPACT}}}",
    },
    TargetKind.OUTLET: {"EventBusName": "${TableEtlTargetsOutlet}"},
}
CHOICES = [
    (TargetKind.READ_MODEL,),
    (TargetKind.LAKE,),
    (TargetKind.OUTLET,),
    (TargetKind.READ_MODEL, TargetKind.LAKE),
    tuple(TargetKind),
]


@pytest.fixture(scope="module")
def with_targets(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Targets], Template]:
    """The stack of a user who chose targets, made once."""
    return cache(lambda chosen: configured(TableEtlConfig(targets=chosen), tmp_path_factory.mktemp("chosen")))


@pytest.mark.parametrize("chosen", CHOICES)
def test_functions_are_told_of_the_targets_that_were_chosen(
    with_targets: Callable[[Targets], Template], chosen: Targets
) -> None:
    expected = {name: place if target in chosen else None for target, (name, place) in PLACES.items()}
    assert json.loads(environment(with_targets(chosen), LOAD)["TARGETS"]) == expected


@pytest.mark.parametrize("chosen", CHOICES)
def test_outputs_are_what_users_and_tools_look_up(with_targets: Callable[[Targets], Template], chosen: Targets) -> None:
    of_targets = {name: value for target in chosen for name, value in OUTPUTS_OF[target].items()}
    assert with_targets(chosen).outputs == OUTPUTS | of_targets


@pytest.mark.parametrize("chosen", [choice for choice in CHOICES if TargetKind.LAKE not in choice])
def test_without_a_lake_nothing_is_compacted(with_targets: Callable[[Targets], Template], chosen: Targets) -> None:
    made = with_targets(chosen)
    assert COMPACT not in made.resources
    for kind in ("AWS::Scheduler::Schedule", "AWS::Glue::Table", "AWS::Athena::WorkGroup"):
        assert made.of_type(kind) == {}
    assert [name for name in made.of_type("AWS::CloudWatch::Alarm") if "Compact" in name] == []


@pytest.mark.parametrize(("stage", "chosen"), [("local", CHOICES[-1]), ("dev", CHOICES[-2]), ("prod", CHOICES[-2])])
def test_laptop_tries_every_target_and_the_cloud_pays_for_those_most_people_want(
    template: TemplateOf, stage: str, chosen: Targets
) -> None:
    targets = json.loads(environment(template(stage), LOAD)["TARGETS"])
    assert {name for name, place in targets.items() if place} == {PLACES[target][0] for target in chosen}
