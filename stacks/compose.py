"""Every slice's stack, and the wires between slices; the only file that knows more than one of them."""

from __future__ import annotations

from constructs import Construct

from stacks.config import StageConfig
from stacks.image_processing.stack import ImageProcessingStack
from stacks.stream_analytics.stack import StreamAnalyticsStack
from stacks.table_etl.stack import TableEtlStack


def compose(scope: Construct, stage: StageConfig) -> None:
    """Adds every stack of a stage to ``scope``, usually the app."""
    ImageProcessingStack(scope, "ImageProcessing", stage.image_processing, stage.shared)
    StreamAnalyticsStack(scope, "StreamAnalytics", stage.stream_analytics, stage.shared)
    TableEtlStack(scope, "TableEtl", stage.table_etl, stage.shared)
