"""The stages: one frozen config each, composed of the slices' own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aws_cdk import aws_logs as logs

from lambdas.mobile_backend.contract import PlatformApplications
from stacks.blocks.policy import LambdaTarget, SharedPolicy
from stacks.blocks.queue_source import QueueSourceConfig
from stacks.image_processing.construct import ImageProcessingConfig
from stacks.mobile_backend.config import ConsumerConfig, MobileBackendConfig
from stacks.stream_analytics.construct import StreamAnalyticsConfig
from stacks.table_etl.config import TableEtlConfig, TargetKind
from stacks.web_backend.config import WebBackendConfig

EMULATOR = "http://127.0.0.1:4566"
"""Where stage ``local`` is deployed to, unless the CDK is told of another ``endpoint``."""


@dataclass(frozen=True, kw_only=True)
class WebBackendWires:
    """Other use cases that the web backend shows something of; it is deployed together with them."""

    pictures: bool = True
    """Of image processing: users upload pictures."""
    metrics: bool = True
    """Of stream analytics: users watch charts."""
    shop: bool = True
    """Of table ETL: users order, and see what they ordered."""


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """Everything that differs between stages."""

    shared: SharedPolicy
    image_processing: ImageProcessingConfig = ImageProcessingConfig()
    stream_analytics: StreamAnalyticsConfig = StreamAnalyticsConfig()
    table_etl: TableEtlConfig = TableEtlConfig()
    web_backend: WebBackendConfig = WebBackendConfig()
    web_backend_wires: WebBackendWires = WebBackendWires()
    mobile_backend: MobileBackendConfig = MobileBackendConfig()
    mobile_backend_shares_users: bool = False
    """Whether users of the web backend are users of the mobile backend, which is then deployed together with it."""


STAGES = {
    # The laptop cloud: functions run on this computer's Python, and there is no Rekognition.
    "local": StageConfig(
        shared=SharedPolicy(retain_data=False, log_retention=logs.RetentionDays.ONE_DAY, target=LambdaTarget.host()),
        image_processing=ImageProcessingConfig(recognition=False),
        # On demand the emulator has one shard, and there would be nothing to merge.
        stream_analytics=StreamAnalyticsConfig(shards=2),
        # To the emulator's filters an attribute that is not there never is as wanted.
        table_etl=TableEtlConfig(targets=tuple(TargetKind), filter_source=False),
        # The emulator cannot run the CDK's function that publishes; `local` puts the site's files there.
        web_backend=WebBackendConfig(publish_site=False, emulator=EMULATOR),
        # The emulator waits for no batch to fill, and mails are to be seen at once.
        mobile_backend=MobileBackendConfig(
            platform_applications=PlatformApplications(fcm="arn:aws:sns:us-east-1:000000000000:app/GCM/laptop"),
            digest=ConsumerConfig(source=QueueSourceConfig(batching_seconds=1)),
        ),
    ),
    "dev": StageConfig(shared=SharedPolicy(retain_data=False, log_retention=logs.RetentionDays.TWO_WEEKS)),
    "prod": StageConfig(shared=SharedPolicy(retain_data=True, log_retention=logs.RetentionDays.THREE_MONTHS)),
}


def stage_named(name: str | None, endpoint: str | None = None) -> StageConfig:
    """The stage's config; ``endpoint`` is the emulator's that a stage for emulators is deployed to.

    Raises:
        ValueError: lists the stages that there are, or says that this one is not for emulators.
    """
    if name not in STAGES:
        raise ValueError(f"stage {name!r} is none of {', '.join(STAGES)}: choose one with -c stage=NAME")
    stage = STAGES[name]
    if endpoint is None:
        return stage
    if stage.web_backend.emulator is None:
        raise ValueError(f"stage {name} is deployed to AWS, not to an emulator: leave -c endpoint={endpoint} out")
    return replace(stage, web_backend=replace(stage.web_backend, emulator=endpoint))
