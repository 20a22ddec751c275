"""What a month of files costs: from what processing files of each kind was measured to take, and list prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.bill import GB, MEMORY_MB, MONTH_SECONDS, PLATFORM_LOG_BYTES, POLLS, ROUNDED_UP, Line, line, traces, waiting
from lambdas.file_processing.contract import Metric
from prices import Price

MIX: Final = {
    "image": 0.40,
    "text": 0.15,
    "pdf": 0.10,
    "office": 0.05,
    "csv": 0.10,
    "access_log": 0.10,
    "archive_zip": 0.02,
    "audio": 0.03,
    "video": 0.05,
}
"""Shares of the files that are uploaded; assumed."""
TRANSFER: Final = 80e6
"""Bytes that a function gets from S3, or puts there, in a second: assumed, as its config does."""
HASHING: Final = 1e9
"""Bytes a second of SHA-256 on one vCPU with instructions for it; assumed."""
OVERHEAD: Final = 0.008
"""Seconds of CPU of an invocation, beside processing: what the other use cases' functions were measured to take."""
STARTS, START_SECONDS = 0.001, 0.7
"""Invocations that find no execution environment waiting, and what starting one takes; assumed."""
LOG_BYTES: Final = 700
"""What a function writes about a message."""
INDEX_SECONDS, INDEX_BATCH = 0.15, 10
"""CPU time of a commit with its share of merging, assumed from index measurements; and files of a full batch."""
QUEUES: Final = 6
"""Standard queues that Lambda polls; and one FIFO queue."""
ALARMS: Final = 35

RECOGNIZE_CALLS: Final = {"GetItem": 2, "GetObject": 1, "TransactWriteItems": 1, "SendMessage": 1, "UpdateItem": 1}
LANE_CALLS: Final = {"GetItem": 1, "GetObject": 2, "TransactWriteItems": 1, "SendMessage": 1}
"""Of a file, beside its products and what one lane does alone; HeadObject costs and takes what GetObject does."""
INDEX_CALLS: Final = {"GetObject": 1, "PutObject": 2}
"""Of a commit: the manifest is read, a segment and the manifest are written. Merges write as much again."""
RECOGNIZE_UNITS: Final = 4 * 2 + 1 + 1
"""Write units: state, version, totals and digest in a transaction, the version's entry in the index, who was told."""
LANE_UNITS: Final = 2 * 2 + 2
"""State and version in a transaction; the version's entry in the index goes and comes."""
RECOGNIZE_READS, LANE_READS, INDEX_READS = 2, 1, 2
"""Consistent reads of the catalog."""
STORED_BYTES: Final = 1600
"""Of a file in the catalog: state, version, digest and the version's entry in the index."""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Defaults of `FileProcessingConfig`; a memory of 1,769 MB is one vCPU."""

    memory_mb: int = MEMORY_MB
    storage_mb: int = 512


LANES: Final = {
    "unpack": Lane(storage_mb=6_656),
    "transcode": Lane(memory_mb=5_307, storage_mb=10_240),
    "extract": Lane(storage_mb=4_608),
    "validate": Lane(storage_mb=8_704),
    "measure": Lane(storage_mb=4_608),
}
INDEX: Final = Lane(storage_mb=3_584)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a file of one kind takes."""

    lane: str | None
    """None where it is only catalogued."""
    bytes: float
    seconds: float = 0.0
    """CPU time of the lane's processor."""
    products: float = 0.0
    product_bytes: float = 0.0
    members: float = 0.0
    """Files that come out of it, each of which is then as a text is."""
    measurements: float = 0.0
    """Items of the metrics table."""
    measured_units: float = 0.0
    """Write units of them."""


