"""Access logs: of Amazon S3, CloudFront, Application Load Balancers, and of web servers in the common log format."""

from __future__ import annotations

import re

from lambdas.file_processing.domain.probes.text import lines_of
from lambdas.file_processing.domain.processing import Head

_TIME = r"\[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\]"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    "|".join(
        (
            # Server access logs of S3: owner, bucket, time, address, requester, request id, operation, key, request.
            rf"[0-9a-f]{{64}} \S+ {_TIME} \S+ \S+ \S+ [A-Z]+\.\S+ ",
            # Common log format and combined: host, identity, user, time, request, status, bytes.
            rf"\S+ \S+ .{{1,256}}? {_TIME} {_QUOTED} (?:\d{{3}}|-) (?:\d+|-)(?:\s|$)",
            # Load balancers: type, time, name, client, target, three durations.
            r"(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z app/\S+ \S+ \S+ (?:-?[\d.]+ ){3}",
        )
    )
)
_FIELDS = re.compile(r"#Fields:.*\bx-edge-location\b")
"""Others write W3C's extended log format, too; this field is CloudFront's."""


def is_access_log(head: Head) -> bool:
    """Whether at least half of the lines are records of one of the formats; the others are bad rows."""
    if b"\0" in head.data:
        return False  # the formats are read as bytes of ASCII, which UTF-16 and UTF-32 have not
    lines = [line for line in lines_of(head) if line]
    if lines and lines[0].startswith(("#Version:", "#Fields:")):
        return any(_FIELDS.match(line) for line in lines[:2])
    return bool(lines) and 2 * sum(_LINE.match(line) is not None for line in lines) >= len(lines)
