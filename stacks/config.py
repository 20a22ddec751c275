"""The stages: one frozen config each, composed of the slices' own."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_logs as logs

from stacks.blocks.policy import LambdaTarget, SharedPolicy
from stacks.image_processing.construct import ImageProcessingConfig
from stacks.stream_analytics.construct import StreamAnalyticsConfig
from stacks.table_etl.config import TableEtlConfig, TargetKind


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """Everything that differs between stages."""

    shared: SharedPolicy
    image_processing: ImageProcessingConfig = ImageProcessingConfig()
    stream_analytics: StreamAnalyticsConfig = StreamAnalyticsConfig()
    table_etl: TableEtlConfig = TableEtlConfig()


STAGES = {
    # The laptop cloud: functions run on this computer's Python, and there is no Rekognition.
    "local": StageConfig(
        shared=SharedPolicy(retain_data=False, log_retention=logs.RetentionDays.ONE_DAY, target=LambdaTarget.host()),
        image_processing=ImageProcessingConfig(recognition=False),
        # On demand the emulator has one shard, and there would be nothing to merge.
        stream_analytics=StreamAnalyticsConfig(shards=2),
        # To the emulator's filters an attribute that is not there never is as wanted.
        table_etl=TableEtlConfig(targets=tuple(TargetKind), filter_source=False),
    ),
    "dev": StageConfig(shared=SharedPolicy(retain_data=False, log_retention=logs.RetentionDays.TWO_WEEKS)),
    "prod": StageConfig(shared=SharedPolicy(retain_data=True, log_retention=logs.RetentionDays.THREE_MONTHS)),
}


def stage_named(name: str | None) -> StageConfig:
    """The stage's config.

    Raises:
        ValueError: lists the stages that there are.
    """
    if name not in STAGES:
        raise ValueError(f"stage {name!r} is none of {', '.join(STAGES)}: choose one with -c stage=NAME")
    return STAGES[name]
