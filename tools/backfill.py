"""``backfill``: exports a table into the backfill bucket of a table ETL stack, which loads what comes in there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.common.errors import has_code
from lambdas.common.exporter.export import THREADS, Exporter, ExportError
from tools import stack
from tools.pace import Pace
from tools.stack import ToolError


@dataclass(frozen=True)
class Summary:
    """What a run came to."""

    items: int
    continued: bool
    """Whether an earlier run had begun it."""
    uri: str
    """Where the export is."""


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """One run."""

    table: str
    stack_name: str
    segments: int
    pace: Pace | None = None
    """Of read capacity units."""
    fresh: bool = False
    """Whether to begin anew, though there is an unfinished export."""
    tell: Callable[[str, int, int], None] = lambda what, done, of: None  # noqa: ARG005  silent unless asked to tell

    def run(self) -> Summary:
        """Exports the table.

        Raises:
            ToolError: there is no such stack or table, the export cannot be continued, or the run was interrupted.
            UnavailableError: run it again.
        """
        bucket = stack.output(self.stack_name, stack.outputs(self.stack_name), "BackfillBucketName")
        estimate = self._estimate()
        exporter = Exporter(
            dynamodb=boto3.client("dynamodb", config=Config(max_pool_connections=THREADS)),
            s3=boto3.client("s3", config=Config(max_pool_connections=THREADS)),
            table=self.table,
            bucket=bucket,
            segments=self.segments,
            pace=self.pace,
            tell=lambda items, _, __: self.tell("items", items, max(items, estimate)),
        )
        try:
            begun = None if self.fresh else exporter.unfinished()
            export = begun or exporter.begin()
            export.run()
        except ExportError as error:
            raise ToolError(f"{error} --fresh does so.") from error
        except KeyboardInterrupt:
            raise ToolError(
                "Interrupted. What is exported stays: the same command goes on from there; with --fresh it begins anew."
            ) from None
        return Summary(export.progress.items, begun is not None, f"s3://{bucket}/{export.place.root}")

    def _estimate(self) -> int:
        """Items in the table, as DynamoDB counted them in the last six hours."""
        try:
            described = boto3.client("dynamodb").describe_table(TableName=self.table)["Table"]
        except ClientError as error:
            if not has_code(error, {"ResourceNotFoundException"}):
                raise
            raise ToolError(
                f"There is no table {self.table!r} here: give the name of a DynamoDB table in the account and region "
                f"of the stack (AWS_PROFILE, AWS_REGION; AWS_ENDPOINT_URL for the laptop cloud)."
            ) from error
        return int(described["ItemCount"])
