"""Logs: what is of interest is kept and counted, the rest is dropped."""

from __future__ import annotations

import pytest

from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.recipes.logs import RECIPE, LogLine
from tests.stream_analytics.analyzing import Content, analyze, reasons, values

LINE: Content = {"level": "ERROR", "service": "mail", "message": "it broke"}


@pytest.mark.parametrize(
    ("level", "message", "kept"),
    [
        ("DEBUG", "fine", False),
        ("INFO", "fine", False),
        ("WARNING", "fine", True),
        ("ERROR", "fine", True),
        ("CRITICAL", "", True),
        ("DEBUG", "connection timed out", True),
        ("INFO", "Permission DENIED\n  for key 7", True),
        ("INFO", "first line\nTimeoutError", True),
        ("INFO", "time out of mind", False),
    ],
)
def test_lines_are_kept_by_level_and_by_what_they_say(level: str, message: str, kept: bool) -> None:  # noqa: FBT001  a test's parameter
    analysis = analyze(RECIPE, LINE | {"level": level, "message": message})

    assert analysis.places[LogLine] == ([0] if kept else [])
    assert values(analysis.whole, "logs.lines") == ({level: Count(1)} if kept else {})
    assert values(analysis.whole, "stream.filtered") == ({} if kept else {"logs": Count(1)})


def test_errors_are_counted_by_service_and_kept_lines_by_level() -> None:
    lines = [("ERROR", "mail"), ("CRITICAL", "mail "), ("WARNING", "mail"), ("ERROR", "web"), ("INFO", "web")]

    tally = analyze(RECIPE, *(LINE | {"level": level, "service": service} for level, service in lines)).whole

    assert values(tally, "logs.errors") == {"mail": Count(2), "web": Count(1)}
    assert values(tally, "logs.lines") == {"ERROR": Count(2), "CRITICAL": Count(1), "WARNING": Count(1)}


def test_messages_are_kept_as_they_are() -> None:
    message = " Traceback:\n    File x\n\tline 1\n"

    assert analyze(RECIPE, LINE | {"message": message}).events[0].message == message


@pytest.mark.parametrize("change", [{"level": "error"}, {"level": "TRACE"}, {"service": ""}, {"message": "x" * 8193}])
def test_other_shapes_are_rejected(change: Content) -> None:
    assert reasons(analyze(RECIPE, LINE | change, LINE)) == {0: "wrong_schema"}
