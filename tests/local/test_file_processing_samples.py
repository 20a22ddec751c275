"""What the demo of file processing generates, and whether what it knows of it is true."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.file_processing.contract.access_logs import QuarantinedLine
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.processing import HEAD_BYTES, Input, Processed, Rejected
from lambdas.file_processing.domain.recognition import read_head, recognize
from lambdas.file_processing.domain.rows.ledger import BadRow
from lambdas.file_processing.kinds import kinds
from local.use_cases.file_processing import checks, clips, measured, players, requests, samples
from local.use_cases.file_processing.measured import Measured
from local.use_cases.file_processing.requests import MINUTES, Minute
from local.use_cases.file_processing.samples import SITE, File, Samples
from tests.local.files import version

START = datetime(2026, 11, 25, 12, tzinfo=UTC)


@cache
def made() -> Samples:
    """Once: the clip takes seconds."""
    return samples.samples(START)


def everything() -> list[File]:
    """Members of archives included."""
    return [each.file for each in made().shown((*made().first, *made().then))]


def process(file: File, directory: Path) -> Processed:
    """As its lane does."""
    path, output = directory / "original", directory / "output"
    path.write_bytes(file.data)
    output.mkdir()
    lane = kinds()[file.kind].process
    assert lane
    return lane(Input(path=path, name=file.name, kind=file.kind, size=len(file.data)), output, Limits())


def read(directory: Path) -> Any:
    return lambda key: (directory / "output" / key.split("/0A-1/")[1]).read_bytes()


def test_each_file_is_recognised_as_what_it_is() -> None:
    for file in everything():
        head = read_head(file.data[:HEAD_BYTES], len(file.data), part_of(file.data))
        assert recognize(head, kinds().values()).kind.name == file.kind, file.name


def part_of(data: bytes) -> Callable[[int, int], bytes]:
    return lambda start, length: data[start : start + length]


def test_there_is_a_file_for_every_lane_and_every_end() -> None:
    assert {kinds()[each.kind].lane for each in everything()} == {*{kind.lane for kind in kinds().values()}}
    assert {each.status for each in everything()} == {Status.READY, Status.CATALOGUED, Status.REJECTED}


def test_bytes_are_the_same_each_time() -> None:
    again = samples.samples(START)
    word = "docs/minutes.docx"  # the library writes the time into it
    assert [(each.name, each.data) for each in again.first if each.name != word] == [
        (each.name, each.data) for each in made().first if each.name != word
    ]


@pytest.mark.parametrize("name", ["docs/torn.pdf", "archives/crowd.zip"])
def test_bad_file_is_rejected_for_the_reason_that_is_told(name: str, tmp_path: Path) -> None:
    file = named(name)
    with pytest.raises(Rejected) as raised:
        process(file, tmp_path)
    assert raised.value.code == file.reason


def named(name: str) -> File:
    return next(each for each in made().first if each.name == name)


# --- rows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [samples.ORDERS, samples.SHIPPED, samples.READINGS])
def test_bad_rows_are_those_that_the_processor_finds(name: str, tmp_path: Path) -> None:
    table = {samples.ORDERS: made().orders, samples.SHIPPED: made().shipped, samples.READINGS: made().readings}[name]
    found = told(named(name), process(named(name), tmp_path))
    rows: list[BadRow] = checks.bad_rows(found, read(tmp_path))
    assert list(checks.check_rows(table, found, rows, read(tmp_path))) == []


def told(file: File, processed: Processed) -> Any:
    """The version that the catalog has then."""
    return version(file, facts=json.dumps(dict(processed.facts)))


# --- access logs ----------------------------------------------------------------------------------------------------


class Table:
    """As much of DynamoDB as the reader of metrics asks for."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def get_paginator(self, _: str) -> Table:
        return self

    def paginate(self, *, ExpressionAttributeValues: Any, **_: Any) -> Iterator[Any]:  # noqa: N803  boto3's names
        values = {name: value["S"] for name, value in ExpressionAttributeValues.items()}
        found = [
            each
            for each in self.items
            if each[layout.METRIC]["S"] == values[":metric"]
            and values[":start"] <= each[layout.PERIOD_AND_SHARD]["S"] <= values[":end"]
        ]
        yield {"Items": sorted(found, key=lambda each: each[layout.PERIOD_AND_SHARD]["S"])}


