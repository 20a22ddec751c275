"""Numbers of workbooks come out as the dates, times and durations that people see."""

from __future__ import annotations

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.file_processing.documents import read, saved


def cell(value: float, number_format: str, *, macintosh: bool = False) -> str:
    """Text of a workbook's only cell."""
    book = openpyxl.Workbook()
    if macintosh:
        book.epoch = CALENDAR_MAC_1904
    book.active.title = "S"
    book.active["A1"] = value
    book.active["A1"].number_format = number_format
    return read("office", saved(book)).text.removeprefix("S\n")


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (45_000, "dd/mm/yyyy", "2023-03-15"),
        (45_000, "[$-407]d. mmmm yyyy", "2023-03-15"),
        (45_000.5, "m/d/yy h:mm", "2023-03-15 12:00:00"),
        (0.5, "h:mm AM/PM", "12:00:00"),
        (1234.5, '#,##0.00 "days"', "1234.5"),
        (-1, "yyyy-mm-dd", "-1"),
    ],
)
def test_dates_and_times_are_told_by_the_format(value: float, number_format: str, expected: str) -> None:
    assert cell(value, number_format) == expected


@pytest.mark.parametrize("number_format", ["[h]:mm", "[hh]:mm:ss", "[mm]:ss", "[s]"])
def test_durations_may_be_longer_than_a_day(number_format: str) -> None:
    assert cell(1.5, number_format) == "36:00:00"


def test_colours_and_conditions_are_no_durations() -> None:
    assert cell(1.5, "[Red][<2]0.0") == "1.5"


def test_the_last_day_stands_for_no_end() -> None:
    assert cell(2_958_465, "yyyy-mm-dd") == "9999-12-31"


@pytest.mark.parametrize(("value", "macintosh"), [(2_958_465.999_999_9, False), (2_958_000, True)])
def test_what_is_later_than_the_last_day_stays_a_number(value: float, macintosh: bool) -> None:  # noqa: FBT001
    assert float(cell(value, "yyyy-mm-dd", macintosh=macintosh)) == value
