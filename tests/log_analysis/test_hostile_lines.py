"""No line takes more time than its length explains: a delivery with one that did would never be counted."""

from __future__ import annotations

import time

import pytest

from lambdas.log_analysis.domain.found import Access
from lambdas.log_analysis.domain.messages import error_of, read

LENGTH = 60_000
"""Of which the square takes seconds at the least, and the length itself some milliseconds."""
JAVA, PYTHON, GO = "ERROR x\n\tat f\nCaused by: ", "Traceback (most recent call last)", "panic: x\n\ngoroutine 1\n"

LINES = {
    "a word and a hyphen": f"ERROR {'a' * LENGTH}-",
    "hyphens": f"ERROR 1!{'a-' * (LENGTH // 2)}!",
    "what might become a mail address": f"ERROR {'a' * LENGTH}!@",
    "what might be a key": f"ERROR k={')' * LENGTH}a",
    "many folders": f"ERROR {'/a' * (LENGTH // 2)}",
    "many numbered folders": f"ERROR /{'1/' * (LENGTH // 2)}",
    "what might become a URL": f"ERROR {'a' * LENGTH}://",
    "empty lines below a cause": f"{JAVA}{chr(10) * LENGTH}z",
    "empty lines in a trace of Python": f"{PYTHON}{chr(10) * LENGTH}z",
    "opening parentheses in a trace of Go": f"{GO}{'(' * LENGTH}\n",
    "parentheses in a trace of Go": f"{GO}{'()' * (LENGTH // 2)}z\n",
    "a trace of empty lines in JSON": '{"level":"ERROR","stackTrace":["' + "\\n" * LENGTH + 'z"]}',
    "a request without an end": f'a b c [x] "GET /{"x" * LENGTH}] "',
    "a request of a long path": f'a b c [x] "GET {"x" * LENGTH} HTTP/1.1" 500 1',
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_takes_time_by_its_length(line: str) -> None:
    started = time.process_time()
    found = read(LINES[line])
    if isinstance(found, Access):
        error_of(found)
    assert time.process_time() - started < 0.5
