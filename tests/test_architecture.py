"""Which way imports run: the rules of tests/support/imports.py meet the files, and prove that they bite."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from tests.support.imports import violations

ROOT = Path(__file__).parents[1]


def _sources() -> list[str]:
    trees = [path for tree in ("lambdas", "stacks", "tools") for path in (ROOT / tree).rglob("*.py")]
    return sorted(str(path.relative_to(ROOT)) for path in [*trees, ROOT / "app.py"])


@pytest.mark.parametrize("source", _sources())
def test_imports_run_one_way_and_only_settings_read_the_environment(source: str) -> None:
    assert violations(PurePosixPath(source), (ROOT / source).read_text()) == []


ALLOWED = [
    ("lambdas/pictures/render.py", "import os\nRenderSettings.from_env(os.environ)"),
    ("lambdas/pictures/render.py", "import boto3\nfrom lambdas.pictures.adapters.s3 import S3Uploads"),
    ("lambdas/pictures/workflow.py", "from lambdas.pictures import contract\nfrom .domain import events"),
    ("lambdas/pictures/adapters/s3.py", "from botocore.exceptions import ClientError\nfrom ..ports import Gone"),
    ("lambdas/pictures/adapters.py", "if TYPE_CHECKING:\n    from mypy_boto3_s3 import S3Client"),
    ("lambdas/pictures/domain/sizes.py", "from importlib import import_module\nimport_module(f'PIL.{name}')"),
    ("lambdas/pictures/contract.py", "import msgspec\nfrom lambdas.common.settings import Settings"),
    ("lambdas/pictures/contract.py", "from lambdas.common.tables.pictures.layout import Source"),
    ("lambdas/streams/domain/tally.py", "from lambdas.common.tables.metrics import aggregates\nimport isal"),
    ("lambdas/streams/recipes/orders.py", "from lambdas.streams.domain.recipe import Recipe\nimport msgspec"),
    ("lambdas/files/kinds/pdf.py", "from lambdas.files.domain.processing import Kind"),
    ("lambdas/files/kinds/__init__.py", "import importlib\nimportlib.import_module(f'lambdas.files.kinds.{x}')"),
    ("lambdas/files/runtime/lanes.py", "from lambdas.files.kinds import kinds"),
    ("lambdas/streams/workflow/counting.py", "from lambdas.streams.workflow.handling import X\nfrom ..ports import Y"),
    ("lambdas/streams/count.py", "import_module(f'lambdas.streams.recipes.{name}')"),
    ("lambdas/common/logs.py", "from aws_lambda_powertools import Logger"),
    ("stacks/pictures/construct.py", "from lambdas.pictures import contract\nfrom stacks.blocks.queue import queue"),
    ("stacks/pictures/construct.py", "from lambdas.pictures.domain.columns import columns"),
    ("stacks/compose.py", "from stacks.pictures.stack import P\nfrom stacks.streams.stack import S"),
    ("tools/redrive.py", "import os\nfrom lambdas.pictures.adapters.s3 import S3Uploads\nos.environ['HOME']"),
]

BROKEN = [
    ("lambdas/pictures/domain.py", "import boto3"),
    ("lambdas/pictures/domain.py", "import logging"),
    ("lambdas/pictures/domain.py", "from lambdas.common.errors import has_code"),
    ("lambdas/pictures/domain/sizes.py", "def f():\n    from botocore.config import Config"),
    ("lambdas/pictures/domain/sizes.py", "from ..adapters import s3"),
    ("lambdas/pictures/domain/sizes.py", "from .. import workflow"),
    ("lambdas/pictures/domain/sizes.py", "import importlib\nimportlib.import_module('boto3')"),
    ("lambdas/pictures/domain/sizes.py", "from importlib import import_module\nimport_module(name)"),
    ("lambdas/pictures/domain/sizes.py", "if not TYPE_CHECKING:\n    import mypy_boto3_s3"),
    ("lambdas/streams/domain/tally.py", "from lambdas.common.producer import Producer"),
    ("lambdas/streams/domain/tally.py", "from lambdas.streams.recipes import orders"),
    ("lambdas/streams/recipes/orders.py", "import boto3"),
    ("lambdas/streams/recipes/orders.py", "from lambdas.streams.workflow import handling"),
    ("lambdas/files/kinds/pdf.py", "import pypdf"),
    ("lambdas/files/domain/recognition.py", "from lambdas.files.kinds import kinds"),
    ("lambdas/files/workflow/lanes.py", "from lambdas.files.kinds import kinds"),
    ("lambdas/streams/adapters/ledger.py", "from lambdas.streams.workflow import handling"),
    ("lambdas/pictures/contract.py", "from lambdas.pictures import domain"),
    ("lambdas/pictures/contract.py", "from lambdas.common.observability import Observability"),
    ("lambdas/pictures/contract.py", "from lambdas.common.tables.pictures import reader"),
    ("lambdas/pictures/contract.py", "import pydantic"),
    ("lambdas/pictures/workflow.py", "import botocore"),
    ("lambdas/pictures/workflow.py", "from lambdas.pictures.adapters import s3"),
    ("lambdas/pictures/workflow.py", "import os\nSettings.from_env(os.environ)"),
    ("lambdas/pictures/adapters.py", "from mypy_boto3_s3 import S3Client"),
    ("lambdas/pictures/adapters.py", "from lambdas.pictures import render"),
    ("lambdas/pictures/adapters.py", "import os\nos.getenv('TABLE_NAME')"),
    ("lambdas/pictures/render.py", "import os\nos.environ['TABLE_NAME']"),
    ("lambdas/pictures/render.py", "import os\nos.environ.get('TABLE_NAME')"),
    ("lambdas/pictures/render.py", "from os import environ as e\ne['TABLE_NAME']"),
    ("lambdas/pictures/render.py", "import aws_cdk"),
    ("lambdas/pictures/render.py", "if TYPE_CHECKING:\n    import aws_cdk"),
    ("lambdas/pictures/render.py", "from lambdas.streams.contract import TABLE"),
    ("lambdas/pictures/render.py", "from lambdas import streams"),
    ("lambdas/pictures/render.py", "import tools.redrive"),
    ("lambdas/pictures/__init__.py", "from lambdas.pictures.render import handler"),
    ("lambdas/common/batch.py", "from lambdas.pictures.contract import TABLE"),
    ("lambdas/common/settings.py", "import boto3"),
    ("stacks/pictures/construct.py", "from lambdas.pictures.workflow import rendering"),
    ("stacks/pictures/construct.py", "from lambdas.pictures.adapters import s3"),
    ("stacks/pictures/construct.py", "from lambdas.streams.contract import TABLE"),
    ("stacks/pictures/construct.py", "from stacks.streams.construct import Streams"),
    ("stacks/pictures/construct.py", "from stacks.config import StageConfig"),
    ("stacks/pictures/construct.py", "import boto3"),
    ("stacks/pictures/construct.py", "import os\nos.environ['CDK_DEFAULT_REGION']"),
    ("stacks/blocks/queue.py", "from stacks.pictures.construct import Pictures"),
    ("stacks/blocks/queue.py", "from lambdas.pictures.contract import TABLE"),
    ("stacks/compose.py", "from lambdas.pictures.domain import sizes"),
    ("stacks/compose.py", "from local import demo"),
    ("stacks/compose.py", "import bench.harness"),
    ("app.py", "import boto3"),
    ("app.py", "import os"),
    ("app.py", "import subprocess"),
    ("app.py", "from stacks.pictures.stack import PicturesStack"),
    ("tools/redrive.py", "from stacks.config import STAGES"),
]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_the_rules_let_through_what_the_house_is_built_of(path: str, source: str) -> None:
    assert violations(PurePosixPath(path), source) == []


@pytest.mark.parametrize(("path", "source"), BROKEN)
def test_the_rules_find_every_way_around(path: str, source: str) -> None:
    assert violations(PurePosixPath(path), source)
