"""Reading many lines at once gives what reading one character after the other gives, whatever the lines are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.file_processing import access_log_lines as lines
from tests.file_processing import access_log_reference as reference
from tests.file_processing.access_log_files import bad_lines, by_minute, expected, measure
from tests.file_processing.access_log_reference import Request, UnreadableError

HEADER = b"#Version: 1.0\n#Fields: " + " ".join(lines.CLOUDFRONT_FIELDS).encode()
GOOD = {
    "common": b'203.0.113.7 - - [06/Feb/2026:00:00:38 +0000] "GET / HTTP/1.1" 200 1',
    "s3": b'o b [06/Feb/2026:00:00:38 +0000] 203.0.113.7 r I REST.GET.OBJECT k "GET / HTTP/1.1" 200 - 1 1 7 6 "-"',
    "alb": b'h2 2026-02-06T00:00:38.1Z a c t 0.1 0.1 0.1 200 200 1 1 "GET https://h:443/ HTTP/2.0" "-" - -',
    "cloudfront": HEADER,
}
"""A line by which a file is of its format, whatever follows."""
READ: dict[str, Callable[[bytes], Request]] = {
    "common": reference.common,
    "s3": reference.s3,
    "alb": reference.alb,
    "cloudfront": partial(reference.cloudfront, fields=lines.CLOUDFRONT_FIELDS),
}
LINES = {"common": lines.COMMON, "s3": lines.S3, "alb": lines.ALB, "cloudfront": lines.CLOUDFRONT}


def read(name: str, content: Sequence[bytes]) -> tuple[list[Request], list[int]]:
    """Requests, and numbers of the lines that are none."""
    requests, bad = [], []
    for number, line in enumerate(content, 1):
        if not line or line.startswith(b"#"):
            continue
        try:
            requests.append(READ[name](line))
        except UnreadableError:
            bad.append(number)
    return requests, bad


@pytest.mark.parametrize("name", GOOD)
@settings(deadline=None)
@given(data=st.data())
def test_every_line_is_measured_as_the_reference_reads_it_or_else_quarantined(name: str, data: st.DataObject) -> None:
    content = [*GOOD[name].split(b"\n"), *data.draw(lines.logs(LINES[name]))]
    requests, bad = read(name, content)
    if not requests:
        return  # rejected whole, see test_access_logs.py
    processed = measure(b"\n".join(content))
    assert by_minute(processed.measurements) == expected(requests)
    assert [each["line"] for each in bad_lines(processed)] == bad
    assert processed.facts["lines"] == len(requests) + len(bad)
    assert processed.facts["rejected"] == processed.bad_rows == len(bad)
