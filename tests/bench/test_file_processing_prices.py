"""The bill of files is reckoned as AWS does, from what was measured and from what the stack sets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.bill import MONTH_SECONDS, Line, total
from bench.file_processing import bill, samples
from bench.file_processing.bill import INDEX, LANES, MIX, Month, Work
from bench.file_processing.pricing import measured
from lambdas.file_processing.contract import Lane
from prices import prices
from stacks.file_processing.config import FileProcessingConfig
from tests.file_processing.fakes import ARRIVALS
from tests.file_processing.model import TEXT
from tests.file_processing.world import World
from tests.support.synthesis import Assembly

WORKS = {
    "image": Work(lane=None, bytes=4e6),
    "text": Work(lane="extract", bytes=0, seconds=0.01, products=1, product_bytes=0),
    "pdf": Work(lane="extract", bytes=0, seconds=0.01, products=1, product_bytes=0),
    "office": Work(lane="extract", bytes=0, seconds=0.01, products=1, product_bytes=0),
    "csv": Work(lane="validate", bytes=0, seconds=0.1, products=2, product_bytes=1e6),
    "access_log": Work(lane="measure", bytes=0, seconds=0.1, measurements=100, measured_units=200),
    "archive_zip": Work(lane="unpack", bytes=0, seconds=0.01, members=10),
    "audio": Work(lane="transcode", bytes=0, seconds=3, products=2, product_bytes=0),
    "video": Work(lane="transcode", bytes=0, seconds=9, products=4, product_bytes=0),
}
MONTH = Month(1e6, WORKS, prices())

# 200,000 members of archives are files as well; but for images all go through a lane.
RECOGNIZED, PROCESSED = 1.2e6, 0.8e6
# 2 reads, the file, a transaction, a message, a note; a starting environment in a thousand; half a millisecond.
A_RECOGNITION = 0.008 + 2 * 0.004 + 0.030 + 0.020 + 0.010 + 0.005 + 0.0005 + 0.0007
# A read, HEAD and GET of the file, a transaction, a message.
A_LANE = 0.008 + 0.004 + 2 * 0.030 + 0.020 + 0.010 + 0.0005 + 0.0007
VALIDATE = 1e5 * (A_LANE + 0.1 + 2 * 0.040 + 1e6 / 80e6)
# Three vCPUs; memory for as many.
TRANSCODE = 3e4 * (A_LANE + 3 / (5307 / 1769) + 2 * 0.040) + 5e4 * (A_LANE + 9 / (5307 / 1769) + 4 * 0.040)

DOLLARS = {
    "Lambda requests": (RECOGNIZED + PROCESSED + RECOGNIZED) * 0.0000002,
    "Lambda GB-seconds, recognize": (
        (RECOGNIZED * A_RECOGNITION + 4e5 * 4e6 * (1 / 80e6 + 1 / 1e9)) * 1769 / 1024 * 0.0000133334
    ),
    "Lambda GB-seconds, validate": VALIDATE * 1769 / 1024 * 0.0000133334,
    "Lambda GB-seconds, transcode": TRANSCODE * 5307 / 1024 * 0.0000133334,
    "S3 PUT requests of users": 5.0,
    # Texts, documents, tables, media, members; each commit writes two objects, and merging as many.
    "S3 PUT requests": (5e5 + 2e5 + 6e4 + 2e5 + 2e5 + 4 * RECOGNIZED) * 0.000005,
    "S3 GET requests": (RECOGNIZED + 2 * PROCESSED + RECOGNIZED + 5e5) * 0.0000004,
    "SQS requests": 3 * (RECOGNIZED + PROCESSED) * 0.0000004,
    "SQS FIFO requests": 3 * RECOGNIZED * 0.0000005,
    # 10 for the catalog's first transaction, 6 for its second; 200 of metrics; a note for each member.
    "DynamoDB write units": (RECOGNIZED * 10 + PROCESSED * 6 + 1e5 * 200 + 2e5) * 0.000000625,
    "DynamoDB read units": (RECOGNIZED * 4 + PROCESSED) * 0.000000125,
    "CloudWatch alarms": 3.5,
}


def _line(what: str) -> Line:
    (found,) = [each for each in MONTH.lines() if each.what == what]
    return found


@pytest.mark.parametrize("what", DOLLARS)
def test_a_million_files(what: str) -> None:
    assert _line(what).month == pytest.approx(DOLLARS[what])


def test_shares_of_the_mix_are_of_one_whole() -> None:
    assert sum(MIX.values()) == pytest.approx(1)


def test_index_has_full_batches_where_files_come_faster_than_commits() -> None:
    assert MONTH.commits == pytest.approx(RECOGNIZED)
    assert Month(1e7, WORKS, prices()).commits == pytest.approx(MONTH_SECONDS)
    assert Month(1e8, WORKS, prices()).commits == pytest.approx(1.2e8 / 10)


def test_mediaconvert_is_on_another_bill() -> None:
    (films,) = MONTH.options()
    assert films.month == pytest.approx(1_000 * 10 * 3 * 0.0075)
    assert total([*MONTH.lines(), films]).month == pytest.approx(total(MONTH.lines()).month)


def test_every_price_that_the_bill_names_is_in_the_file() -> None:
    named = set(re.findall(r'"((?:[a-z0-9]+-)+[a-z0-9]+)"', Path(bill.__file__).read_text()))
    assert named
    assert named <= prices().keys()


def test_the_bill_takes_the_defaults_of_the_config() -> None:
    config = FileProcessingConfig()
    for name, lane in {**LANES, "index": INDEX}.items():
        function = getattr(config, f"{name}_function")
        assert (function.memory_mb, function.storage_mb) == (lane.memory_mb, lane.storage_mb), name
    assert set(LANES) == set(Lane)


@pytest.mark.xdist_group("synth")
def test_the_bill_has_all_alarms_of_the_stack(assembly: Callable[[str], Assembly]) -> None:
    made = assembly("prod").templates["FileProcessing"]
    assert len(made.of_type("AWS::CloudWatch::Alarm")) == bill.ALARMS


def test_what_is_measured_is_what_the_processors_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "CLIP_SECONDS", 1)
    monkeypatch.setattr(samples, "SOUND_SECONDS", 1)
    works = measured()
    assert works.keys() == MIX.keys()
    for kind, work in works.items():
        assert (work.lane is None) == (kind == "image")
        assert (work.seconds > 0) == (work.lane is not None), kind
    assert works["archive_zip"].members == samples.MEMBERS
    assert works["access_log"].measured_units >= works["access_log"].measurements > 0
    for kind in ("text", "pdf", "office", "csv", "audio", "video"):
        assert works[kind].products >= 1, kind
        assert works[kind].product_bytes > 0, kind


def test_calls_of_the_bill_are_those_of_the_functions() -> None:
    world = World()
    world.s3.upload("a/text.txt", TEXT)
    world.outside.calls.clear()
    world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop(0))
    assert Counter(world.outside.calls) == bill.RECOGNIZE_CALLS
    # State, version, totals and digest; two units each in a transaction, one for the index and one for the note.
    assert 2 * world.dynamodb.most_written + 2 == bill.RECOGNIZE_UNITS
    [queue] = [name for name, waiting in world.sqs.queues.items() if waiting and name.startswith("lane/")]
    world.outside.calls.clear()
    world.deliver(queue, world.sqs.queues[queue].pop(0))
    # A download also asks for the size, which the fake need not be asked for; and the text is the file's one product.
    assert Counter([*world.outside.calls, "GetObject"]) == Counter(bill.LANE_CALLS) + Counter(["PutObject"])
