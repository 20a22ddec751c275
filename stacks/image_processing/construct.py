"""S3 image processing: an uploads bucket in, renditions, a catalog and a quarantine out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec
from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.common.tables.pictures import layout
from lambdas.image_processing.contract import EXTENSIONS, Encoding, Limits, RenderSettings, RenditionSpec
from stacks.blocks.alarms import Alarms
from stacks.blocks.bucket import private_bucket
from stacks.blocks.fields import Percent, Positive, check_fields
from stacks.blocks.function import FunctionConfig, GrantTo, HandlerFunction, allow
from stacks.blocks.notifications import notify_function
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import failure_queue
from stacks.blocks.table import on_demand_table, string_attribute
from stacks.image_processing.monitoring import Monitoring

DEFAULT_RENDITIONS = (
    RenditionSpec(name="desktop", width=1920, height=1920),
    RenditionSpec(name="tablet", width=1024, height=1024),
    RenditionSpec(name="phone", width=480, height=480),
    RenditionSpec(name="thumbnail", width=256, height=256, mode="cover"),
)

_ANY_KEY = "users choose the keys of uploads, and digests of them are the keys of output: any key of this one bucket"

# Any origin is safe: what may be uploaded, by whom and until when stands in the form's signed policy, no cookie counts,
# and a page without such a form can upload nothing. A form sends no header of its own that would have to be allowed.
_POSTED_BY_WEBSITES = s3.CorsRule(
    allowed_methods=[s3.HttpMethods.POST], allowed_origins=["*"], exposed_headers=["ETag"]
)

MEMORY_PERCENT = 60
"""Share of the function's memory that an upload may make it use; the rest is for the runtime and the next uploads."""

BYTES_PER_PIXEL = 20
"""What decoding takes at the most, measured over every accepted format: a 12-bit AVIF with alpha needs 19."""


@dataclass(frozen=True, kw_only=True)
class ImageProcessingConfig:
    """What users of image processing decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    renditions: tuple[RenditionSpec, ...] = DEFAULT_RENDITIONS
    encodings: tuple[Encoding, ...] = (Encoding(format="jpeg"), Encoding(format="webp"))
    background: str = "#ffffff"
    """Behind transparent pixels in JPEG, ``#rrggbb``."""
    limits: Limits = Limits()
    recognition: bool = True
    """Labels and moderation by Amazon Rekognition: about 2 dollars per 1,000 pictures, most of this use case's bill."""
    max_labels: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 20
    blocking_confidence: Percent = 80.0
    """Moderation labels at or above this confidence (percent) block a picture."""
    noncurrent_days: Positive = 30
    """Days that replaced and deleted uploads can still be restored."""
    quarantine_days: Positive = 90
    """Days that rejected uploads are kept for inspection."""
    quarantine_alarm_percent: Percent = 20.0
    """Share of rejected uploads in 15 minutes above which an alarm is raised."""
    served_by_cloudfront: bool = False
    """Whether CloudFront distributions of this account may read the renditions, but not the manifests beside them."""
    function: FunctionConfig = FunctionConfig()

    def __post_init__(self) -> None:
        check_fields(self)
        max_pixels = self.function.memory_mb * 1024 * 1024 * MEMORY_PERCENT // 100 // BYTES_PER_PIXEL
        if self.limits.max_pixels > max_pixels:
            raise ValueError(
                f"limits.max_pixels of {self.limits.max_pixels} need more than {self.function.memory_mb} MB: "
                f"set at most {max_pixels}, or give the function more memory"
            )
        names = [each.name for each in self.renditions]
        if not names or len(set(names)) < len(names) or not all(re.fullmatch(r"[a-z0-9-]+", name) for name in names):
            raise ValueError(f"renditions need distinct names of a-z, 0-9 and -, at least one; got {names}")
        formats = [each.format for each in self.encodings]
        if not formats or len(set(formats)) < len(formats):
            raise ValueError(f"encodings need distinct formats, at least one; got {formats}")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.background):
            raise ValueError(f"background is a colour as #rrggbb; got {self.background!r}")
        if self.recognition and not ("jpeg" in formats and any(each.mode == "fit" for each in self.renditions)):
            raise ValueError("recognition looks at a JPEG rendition in mode 'fit': add one, or switch recognition off")


