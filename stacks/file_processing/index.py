"""The full-text index: a queue of what has changed, its only writer, and the function that searches."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.file_processing.contract import IndexSettings, SearchSettings
from stacks.blocks.function import HandlerFunction
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import longest_wait_seconds
from stacks.blocks.queue_source import QueueSource, QueueSourceConfig
from stacks.file_processing import rights
from stacks.file_processing.config import FileProcessingConfig
from stacks.file_processing.stores import Stores
from stacks.file_processing.told import Told

_SOMEBODY_WAITS = "whoever searches waits for its answer, and may ask again: there are no events to be kept"


class Indexing(Construct):
    """Brings changes into the index, batch by batch. The attribute ``function`` is an L2 construct.

    All messages of ``queue`` are of one group, so that there is one writer at a time.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: FileProcessingConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        stores: Stores,
        queue: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function: lambda_.Function = HandlerFunction(
            self,
            "Handler",
            module="lambdas.file_processing.index",
            description="Makes the full-text index agree with the catalog",
            settings=IndexSettings(
                queue_url=queue.queue_url,
                longest_wait_seconds=longest_wait_seconds(config.index_function.timeout_seconds),
                products_bucket_name=stores.products.bucket_name,
                catalog_table_name=stores.catalog.table_name,
                limits=config.index_limits,
                **told,
            ),
            grants=[
                rights.keeping_the_catalog(stores, "GetItem"),
                rights.reading_texts(stores),
                *rights.using_the_index(stores.products, "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
            ],
            config=config.index_function,
            shared=shared,
        ).function
        QueueSource(self, "Source", function=self.function, queue=queue, config=QueueSourceConfig())


class Searching(Construct):
    """Searches the index. The attribute ``function`` is an L2 construct."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: FileProcessingConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        stores: Stores,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function: lambda_.Function = HandlerFunction(
            self,
            "Handler",
            module="lambdas.file_processing.search",
            description="Searches the text and the names of files",
            settings=SearchSettings(products_bucket_name=stores.products.bucket_name, **told),
            grants=rights.using_the_index(stores.products, "s3:GetObject"),
            config=config.search_function,
            shared=shared,
        ).function
        acknowledge(self.function, {"Serverless-LambdaDLQ": _SOMEBODY_WAITS})