@cache
def counted(directory: Path) -> Measured:
    table: Any = Table()
    for name in (samples.WEB_LOG, samples.BALANCER_LOG):
        place = directory / name.replace("/", "-")
        place.mkdir()
        for each in process(named(name), place).measurements:
            table.items.append(
                layout.item_key(each.metric, each.dimension, each.start, name) | each.value.to_attributes()
            )
    return Measured.of(MetricsReader(table, "metrics"), START)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return counted(tmp_path_factory.mktemp("logs"))


def test_metrics_of_both_logs_are_what_the_requests_come_to(logs: Measured) -> None:
    assert list(measured.check_metrics(made().traffic.minutes, logs)) == []
    assert sum(each.count for each in logs.requests.values()) == 8_000


@pytest.mark.parametrize("wrong", ["requests", "errors", "bytes", "latency", "paths", "failing"])
def test_metric_of_one_minute_that_is_lost_is_a_problem(logs: Measured, wrong: str) -> None:
    values = dict(getattr(logs, wrong))
    del values[MINUTES - 1]
    assert len(list(measured.check_metrics(made().traffic.minutes, replace(logs, **{wrong: values})))) == 1


def test_duration_that_is_off_by_more_than_quantiles_promise_is_a_problem(logs: Measured) -> None:
    minutes = [*made().traffic.minutes]
    slower = [each * 1.05 for each in minutes[3].milliseconds]
    minutes[3] = Minute(minutes[3].statuses, minutes[3].size, slower, minutes[3].paths, minutes[3].failing)
    assert len(list(measured.check_metrics(minutes, logs))) == len(measured.QUANTILES)


def test_metrics_that_nobody_caused_are_a_problem(logs: Measured) -> None:
    requests = {**logs.requests, MINUTES + 3: logs.requests[0]}
    assert len(list(measured.check_metrics(made().traffic.minutes, replace(logs, requests=requests)))) == 1


@pytest.mark.parametrize("name", [samples.WEB_LOG, samples.BALANCER_LOG])
def test_bad_lines_are_those_that_the_processor_finds(name: str, tmp_path: Path) -> None:
    log = {samples.WEB_LOG: made().traffic.web, samples.BALANCER_LOG: made().traffic.balancer}[name]
    found = told(named(name), process(named(name), tmp_path))
    lines: list[QuarantinedLine] = checks.bad_lines(found, read(tmp_path))
    assert list(checks.check_lines(log, found, lines)) == []
    assert name.startswith(SITE)


# --- clips ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The rendition of the clip that is stored lying on its side."""
    directory = tmp_path_factory.mktemp("portrait")
    process(named(samples.PORTRAIT), directory)
    return (directory / "output" / "video-360p.mp4").read_bytes()


def test_rendition_is_upright_and_as_long_as_the_clip(portrait: bytes) -> None:
    found = players.played(portrait)
    assert (found.size, found.upright, found.starts_fast) == (clips.PORTRAIT_SIZE, True, True)
    assert found.seconds == pytest.approx(clips.PORTRAIT_SECONDS, abs=0.1)


def test_clip_that_lies_on_its_side_is_noticed() -> None:
    found = players.played(named(samples.PORTRAIT).data)
    assert (found.size, found.upright) == (clips.PORTRAIT_SIZE[::-1], False)


def test_clip_whose_index_stands_at_its_end_is_noticed() -> None:
    assert not players.played(named(samples.CLIP).data).starts_fast


def test_requests_begin_when_they_should() -> None:
    later = requests.traffic(START + timedelta(hours=1))
    assert later.web.data != made().traffic.web.data
    assert later.minutes == made().traffic.minutes
