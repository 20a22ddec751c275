"""File processing: files of any kind in; renditions, texts, good rows, metrics, an index and a catalog out."""

from __future__ import annotations

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.file_processing.contract import Lane, RecognizeSettings
from stacks.blocks.function import HandlerFunction
from stacks.blocks.notifications import notify_queue
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import dead_letter_queue, longest_wait_seconds, work_queue
from stacks.blocks.queue_source import QueueSource, QueueSourceConfig
from stacks.file_processing import rights
from stacks.file_processing.config import FileProcessingConfig
from stacks.file_processing.http import Http
from stacks.file_processing.index import Indexing, Searching
from stacks.file_processing.lanes import Around, lane_functions
from stacks.file_processing.media_convert import Finishing, JobRole
from stacks.file_processing.monitoring import Monitoring
from stacks.file_processing.stores import Stores
from stacks.file_processing.told import told
from stacks.file_processing.wires import Web

# Removals come from users and from lifecycle rules; each has event types of its own.
_EVENTS = (s3.EventType.OBJECT_CREATED, s3.EventType.OBJECT_REMOVED, s3.EventType.LIFECYCLE_EXPIRATION)


class FileProcessing(Construct):
    """Processes every file put into the inbox, by its kind; see docs/file_processing.md.

    Attributes are constructs: ``stores``, ``failures``, ``arrivals``, ``index_failures``, ``index_queue``, ``lanes``,
    ``recognize``, ``finishing`` (None without MediaConvert), ``indexing``, ``searching``, ``http`` (None unless wired),
    ``monitoring``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: FileProcessingConfig,
        shared: SharedPolicy,
        web: Web | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        facts = told(self)
        self.stores = Stores(self, "Stores", config, shared)
        self._queues(config)
        around = Around(
            stores=self.stores,
            told=facts,
            arrivals=self.arrivals,
            index=self.index_queue,
            failures=self.failures,
            jobs=JobRole(self, "Jobs", config, self.stores) if config.media_convert else None,
        )
        self.lanes = lane_functions(self, config, shared, around)
        self.recognize = self._recognize(config, shared)
        self.finishing = (
            Finishing(
                self,
                "Finish",
                config,
                shared,
                facts,
                stores=self.stores,
                transcode=self.lanes[Lane.TRANSCODE].queue,
                index=self.index_queue,
                failures=self.failures,
            )
            if config.media_convert
            else None
        )
        self.indexing = Indexing(self, "Index", config, shared, facts, stores=self.stores, queue=self.index_queue)
        self.searching = Searching(self, "Search", config, shared, facts, stores=self.stores)
        self.http = Http(self, "Http", web=web, search=self.searching.function) if web else None
        self.monitoring = Monitoring(self, config, shared)

    def _queues(self, config: FileProcessingConfig) -> None:
        """FIFO queues want dead-letter queues of their own sort."""
        self.failures = dead_letter_queue(self, "Failures")
        self.arrivals: sqs.Queue = work_queue(
            self,
            "Arrivals",
            timeout_seconds=config.recognize_function.timeout_seconds,
            dead_letters=self.failures,
        )
        self.index_failures = dead_letter_queue(self, "IndexFailures", fifo=True)
        self.index_queue = work_queue(
            self,
            "IndexQueue",
            timeout_seconds=config.index_function.timeout_seconds,
            dead_letters=self.index_failures,
            fifo=True,
        )

    def _recognize(self, config: FileProcessingConfig, shared: SharedPolicy) -> HandlerFunction:
        stores = self.stores
        queues = {lane: each.queue for lane, each in self.lanes.items()}
        recognize = HandlerFunction(
            self,
            "Recognize",
            module="lambdas.file_processing.recognize",
            description="Takes files into the catalog, and hands them to the lanes of their kinds",
            settings=RecognizeSettings(
                queue_url=self.arrivals.queue_url,
                longest_wait_seconds=longest_wait_seconds(config.recognize_function.timeout_seconds),
                quarantine_bucket_name=stores.quarantine.bucket_name,
                catalog_table_name=stores.catalog.table_name,
                lane_queue_urls={lane: queue.queue_url for lane, queue in queues.items()},
                index_queue_url=self.index_queue.queue_url,
                limits=config.limits,
                keep_days=config.keep_days,
                **told(self),
            ),
            grants=[
                *rights.reading_originals(stores),
                rights.quarantining(stores),
                rights.keeping_the_catalog(stores, "GetItem", "PutItem", "UpdateItem"),
                rights.sending(*queues.values(), self.index_queue),
            ],
            config=config.recognize_function,
            shared=shared,
        )
        source = QueueSourceConfig(batch_size=config.arrivals_batch_size, max_concurrency=config.concurrency)
        QueueSource(self, "RecognizeSource", function=recognize.function, queue=self.arrivals, config=source)
        notify_queue(stores.inbox, _EVENTS, self.arrivals)
        return recognize
