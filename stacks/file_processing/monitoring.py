"""What to watch: how long files wait, what becomes of them, the index, and every function; and a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.file_processing.contract import Metric
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, invocations, waiting
from stacks.blocks.metrics import own_metric
from stacks.blocks.policy import SharedPolicy
from stacks.file_processing.config import FileProcessingConfig

if TYPE_CHECKING:
    from stacks.file_processing.construct import FileProcessing

_OUTCOMES = (Metric.READY, Metric.CATALOGUED, Metric.REJECTED, Metric.REMOVED)
_PERCENTILES = ("p50", "p95", "p99")


class Monitoring(Construct):
    """Metrics of the functions, and of what stands between them.

    ``alarms`` holds those of files as a whole, of the index, and of each function, by its name.
    """

    def __init__(self, processing: FileProcessing, config: FileProcessingConfig, shared: SharedPolicy) -> None:
        super().__init__(processing, "Monitoring")
        self._processing = processing
        self._functions = _functions(processing)
        self._queues = _queues(processing)
        self.alarms = {
            name: Alarms(self, f"{name}Alarms", shared) for name in ("Files", "IndexContent", *self._functions)
        }
        self._watch_files(config)
        self._watch_index(config)
        self._watch_functions(config)
        self._dashboard()

    def metric(self, name: Metric, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """One of the functions' own metrics."""
        return own_metric(self._processing, name, statistic, period)

    @property
    def quarantine_rate(self) -> cloudwatch.Metric:
        """Percentage of settled files that were rejected; no data while there are none."""
        return self.metric(Metric.REJECTED_SHARE, "Average")

    def _watch_files(self, config: FileProcessingConfig) -> None:
        alarms = self.alarms["Files"]
        depth = waiting(self._processing.failures).with_(period=FIVE_MINUTES)
        alarms.above("FailureQueueDepth", depth, 0, "files failed for good; their messages wait to be redriven")
        reason = "this percentage of files was rejected: look at reason.json in the quarantine bucket"
        alarms.above("QuarantineRate", self.quarantine_rate, config.quarantine_alarm_percent, reason)
        retried = self.metric(Metric.RETRIED, period=FIVE_MINUTES)
        alarms.above("RetriedMessages", retried, 0, "AWS calls failed, and files are tried again: see the logs")
        if self._processing.finishing:
            failed = self.metric(Metric.JOBS_FAILED, period=FIVE_MINUTES)
            reason = "MediaConvert could not transcode a file, or may not: the catalog tells its reason"
            alarms.above("MediaConvertFailures", failed, 0, reason)

    def _watch_index(self, config: FileProcessingConfig) -> None:
        alarms = self.alarms["IndexContent"]
        depth = waiting(self._processing.index_failures).with_(period=FIVE_MINUTES)
        alarms.above("FailureQueueDepth", depth, 0, "files were not indexed; their messages wait to be redriven")
        late = Duration.minutes(config.max_index_lag_minutes).to_seconds()
        reason = "files are found later than they should be: look for errors, else give the function more memory"
        alarms.above("Lag", _oldest(self._processing.index_queue), late, reason)
        conflicts = self.metric(Metric.INDEX_CONFLICTS, period=FIVE_MINUTES)
        alarms.above("Conflicts", conflicts, 0, "somebody else has written the index, which has one writer")
        most = config.index_limits.max_bytes * config.index_alarm_percent / 100
        reason = "the index is soon as large as it may be: allow more, and give its functions storage for it"
        alarms.above("Bytes", self.metric(Metric.INDEX_BYTES, "Maximum", FIVE_MINUTES), most, reason)
        left_out = self.metric(Metric.TEXTS_LEFT_OUT, period=FIVE_MINUTES)
        reason = "files are found by their names alone: the index is full, or texts were deleted; the logs tell which"
        alarms.above("TextsLeftOut", left_out, 0, reason)

    def _watch_functions(self, config: FileProcessingConfig) -> None:
        for name, function in self._functions.items():
            then = "whoever asked was told of an error, and may ask again" if name == "Search" else "they are retried"
            self.alarms[name].of_invocations(function, then)
        if self._processing.finishing:
            self.alarms["Finish"].of_destination(self._processing.finishing.function)
        most = Duration.minutes(config.max_wait_minutes).to_seconds()
        reason = "files wait longer than they should: look for errors and throttles, or allow more at a time"
        for name, queue in self._queues.items():
            self.alarms[name].above("WaitingFiles", _oldest(queue), most, reason)

    def _dashboard(self) -> None:
        """One screen: alarms first, then files, what waits, the index, and the functions."""
        dashboard(
            self,
            self.alarms.values(),
            [
                [self._files(), self._times()],
                [self._queued(), self._failures()],
                [self._index(), self._searches()],
                [invocations(list(self._functions.values())), self._jobs()],
            ],
        )

    def _files(self) -> cloudwatch.GraphWidget:
        return chart(
            "Files that arrived and what became of them; generations discarded, messages of no effect on the right",
            [self.metric(name) for name in (Metric.ARRIVED, *_OUTCOMES)],
            [self.metric(name) for name in (Metric.DISCARDED, Metric.NO_EFFECT)],
        )

    def _times(self) -> cloudwatch.GraphWidget:
        times = [self.metric(Metric.HANDLING_TIME, statistic) for statistic in _PERCENTILES]
        return chart("Milliseconds per message", times)

    def _queued(self) -> cloudwatch.GraphWidget:
        queues = (*self._queues.values(), self._processing.index_queue)
        return chart(
            "Messages that wait; seconds of the oldest on the right",
            [waiting(queue) for queue in queues],
            [_oldest(queue) for queue in queues],
        )

    def _failures(self) -> cloudwatch.GraphWidget:
        given_up = (self._processing.failures, self._processing.index_failures)
        return chart(
            "Messages tried again, and that failed for good; rejected rows and the quarantine rate on the right",
            [self.metric(Metric.RETRIED), *(waiting(queue) for queue in given_up)],
            [self.metric(Metric.BAD_ROWS), self.quarantine_rate],
        )

    def _index(self) -> cloudwatch.GraphWidget:
        changes = (Metric.DOCUMENTS_INDEXED, Metric.DOCUMENTS_REMOVED, Metric.TEXTS_LEFT_OUT, Metric.INDEX_CONFLICTS)
        return chart(
            "Documents indexed, removed and left without text, conflicts, segments; bytes of the index on the right",
            [*(self.metric(name) for name in changes), self.metric(Metric.INDEX_SEGMENTS, "Maximum")],
            [self.metric(Metric.INDEX_BYTES, "Maximum")],
        )

    def _searches(self) -> cloudwatch.GraphWidget:
        return chart(
            "Searches; their milliseconds on the right",
            [self.metric(Metric.SEARCHES)],
            [self.metric(Metric.SEARCH_TIME, statistic) for statistic in _PERCENTILES],
        )

    def _jobs(self) -> cloudwatch.GraphWidget:
        return chart(
            "MediaConvert jobs started, and failed",
            [self.metric(name) for name in (Metric.JOBS_STARTED, Metric.JOBS_FAILED)],
        )


def _functions(processing: FileProcessing) -> Mapping[str, lambda_.IFunction]:
    finishing = processing.finishing
    return {
        "Recognize": processing.recognize.function,
        **{lane.title(): each.function for lane, each in processing.lanes.items()},
        **({"Finish": finishing.function} if finishing else {}),
        "Index": processing.indexing.function,
        "Search": processing.searching.function,
    }


def _queues(processing: FileProcessing) -> Mapping[str, sqs.IQueue]:
    """By the function that reads each."""
    return {
        "Recognize": processing.arrivals,
        **{lane.title(): each.queue for lane, each in processing.lanes.items()},
    }


def _oldest(queue: sqs.IQueue) -> cloudwatch.Metric:
    return queue.metric_approximate_age_of_oldest_message(statistic="Maximum", period=FIVE_MINUTES)