class ImageProcessing(Construct):
    """Renders every picture put into ``uploads``; see docs/image_processing.md.

    Attributes are L2 constructs: ``uploads``, ``renditions``, ``quarantine``, ``catalog``, ``failures``, ``render``,
    ``alarms``.
    """

    def __init__(
        self, scope: Construct, construct_id: str, config: ImageProcessingConfig, shared: SharedPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self.uploads = self._uploads(config, shared)
        self.renditions = private_bucket(self, "Renditions", shared)
        if config.served_by_cloudfront:
            self._let_cloudfront_read()
        self.quarantine = private_bucket(
            self,
            "Quarantine",
            shared,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(config.quarantine_days))],
        )
        self.catalog = self._catalog(shared)
        self.failures = failure_queue(self, "Failures")
        self.render = self._render(config, shared)
        self._notify()
        self.alarms = Alarms(self, "Alarms", shared)
        self.alarms.of_asynchronous_function(self.render.function, self.failures)
        monitoring = Monitoring(self, self.render.function, self.failures)
        self.alarms.above(
            "QuarantineRate",
            monitoring.quarantine_rate,
            config.quarantine_alarm_percent,
            "this percentage of uploads was rejected: look at reason.json in the quarantine bucket",
        )
        monitoring.show(self.alarms)

    def _uploads(self, config: ImageProcessingConfig, shared: SharedPolicy) -> s3.Bucket:
        return private_bucket(
            self,
            "Uploads",
            shared,
            versioned=True,
            notifies=True,
            lifecycle_rules=[
                s3.LifecycleRule(noncurrent_version_expiration=Duration.days(config.noncurrent_days)),
                s3.LifecycleRule(expired_object_delete_marker=True),
            ],
            cors=[_POSTED_BY_WEBSITES],
        )

    def _let_cloudfront_read(self) -> None:
        """Renditions only: manifests tell the keys of uploads, which may name people."""
        distributions = Stack.of(self).format_arn(
            service="cloudfront", region="", resource="distribution", resource_name="*"
        )
        self.renditions.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
                actions=["s3:GetObject"],
                resources=[
                    self.renditions.arn_for_objects(f"{layout.RENDITIONS_PREFIX}*.{extension}")
                    for extension in EXTENSIONS.values()
                ],
                # Any of the account's, not one by name: the distribution stands in a stack that takes this bucket as
                # its origin, so each stack would have to be deployed before the other.
                conditions={"ArnLike": {"AWS:SourceArn": distributions}},
            )
        )

    def _catalog(self, shared: SharedPolicy) -> dynamodb.TableV2:
        return on_demand_table(
            self,
            "Catalog",
            shared,
            partition_key=layout.PICTURE_ID,
            indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=name,
                    partition_key=string_attribute(partition),
                    sort_key=string_attribute(layout.UPDATED_AT),
                    projection_type=dynamodb.ProjectionType.INCLUDE,
                    non_key_attributes=list(layout.LISTED),
                )
                for name, partition in layout.INDEXES.items()
            ],
        )

    def _render(self, config: ImageProcessingConfig, shared: SharedPolicy) -> HandlerFunction:
        settings = RenderSettings(
            service=self.node.id,
            metrics_namespace=Stack.of(self).stack_name,
            renditions_bucket_name=self.renditions.bucket_name,
            quarantine_bucket_name=self.quarantine.bucket_name,
            catalog_table_name=self.catalog.table_name,
            renditions=config.renditions,
            encodings=config.encodings,
            limits=config.limits,
            max_memory_mb=config.function.memory_mb * MEMORY_PERCENT // 100,
            background=config.background,
            recognition=config.recognition,
            max_labels=config.max_labels,
            blocking_confidence=config.blocking_confidence,
        )
        return HandlerFunction(
            self,
            "Render",
            module="lambdas.image_processing.render",
            description="Renders pictures put into the uploads bucket",
            settings=settings,
            grants=self._render_grants(config),
            config=config.function,
            shared=shared,
            on_failure=self.failures,
        )

    def _render_grants(self, config: ImageProcessingConfig) -> list[GrantTo]:
        """Exactly the calls of ``lambdas/image_processing/adapters``; none of them can write to ``uploads``.

        Listing a bucket is what lets S3 answer 404 instead of 403 for an object that is gone.
        """
        uploads, renditions = self.uploads, self.renditions
        grants = [
            allow("s3:GetObject", "s3:GetObjectVersion", on=[uploads.arn_for_objects("*")], wildcard=_ANY_KEY),
            allow("s3:ListBucket", on=[uploads.bucket_arn, renditions.bucket_arn]),
            allow(
                "s3:PutObject",
                "s3:DeleteObject",
                on=[renditions.arn_for_objects(f"{layout.RENDITIONS_PREFIX}*")],
                wildcard=_ANY_KEY,
            ),
            allow(
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                on=[self.quarantine.arn_for_objects("*")],
                wildcard=_ANY_KEY,
            ),
            allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", on=[self.catalog.table_arn]),
        ]
        if config.recognition:
            no_resources = "detection in bytes knows no resources"
            grants.append(
                allow("rekognition:DetectLabels", "rekognition:DetectModerationLabels", on=["*"], wildcard=no_resources)
            )
        return grants

    def _notify(self) -> None:
        # Removals come from users and from lifecycle rules; each has event types of its own.
        events = (s3.EventType.OBJECT_CREATED, s3.EventType.OBJECT_REMOVED, s3.EventType.LIFECYCLE_EXPIRATION)
        notify_function(self.uploads, events, self.render.function)
