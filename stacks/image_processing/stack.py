"""The deployment unit of image processing."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.blocks.policy import SharedPolicy
from stacks.image_processing.construct import ImageProcessing, ImageProcessingConfig


class ImageProcessingStack(Stack):
    """S3 image processing; ``cdk deploy ImageProcessing``."""

    def __init__(
        self, scope: Construct, construct_id: str, config: ImageProcessingConfig, shared: SharedPolicy
    ) -> None:
        super().__init__(scope, construct_id, description="S3 image processing: renditions, catalog, quarantine")
        self.image_processing = ImageProcessing(self, "ImageProcessing", config, shared)
        CfnOutput(self, "UploadsBucketName", value=self.image_processing.uploads.bucket_name)
        CfnOutput(self, "RenditionsBucketName", value=self.image_processing.renditions.bucket_name)
        CfnOutput(self, "QuarantineBucketName", value=self.image_processing.quarantine.bucket_name)
        CfnOutput(self, "CatalogTableName", value=self.image_processing.catalog.table_name)
        CfnOutput(self, "FailureQueueUrl", value=self.image_processing.failures.queue_url)
