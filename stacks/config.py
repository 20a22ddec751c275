"""The stages: one frozen config each, composed of the slices' own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aws_cdk import aws_logs as logs

from lambdas.backups.contract import Lock
from lambdas.iot_backend.contract import Canary, Threshold
from lambdas.log_analysis.contract import Detection
from lambdas.mobile_backend.contract import PlatformApplications
from stacks.backups.config import BackupsConfig
from stacks.blocks.policy import LambdaTarget, SharedPolicy
from stacks.blocks.queue_source import QueueSourceConfig
from stacks.blocks.release_target import ReleaseTargetConfig
from stacks.file_processing.config import FileProcessingConfig
from stacks.image_processing.construct import ImageProcessingConfig
from stacks.iot_backend.config import IotBackendConfig
from stacks.log_analysis.config import LogAnalysisConfig
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
class LogAnalysisWires:
    """Other use cases whose logs are analyzed; log analysis is deployed together with them."""

    web_backend: bool = True
    """What its function writes, and the access log of its API."""


@dataclass(frozen=True, kw_only=True)
class FileProcessingWires:
    """Other use cases that file processing works with; it is deployed together with them."""

    web_backend: bool = True
    """Some of its users may search files, by its API."""


@dataclass(frozen=True, kw_only=True)
class IotBackendWires:
    """Other use cases that the IoT backend works with; it is deployed together with them."""

    web_backend: bool = False
    """Release the function of its API, whose deployments then wait for a button; releasers are users of it."""
    metrics: bool = True
    """Of stream analytics, which counts the readings."""


@dataclass(frozen=True, kw_only=True)
class BackupsTags:
    """Policies by which tables of other use cases are backed up, or None; no stack needs another one for it."""

    items: str | None = "daily"
    """Of the web backend."""
    source: str | None = "daily"
    """Of table ETL; the rest of it can be made of this one."""


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
    iot_backend: IotBackendConfig = IotBackendConfig()
    iot_backend_wires: IotBackendWires = IotBackendWires()
    log_analysis: LogAnalysisConfig = LogAnalysisConfig()
    log_analysis_wires: LogAnalysisWires = LogAnalysisWires()
    file_processing: FileProcessingConfig = FileProcessingConfig()
    file_processing_wires: FileProcessingWires = FileProcessingWires()
    backups: BackupsConfig = BackupsConfig()
    backups_tags: BackupsTags = BackupsTags()


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
        # A canary of minutes would be a demo of minutes; and there is no Alexa that could tell another skill's id.
        iot_backend=IotBackendConfig(
            thresholds={"temperature": Threshold(above=80.0, clear=75.0)},
            canary=Canary(seconds=3),
            # The emulator holds every function's errors against this one.
            release=ReleaseTargetConfig(alarm_minutes=3),
            skill_id="amzn1.ask.skill.00000000-0000-4000-8000-000000000000",
            rule_alarms=False,
        ),
        iot_backend_wires=IotBackendWires(web_backend=True),
        # The demo's hour of logs cannot wait for a day to be learned; and the emulator has no alarms on queries.
        log_analysis=LogAnalysisConfig(
            detection=Detection(learning_minutes=10), delivery_alarm=False, demo_log_groups=3
        ),
        log_analysis_wires=LogAnalysisWires(web_backend=False),
        # The emulator has no MediaConvert, and each invocation at a time is a process that has to start.
        file_processing=FileProcessingConfig(media_convert=False, concurrency=2),
        # The emulator's exports write nothing, and its restores do not know the time.
        backups=BackupsConfig(point_in_time=False),
        backups_tags=BackupsTags(items=None, source=None),
    ),
    "dev": StageConfig(shared=SharedPolicy(retain_data=False, log_retention=logs.RetentionDays.TWO_WEEKS)),
    "prod": StageConfig(
        shared=SharedPolicy(retain_data=True, log_retention=logs.RetentionDays.THREE_MONTHS),
        backups=BackupsConfig(lock=Lock(days=30)),
    ),
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
