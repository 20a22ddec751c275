"""Logs that are measured call by call over a fake of DynamoDB, as the lane does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from lambdas.common.calls import Patience
from lambdas.common.tables.metrics import layout
from lambdas.file_processing.adapters.metrics import DynamoMetrics
from lambdas.file_processing.contract import generation_prefix
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import Current
from lambdas.file_processing.workflow.measuring import Measuring
from tests.file_processing.access_log_files import measure
from tests.file_processing.fakes import Stepped
from tests.support.fake_aws import FakeDynamoDB, Fault
from tests.support.schedule import Worker

TABLE = "metrics"
START = datetime(2026, 2, 6, 12, tzinfo=UTC)
FILES, GENERATIONS = 2, 3


def content(file: int, generation: int) -> bytes:
    """A log of four minutes; no two have the same number of requests in any."""
    lines = []
    for minute in range(4):
        for number in range(1 + 10 * generation + 100 * file + minute):
            status, taken = 500 + number % 2 if number % 5 == 0 else 200, number * number / 1000
            time = f"{START + timedelta(minutes=minute, seconds=number % 60):%d/%b/%Y:%H:%M:%S +0000}"
            lines.append(f'::1 - - [{time}] "GET /{number % 3} HTTP/2.0" {status} {number} "-" "-" {taken:.3f}')
    return "\n".join(lines).encode()


MEASURED = {
    (file, generation): measure(content(file, generation)) for file in range(FILES) for generation in range(GENERATIONS)
}


class Objects:
    """The products bucket."""

    def __init__(self, outside: Stepped) -> None:
        self.outside = outside
        self.objects: dict[str, bytes] = {}

    def write(self, key: str, data: bytes, _: str) -> None:
        self.outside.call("PutObject", lambda _: self.objects.update({key: data}))

    def read(self, key: str) -> bytes | None:
        answer: bytes | None = self.outside.call("GetObject", lambda _: self.objects.get(key))
        return answer

    def discard(self, prefix: str) -> None:
        def effect(_: bool) -> None:  # noqa: FBT001
            self.objects = {key: data for key, data in self.objects.items() if not key.startswith(prefix)}

        self.outside.call("DeleteObjects", effect)


@dataclass
class Logs:
    """Files with generations, of which the catalog shows one at the most, and the lane that measures them."""

    shown: dict[int, int | None] = field(default_factory=lambda: dict.fromkeys(range(FILES)))
    messages: list[tuple[int, int]] = field(default_factory=list)
    workers: list[tuple[Worker, tuple[int, int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outside = Stepped()
        tables = {TABLE: (layout.METRIC, layout.PERIOD_AND_SHARD)}
        self.dynamodb = cast("Any", FakeDynamoDB(self.outside, tables))
        self.objects = cast("Any", Objects(self.outside))
        patience = Patience(lambda _: None)
        table = DynamoMetrics(self.dynamodb, TABLE, 400, patience, lambda call, items: [call(each) for each in items])
        self.effects = Measuring(table, self.objects)

    def show(self, file: int, generation: int | None) -> None:
        """Uploads or deletes: whoever made metrics of what was shown is told, and whoever is to make new ones."""
        before, self.shown[file] = self.shown[file], generation
        self.messages += [(file, each) for each in (before, generation) if each is not None]

    def look(self, file: int, generation: int) -> None:
        """The lane's answer to a message, see ``workflow/lanes.py``; the catalog is read and written in no time."""
        work = Work(file_id=f"file{file}", generation=f"g{generation}")
        if self.shown[file] == generation:
            current = Current(
                file_id=work.file_id, bucket="b", object_key="k", name="n", sequencer="1", generation=work.generation,
                status=Status.PROCESSING,
            )  # fmt: skip
            self.effects.publish(current, MEASURED[file, generation])
            self.outside.call("TransactWriteItems", lambda _: None)
        if self.shown[file] != generation:
            self.effects.retract(work)
            self.objects.discard(generation_prefix(work.file_id, work.generation))

    def start(self, message: tuple[int, int]) -> None:
        self.workers.append((Worker(lambda: self.look(*message)), message))

    def step_into(self, worker: Worker, fault: Fault) -> None:
        """The next call of an invocation fails."""
        self.outside.decide = lambda _: fault
        worker.step()
        self.outside.decide = lambda _: Fault.NONE

    def tidy(self) -> None:
        """Messages of whoever was killed or failed come again."""
        for each in list(self.workers):
            worker, message = each
            if not worker.running:
                self.workers.remove(each)
                if worker.killed or worker.error:
                    self.messages.append(message)

    def settle(self) -> None:
        self.outside.decide = lambda _: Fault.NONE
        while self.workers or self.messages:
            for worker, _ in self.workers:
                worker.finish()
            self.tidy()
            if self.messages:
                self.start(self.messages.pop())
