"""Every slice's stack, and the wires between slices; the only file that knows more than one of them."""

from __future__ import annotations

from dataclasses import replace

from aws_cdk import Tags
from constructs import Construct, IConstruct

from lambdas.backups.contract import TAG
from stacks.backups.config import BackupsConfig
from stacks.backups.stack import BackupsStack
from stacks.config import StageConfig
from stacks.file_processing.stack import FileProcessingStack
from stacks.file_processing.wires import Web as FileSearchers
from stacks.image_processing.construct import ImageProcessing
from stacks.image_processing.stack import ImageProcessingStack
from stacks.iot_backend.stack import IotBackendStack
from stacks.iot_backend.wires import Web, Wires
from stacks.log_analysis.stack import LogAnalysisStack
from stacks.mobile_backend.stack import MobileBackendStack
from stacks.stream_analytics.stack import StreamAnalyticsStack
from stacks.table_etl.config import TargetKind
from stacks.table_etl.construct import TableEtl
from stacks.table_etl.stack import TableEtlStack
from stacks.web_backend.construct import WebBackend
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
    iot_wires = stage.iot_backend_wires
    web = stage.web_backend
    if iot_wires.web_backend:
        web = replace(web, release=stage.iot_backend.release)
    web_backend = WebBackendStack(scope, "WebBackend", web, shared, producers).web_backend
    users = web_backend.users if stage.mobile_backend_shares_users else None
    MobileBackendStack(scope, "MobileBackend", stage.mobile_backend, shared, users)
    given = Wires(web=_web(web_backend), analytics=stream_analytics.events if iot_wires.metrics else None)
    IotBackendStack(scope, "IotBackend", stage.iot_backend, shared, given)
    log_analysis = LogAnalysisStack(scope, "LogAnalysis", stage.log_analysis, shared).log_analysis
    if stage.log_analysis_wires.web_backend:
        for log_group in (web_backend.function.log_group, web_backend.http.logs):
            log_analysis.subscribe(log_group)
    searchers = FileSearchers(http=web_backend.http, users=web_backend.users)
    wired = searchers if stage.file_processing_wires.web_backend else None
    FileProcessingStack(scope, "FileProcessing", stage.file_processing, shared, wired)
    BackupsStack(scope, "Backups", stage.backups, shared)
    _back_up(web_backend.items, stage.backups_tags.items, stage.backups)
    _back_up(table_etl.source, stage.backups_tags.source, stage.backups)


def _back_up(table: IConstruct, policy: str | None, config: BackupsConfig) -> None:
    if policy is None:
        return
    if policy not in (names := [each.name for each in config.policies]):
        raise ValueError(
            f"backups_tags name {policy!r}, which is none of backups.policies, {', '.join(names)}: nothing would be "
            f"backed up. Add the policy, or name one that there is"
        )
    Tags.of(table).add(TAG, policy)


def _pictures(processing: ImageProcessing) -> PictureProducer:
    return PictureProducer(uploads=processing.uploads, renditions=processing.renditions, catalog=processing.catalog)


def _web(web_backend: WebBackend) -> Web | None:
    if web_backend.release is None:
        return None
    return Web(http=web_backend.http, users=web_backend.users, target=web_backend.release)


def _shop(etl: TableEtl) -> ShopProducer:
    read_model = etl.targets.read_model
    if read_model is None:
        raise ValueError(
            f"web_backend_wires.shop shows orders out of table ETL's read model, which is none of its targets: add "
            f"{TargetKind.READ_MODEL} to table_etl.targets, or take the wire away"
        )
    return ShopProducer(orders=etl.source, read_model=read_model)
