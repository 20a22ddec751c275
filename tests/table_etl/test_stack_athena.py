"""What Athena sees of table ETL's lake, and what it may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lambdas.table_etl import contract
from lambdas.table_etl.domain.columns import columns
from lambdas.table_etl.domain.pipeline import Flow
from lambdas.table_etl.pipelines.orders import PIPELINE
from stacks.table_etl.config import TableEtlConfig
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.table_etl.stacks import configured

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_flow = pytest.mark.parametrize("flow", PIPELINE.flows, ids=lambda flow: flow.name)

TemplateOf = Callable[[str], Template]

LAKE = "TableEtlTargetsLake"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["TableEtl"]


def _table(template: Template, flow: Flow[Any]) -> dict[str, Any]:
    tables = template.of_type("AWS::Glue::Table").values()
    [table] = [each for each in tables if each["TableInput"]["Name"] == flow.name]
    assert table["DatabaseName"] == f"${{{LAKE}Database}}"
    return dict(table["TableInput"])


@in_the_cloud
@every_flow
def test_table_has_the_columns_of_the_rows_that_are_written(template: TemplateOf, stage: str, flow: Flow[Any]) -> None:
    described = _table(template(stage), flow)["StorageDescriptor"]["Columns"]
    row: type[msgspec.Struct] = flow.row
    own = [(each.name, each.glue) for each in columns(row)]
    assert [(each["Name"], each["Type"]) for each in described] == [
        (contract.LAKE_KEY, "string"),
        (contract.LAKE_VERSION, "string"),
        *own,
    ]


@in_the_cloud
@every_flow
def test_table_reads_the_parquet_objects_that_pointers_name(template: TemplateOf, stage: str, flow: Flow[Any]) -> None:
    table = _table(template(stage), flow)
    described = table["StorageDescriptor"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert described["InputFormat"] == "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
    assert described["SerdeInfo"]["SerializationLibrary"].endswith(".ParquetHiveSerDe")


@in_the_cloud
@every_flow
def test_pointers_stand_where_athena_looks_for_the_partition_of_a_day(
    template: TemplateOf, stage: str, flow: Flow[Any]
) -> None:
    """By default in a folder of the table's location that is called as Hive does: name of the column, value."""
    table = _table(template(stage), flow)
    [column] = table["PartitionKeys"]
    folder = f"{table['StorageDescriptor']['Location']}{column['Name']}=2026-11-25/"
    pointer = contract.pointer_key(flow.name, "2026-11-25")
    assert f"s3://${{{LAKE}Bucket}}/{pointer}" == f"{folder}symlink.txt"


def _projection(template: Template, flow: Flow[Any]) -> dict[str, str]:
    parameters = _table(template, flow)["Parameters"]
    assert parameters["projection.enabled"] == "true"
    return {name.removeprefix("projection.day."): parameters[name] for name in parameters if ".day." in name}


@in_the_cloud
@every_flow
def test_partitions_are_the_days_that_rows_can_have(template: TemplateOf, stage: str, flow: Flow[Any]) -> None:
    dated = {
        "type": "date",
        "format": "yyyy-MM-dd",
        "range": "2020-01-01,NOW+1DAY",
        "interval": "1",
        "interval.unit": "DAYS",
    }
    undated = {"type": "enum", "values": contract.UNDATED}
    assert _projection(template(stage), flow) == (dated if flow.day else undated)


@in_the_cloud
def test_queries_have_a_limit_that_they_cannot_change(template: TemplateOf, stage: str) -> None:
    [workgroup] = template(stage).of_type("AWS::Athena::WorkGroup").values()
    assert workgroup["RecursiveDeleteOption"] is True
    assert workgroup["WorkGroupConfiguration"] == {
        "BytesScannedCutoffPerQuery": 10_000_000_000,
        "EnforceWorkGroupConfiguration": True,
        "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
        "PublishCloudWatchMetricsEnabled": True,
        "ResultConfiguration": {
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
            "OutputLocation": f"s3://${{{LAKE}Bucket}}/athena-results/",
        },
    }


def test_users_decide_what_athena_looks_for_and_what_it_may_scan(tmp_path: Path) -> None:
    tuned = configured(TableEtlConfig(lake_since=date(2024, 2, 29), max_scanned_bytes=50_000_000), tmp_path)
    [workgroup] = tuned.of_type("AWS::Athena::WorkGroup").values()
    assert workgroup["WorkGroupConfiguration"]["BytesScannedCutoffPerQuery"] == 50_000_000
    ranges = {_projection(tuned, flow).get("range") for flow in PIPELINE.flows if flow.day}
    assert ranges == {"2024-02-29,NOW+1DAY"}
