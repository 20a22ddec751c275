"""Access logs as files: packed or not, damaged, with lines that cannot be read, and larger than memory likes."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from lambdas.common.tables.metrics.sketches import Top
from lambdas.file_processing.contract.access_logs import AccessMetric
from lambdas.file_processing.contract.limits import Limits, LogLimits
from lambdas.file_processing.domain.access_logs import blocks, tally
from lambdas.file_processing.domain.access_logs.measure import process
from lambdas.file_processing.domain.processing import Input, Processed, Rejected
from tests.file_processing.access_log_files import bad_lines, by_minute, exact, measure

HEADER = b"#Version: 1.0\n#Fields: date time sc-status\n"


def line(path: str = "/a", *, minute: int = 0, status: int = 200) -> bytes:
    """A request in the common log format."""
    return f'h - - [10/Oct/2026:13:{minute:02}:36 +0000] "GET {path} HTTP/1.1" {status} 10 "-" "-" 0.125\n'.encode()


def top(processed: Processed, metric: AccessMetric = AccessMetric.PATHS) -> Top:
    """Paths of the only minute."""
    (found,) = (each.value for each in processed.measurements if each.metric == metric)
    assert isinstance(found, Top)
    return found


def test_a_packed_log_gives_what_the_unpacked_one_gives() -> None:
    content = b"".join(line(f"/{number % 7}", minute=number % 3) for number in range(5_000))
    plain, packed = measure(content), measure(gzip.compress(content[:99_999]) + gzip.compress(content[99_999:]))
    assert packed.measurements == plain.measurements
    assert (plain.facts["gzip"], packed.facts["gzip"]) == (False, True)


def test_equal_input_gives_equal_results_and_bytes() -> None:
    content = line() + b"no request\n" + line("/b", minute=1, status=500)
    one, other = measure(content), measure(content)
    assert (one.facts, one.measurements) == (other.facts, other.measurements)
    assert one.quarantined[0].path.read_bytes() == other.quarantined[0].path.read_bytes()


def test_lines_may_end_as_windows_ends_them_and_the_last_need_not_end() -> None:
    content = line() + line().replace(b"\n", b"\r\n") + b"\r\n" + line().rstrip()
    processed = measure(content)
    assert processed.facts["lines"] == 3
    assert by_minute(processed.measurements).popitem()[1].requests == 3


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    processed = measure(b"\xef\xbb\xbf" + HEADER + b"2026-10-10\t13:00:00\t200\n")
    assert (processed.facts["lines"], processed.facts["rejected"]) == (1, 0)


def test_facts_tell_what_was_found() -> None:
    processed = measure(line() + line("/b", minute=2, status=503) + b"junk\n" + line(minute=61) + b"# a comment\n\n")
    assert processed.facts == {
        "format": "common", "gzip": False, "lines": 4, "rejected": 2,
        "rejected_by_reason": {"bad_time": 1, "malformed": 1},
        "first_minute": "2026-10-10T13:00Z", "last_minute": "2026-10-10T13:02Z", "minutes": 2, "requests": 2,
        "bytes": 20, "statuses": {"2xx": 1, "5xx": 1},
    }  # fmt: skip


def test_quarantine_tells_where_a_line_stood_and_what_was_wrong_with_it() -> None:
    processed = measure(line() + b"junk\n\n" + line(minute=61) + b"\xff\xfe\n")
    junk, time, bytes_ = bad_lines(processed)
    assert (junk["line"], junk["code"], junk["raw"]) == (2, "malformed", "junk")
    assert (time["line"], time["code"], time["raw"]) == (4, "bad_time", line(minute=61).decode().rstrip("\n"))
    assert (bytes_["line"], bytes_["raw_base64"]) == (5, "//4=")


def test_a_line_that_is_too_long_is_passed_over_wherever_it_stands() -> None:
    limits = Limits(logs=LogLimits(max_line_bytes=200))
    long = line("/" + "x" * 2 * blocks.BLOCK)
    for content in (line() + long + line(), line() + line("/" + "y" * 300) + line(), line() + line() + long[:-1]):
        processed = measure(content, limits=limits)
        assert processed.facts["requests"] == 2
        (bad,) = bad_lines(processed)
        assert (bad["code"], len(bad["raw"]) <= blocks.KEPT) == ("too_long", True)


def test_a_line_that_is_too_long_does_not_hide_what_the_lines_before_it_say_of_the_format() -> None:
    limits = Limits(logs=LogLimits(max_line_bytes=200))
    processed = measure(HEADER + b"2026-02-06\t12:00:00\t200\n" + b"x" * 300 + b"\n", limits=limits)
    assert (processed.facts["requests"], processed.facts["rejected"]) == (1, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Dear reader,\nthere is no request here.\n", "unknown_format"),
        (HEADER + b"yesterday\tnoon\t200\n", "no_line_readable"),
        (line(minute=61), "no_line_readable"),
        (gzip.compress(line() * 50_000)[:-50], "bad_gzip"),
        (gzip.compress(line() * 9)[:-3], "bad_gzip"),
        (gzip.compress(line())[:-8] + b"\0" * 8, "bad_gzip"),
        (gzip.compress(line()) + b"and more", "bad_gzip"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_rejected(content: bytes, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        measure(content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("limits", "code"),
    [(LogLimits(max_unpacked_bytes=1_000), "too_big"), (LogLimits(max_minutes=9), "too_many_minutes")],
)
def test_a_log_beyond_a_limit_is_rejected(limits: LogLimits, code: str) -> None:
    content = gzip.compress(b"".join(line(minute=minute) for minute in range(20)))
    with pytest.raises(Rejected) as caught:
        measure(content, limits=Limits(logs=limits))
    assert caught.value.code == code


def test_a_weekly_log_may_be_rotated_some_hours_late() -> None:
    start = datetime(2026, 10, 10, tzinfo=UTC)
    times = (start + timedelta(minutes=number) for number in range(7 * 24 * 60 + 12 * 60))
    content = "".join(f'h - - [{time:%d/%b/%Y:%H:%M:%S %z}] "GET / HTTP/1.1" 200 10\n' for time in times)
    assert measure(content.encode()).facts["minutes"] == 7 * 24 * 60 + 12 * 60


def test_a_log_without_requests_has_no_metrics() -> None:
    processed = measure(HEADER)
    assert (processed.facts["lines"], processed.measurements, processed.quarantined) == (0, (), ())


def test_metrics_of_a_log_are_those_of_the_first_segment_of_its_key() -> None:
    assert {each.dimension for each in measure(line(), "log").measurements} == {"", "2xx"}
    assert {each.dimension for each in measure(line(), "a.zip!/b/c").measurements} == {"a.zip!/", "a.zip!/2xx"}


def test_queries_do_not_get_into_metrics_and_long_paths_only_with_their_beginning() -> None:
    processed = measure(line("/a?token=secret") + line("/" + "ö" * 300) + line("/" + "ö" * 300 + "?x"))
    counts = exact(top(processed))
    assert counts["/a"] == 1
    assert sorted(counts.values()) == [1, 2]
    assert all(len(path) <= 256 and "secret" not in path for path in counts)


def test_counts_of_more_paths_than_there_is_room_for_are_within_their_bounds() -> None:
    paths = [f"/often/{number}" for number in range(20)] * 200 + [f"/once/{number}" for number in range(4_000)]
    content = b"".join(line(path) for path in paths[::2] + paths[1::2])
    with patch.object(tally, "MAX_PATHS", 500):
        found = top(measure(content))
    assert found.weight == len(paths)
    counts = {each.name: each for each in found.items()}
    assert all(counts[f"/often/{number}"].lower <= 200 <= counts[f"/often/{number}"].upper for number in range(20))
    assert 0 < found.max_error < 200


@pytest.mark.parametrize("packed", [False, True])
def test_memory_does_not_grow_with_the_log(packed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    def peak(lines: int) -> int:
        content = b"".join(line(f"/{number}?{number}") for number in range(100)) * (lines // 100)
        path = tmp_path / "log"
        path.write_bytes(gzip.compress(content, 1) if packed else content)
        source = Input(path, "log", "access_log", len(content))
        del content
        tracemalloc.start()
        process(source, tmp_path, Limits())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(100_000) < 1.2 * peak(20_000)


def test_a_line_without_end_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(line() + b"x" * 64 * 1024 * 1024)
    source = Input(path, "log", "access_log", path.stat().st_size)
    tracemalloc.start()
    process(source, tmp_path, Limits())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024
