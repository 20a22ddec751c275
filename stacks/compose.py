"""Every slice's stack, and the wires between slices; the only file that knows more than one of them."""

from __future__ import annotations

from dataclasses import replace

from constructs import Construct

from stacks.config import StageConfig
from stacks.image_processing.construct import ImageProcessing
from stacks.image_processing.stack import ImageProcessingStack
from stacks.mobile_backend.stack import MobileBackendStack
from stacks.stream_analytics.stack import StreamAnalyticsStack
from stacks.table_etl.config import TargetKind
from stacks.table_etl.construct import TableEtl
from stacks.table_etl.stack import TableEtlStack
from stacks.web_backend.producers import PictureProducer, Producers, ShopProducer
from stacks.web_backend.stack import WebBackendStack


def compose(scope: Construct, stage: StageConfig) -> None:
    """Adds every stack of a stage to ``scope``, usually the app.

    Raises:
        ValueError: a wire leads to something that its stack does not make; says what to do.
    """
    shared, wires = stage.shared, stage.web_backend_wires
    pictures = stage.image_processing
    if wires.pictures:
        pictures = replace(pictures, served_by_cloudfront=True)
    image_processing = ImageProcessingStack(scope, "ImageProcessing", pictures, shared).image_processing
    stream_analytics = StreamAnalyticsStack(scope, "StreamAnalytics", stage.stream_analytics, shared).stream_analytics
    table_etl = TableEtlStack(scope, "TableEtl", stage.table_etl, shared).table_etl
    producers = Producers(
        pictures=_pictures(image_processing) if wires.pictures else None,
        metrics=stream_analytics.metrics if wires.metrics else None,
        shop=_shop(table_etl) if wires.shop else None,
    )
    web_backend = WebBackendStack(scope, "WebBackend", stage.web_backend, shared, producers).web_backend
    users = web_backend.users if stage.mobile_backend_shares_users else None
    MobileBackendStack(scope, "MobileBackend", stage.mobile_backend, shared, users)


def _pictures(processing: ImageProcessing) -> PictureProducer:
    return PictureProducer(uploads=processing.uploads, renditions=processing.renditions, catalog=processing.catalog)


def _shop(etl: TableEtl) -> ShopProducer:
    read_model = etl.targets.read_model
    if read_model is None:
        raise ValueError(
            f"web_backend_wires.shop shows orders out of table ETL's read model, which is none of its targets: add "
            f"{TargetKind.READ_MODEL} to table_etl.targets, or take the wire away"
        )
    return ShopProducer(orders=etl.source, read_model=read_model)
