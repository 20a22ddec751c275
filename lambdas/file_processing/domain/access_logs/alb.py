"""Access logs of Application Load Balancers.

Fields by "Access logs for your Application Load Balancer" in Elastic Load Balancing's documentation: ``type time elb
client target request_processing_time target_processing_time response_processing_time elb_status_code
target_status_code received_bytes sent_bytes "request" "user_agent" …``; more fields may follow at any time. The times
are seconds, and -1 where the load balancer could not dispatch the request or the target closed the connection. Their
sum is what the request took.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import add
from typing import ClassVar

from lambdas.file_processing.domain.access_logs.dialect import Columns, Dialect, Row, malformed
from lambdas.file_processing.domain.access_logs.values import Remembered, iso_minute, microseconds, path_of

_TIMES = rb" ".join([rb"(-?\d{1,9}(?:\.\d{1,9})?)"] * 3)
_LINE = re.compile(
    rb"[a-z0-9]+ (.{16}):(?:[0-5]\d|60)(?:\.\d+)?Z [^ ]+ [^ ]+ [^ ]+ "
    + _TIMES
    + rb' (\d{3}|-) [^ ]+ [^ ]+ (\d{1,15}|-) "(.*?)" '
)
_WORD = rb"[^ ]{1,999}+"


class LoadBalancerLog(Dialect):
    """The URL is as the client sent it; what ends the request is a quote with a blank after it."""

    name: ClassVar[str] = "alb"
    pattern = re.compile(
        rb"(?:[a-z0-9]{1,9}+ (.{16}):[0-5]\d\.\d{1,9}Z W W W ".replace(b"W", _WORD)
        + _TIMES
        + rb" (\d{3}|-) W W (\d{1,15}|-) ".replace(b"W", _WORD)
        + rb'"[A-Z]{1,20}+ [a-z]{1,9}+://[^ /?"]{0,999}+(/[^ ?"]{0,2000}+)[^"]{0,4000}+" .*|(.*))\n'
    )

    def __init__(self) -> None:
        self._minutes = Remembered(iso_minute)
        self._durations = Remembered(microseconds)

    def read(self, line: bytes) -> Row:
        found = _LINE.match(line)
        if found is None:
            raise malformed("an Application Load Balancer", 'it should be type time elb client target … "request" …')
        *fields, request = found.groups()
        return *fields, path_of(request), b""

    def columns(self, rows: Sequence[Row]) -> Columns:
        times, *steps, statuses, sizes, paths, _ = zip(*rows, strict=True)
        first, second, third = (map(self._durations.__getitem__, step) for step in steps)
        minutes = list(map(self._minutes.__getitem__, times))
        return Columns(minutes, statuses, sizes, list(map(add, map(add, first, second), third)), paths)
