"""JSON Lines: each line that is an object is a row, and stays as it is."""

from __future__ import annotations

import pytest

from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.tables import result_of, spec
from tests.file_processing.test_rows_json import BAD

GOOD = b'{"a": 1.10, "b" : "\\u00e9"}'


def test_good_lines_stay_as_they_are() -> None:
    found = result_of("json_lines", b"\xef\xbb\xbf" + GOOD + b"\r\n \n\n" + GOOD)
    assert (found.lines, found.facts["rows"]) == ([GOOD, GOOD], 2)


ONE_LINE = [name for name, (text, _) in BAD.items() if b"\n" not in text and text]


@pytest.mark.parametrize("name", ONE_LINE)
def test_a_bad_line_is_bad_alone(name: str) -> None:
    line, code = BAD[name]
    found = result_of("json_lines", b'{"a":"\xc3\xa9"}\n\n' + line + b"\n" + GOOD + b"\n", max_row_bytes=4_096)
    assert (len(found.lines), found.lines[1]) == (2, GOOD)
    assert [(bad["row"], bad["line"], bad["code"]) for bad in found.bad] == [(2, 3, code)]


def test_keys_of_the_first_object_are_told_as_columns() -> None:
    assert result_of("json_lines", b'[1]\n{"b":1,"a":2}\n{"c":1}\n').facts["columns"] == ["b", "a"]


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"\n\n", b"\xff" * 100], ids=["CSV", "blank", "bytes"])
def test_a_file_without_a_line_of_json_is_rejected_whole(data: bytes) -> None:
    with pytest.raises(Rejected) as verdict:
        result_of("json_lines", data)
    assert verdict.value.code == "not_json_lines"


def test_columns_are_those_of_the_first_object_without_a_key_that_is_there_twice() -> None:
    assert result_of("json_lines", b'{"a":1,"a":2,"x":3}\n{"b":1}\n').facts["columns"] == ["b"]


def test_rows_behind_one_with_a_key_twice_are_told_by_their_own_numbers() -> None:
    named = spec(schema={"minProperties": 1})
    found = result_of("json_lines", b'{"a":1}\n{"a":1,"a":2}\n{}\n{"a":3}\n', named)
    assert found.problems == {(2, "a", "duplicate_key"), (3, "", "min_properties")}