@dataclass(frozen=True)
class Month:
    """A month of so many uploaded files, in the shares of `MIX`, at a steady rate."""

    files: float
    works: Mapping[str, Work]
    prices: Mapping[str, Price]

    @property
    def numbers(self) -> dict[str, float]:
        """Files of each kind; members of archives are texts."""
        found = {kind: self.files * share for kind, share in MIX.items()}
        found["text"] += sum(number * self.works[kind].members for kind, number in found.items())
        return found

    @property
    def recognized(self) -> float:
        """Files, with members of archives. Each is an invocation: at a steady rate batches do not fill."""
        return sum(self.numbers.values())

    @property
    def processed(self) -> float:
        """Files that go through a lane."""
        return sum(number for kind, number in self.numbers.items() if self.works[kind].lane)

    @property
    def commits(self) -> float:
        """Of the index: one after the other, so that at a high rate each has a full batch."""
        return max(self.recognized / INDEX_BATCH, min(self.recognized, MONTH_SECONDS))

    def lines(self) -> list[Line]:
        """The bill."""
        return [*self._functions(), *self._objects(), *self._messages(), *self._tables(), *self._watching()]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _functions(self) -> Iterator[Line]:
        invocations = self.recognized + self.processed + self.commits
        yield self._line("Lambda requests", "lambda-request", invocations)
        seconds = {"recognize": self._recognizing(), **self._in_lanes(), "index": self._indexing()}
        of = {"recognize": Lane(), **LANES, "index": INDEX}
        for name, each in seconds.items():
            gb_seconds = each * of[name].memory_mb / 1024
            yield self._line(f"Lambda GB-seconds, {name}", "lambda-arm64-gb-second", gb_seconds)
        storage = sum(each * (of[name].storage_mb - 512) / 1024 for name, each in seconds.items())
        yield self._line("Lambda storage GB-seconds", "lambda-ephemeral-storage-gb-second", storage)

    def _recognizing(self) -> float:
        each = OVERHEAD + waiting(RECOGNIZE_CALLS) + ROUNDED_UP + STARTS * START_SECONDS
        read = sum(number * self.works[kind].bytes for kind, number in self.numbers.items())
        return self.recognized * each + read * (1 / TRANSFER + 1 / HASHING)

    def _in_lanes(self) -> dict[str, float]:
        """Seconds by lane. Products are put one after the other."""
        found = dict.fromkeys(LANES, 0.0)
        for kind, number in self.numbers.items():
            work = self.works[kind]
            if work.lane:
                vcpus = LANES[work.lane].memory_mb / MEMORY_MB
                puts = {"PutObject": work.products + work.members, "BatchWriteItem": work.measurements / 25}
                moved = (work.bytes + work.product_bytes) / TRANSFER
                each = OVERHEAD + work.seconds / vcpus + moved + waiting(LANE_CALLS) + waiting(puts)
                found[work.lane] += number * (each + ROUNDED_UP + STARTS * START_SECONDS)
        return found

    def _indexing(self) -> float:
        texts = self._texts * (1 / TRANSFER + 0.030)
        return self.commits * (INDEX_SECONDS + waiting(INDEX_CALLS) + ROUNDED_UP) + texts

    @property
    def _texts(self) -> float:
        """Files whose text the index reads."""
        return sum(number for kind, number in self.numbers.items() if self.works[kind].lane == "extract")

    def _objects(self) -> Iterator[Line]:
        lanes = {kind: number for kind, number in self.numbers.items() if self.works[kind].lane}
        made = sum(number * (self.works[kind].products + self.works[kind].members) for kind, number in lanes.items())
        gets = self.recognized + 2 * self.processed + self.commits + self._texts
        kept = sum(self.files * share * self.works[kind].bytes for kind, share in MIX.items())
        kept += sum(number * self.works[kind].product_bytes for kind, number in lanes.items())
        yield self._line("S3 PUT requests of users", "s3-put", self.files)
        yield self._line("S3 PUT requests", "s3-put", made + 2 * INDEX_CALLS["PutObject"] * self.commits)
        yield self._line("S3 GET requests", "s3-get", gets)
        yield self._line("S3 GB-months", "s3-gb-month", kept / GB / 2)

    def _messages(self) -> Iterator[Line]:
        """SQS takes its price for what is sent, received and deleted."""
        yield self._line("SQS requests", "sqs-request", 3 * (self.recognized + self.processed))
        yield self._line("SQS requests of idle queues", "sqs-request", QUEUES * POLLS)
        yield self._line("SQS FIFO requests", "sqs-fifo-request", self.recognized + 2 * self.commits)
        yield self._line("SQS FIFO requests of an idle queue", "sqs-fifo-request", POLLS)

    def _tables(self) -> Iterator[Line]:
        measured = sum(number * self.works[kind].measured_units for kind, number in self.numbers.items())
        members = sum(number * self.works[kind].members for kind, number in self.numbers.items())
        writes = self.recognized * RECOGNIZE_UNITS + self.processed * LANE_UNITS + measured + members
        reads = self.recognized * (RECOGNIZE_READS + INDEX_READS) + self.processed * LANE_READS
        yield self._line("DynamoDB write units", "dynamodb-write-request-unit", writes)
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", reads)
        yield self._line("DynamoDB GB-months", "dynamodb-gb-month", self.recognized * STORED_BYTES / GB / 2)

    def _watching(self) -> Iterator[Line]:
        invocations = (self.recognized, self.processed, self.commits)
        logged = sum(invocations) * (LOG_BYTES + PLATFORM_LOG_BYTES)
        yield self._line("CloudWatch GB of logs", "cloudwatch-logs-gb", logged / GB)
        yield self._line("X-Ray traces", "xray-trace", sum(map(traces, invocations)))
        yield self._line("CloudWatch metrics", "cloudwatch-metric", len(Metric))
        yield self._line("CloudWatch alarms", "cloudwatch-alarm", ALARMS)
        yield self._line("CloudWatch dashboard", "cloudwatch-dashboard", 1)

    def options(self) -> list[Line]:
        """What the function leaves to MediaConvert: minutes at 720p count twice, those at 360p once."""
        minutes = 1_000 * 10 * (2 + 1)
        return [
            self._line("MediaConvert, 1,000 films of 10 minutes", "mediaconvert-basic-minute", minutes, counts=False)
        ]
