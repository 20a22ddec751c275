"""The deployment unit of file processing."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.blocks.policy import SharedPolicy
from stacks.file_processing.config import FileProcessingConfig
from stacks.file_processing.construct import FileProcessing
from stacks.file_processing.wires import Web


class FileProcessingStack(Stack):
    """Files of any kind; ``cdk deploy FileProcessing``, which deploys the stack of ``web`` too."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: FileProcessingConfig,
        shared: SharedPolicy,
        web: Web | None = None,
    ) -> None:
        super().__init__(
            scope, construct_id, description="File processing: renditions, texts, rows, metrics, index, catalog"
        )
        self.file_processing = FileProcessing(self, "FileProcessing", config, shared, web)
        for name, value in _outputs(self.file_processing).items():
            CfnOutput(self, name, value=value)


def _outputs(processing: FileProcessing) -> dict[str, str]:
    stores, finishing = processing.stores, processing.finishing
    return {
        "InboxBucketName": stores.inbox.bucket_name,
        "ProductsBucketName": stores.products.bucket_name,
        "QuarantineBucketName": stores.quarantine.bucket_name,
        "FileCatalogTableName": stores.catalog.table_name,
        "MetricsTableName": stores.metrics.table_name,
        "FailureQueueUrl": processing.failures.queue_url,
        "IndexFailureQueueUrl": processing.index_failures.queue_url,
        "SearchFunctionName": processing.searching.function.function_name,
        **({"FinishFunctionName": finishing.function.function_name} if finishing else {}),
    }
