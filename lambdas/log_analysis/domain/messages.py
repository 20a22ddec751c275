"""Reads one message of a log stream: is it an error, a request, or neither, and what is its template?

Each message is judged by itself, so that it makes no difference how a stream is cut into deliveries. Where a stack
trace comes as a message per line, the line that names the exception is the error; indented lines, headers and causes
are none.
"""

from __future__ import annotations

import re

from lambdas.log_analysis.domain.access import access_of_text
from lambdas.log_analysis.domain.fields import decoded, read_fields, told_fields
from lambdas.log_analysis.domain.found import Access, Error
from lambdas.log_analysis.domain.levels import ERROR, level_of_text
from lambdas.log_analysis.domain.masking import MOST_CHARACTERS, mask, mask_path
from lambdas.log_analysis.domain.traces import EXCEPTION, has_trace, told

_COLOR = re.compile(r"(?:\x1b|\\u001[bB])\[[\d;]*m")
"""Escape sequences of terminals (ECMA-48, 8.3.117), which loggers put around levels; within JSON in letters."""
_SYSLOG = re.compile(r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ ")
"""Time and host (RFC 3164, 4.1): which host it was is no part of an error."""
_PAIR = re.compile(r'(?:^| )(msg|message|error|err)=("(?:[^"\\]|\\.)*"|\S+)')
_NODE = re.compile(r"\t(?:(Invoke Error|Uncaught Exception|Unhandled Promise Rejection) ?)\t(?=\{)")
"""Before the JSON in which Lambda's runtime for Node.js tells of an exception."""


def read(message: str) -> Error | Access | None:
    """What a message is; None if it is of no interest."""
    if "\x1b[" in message or "\\u001" in message:
        message = _COLOR.sub("", message)
    first = message[:1]
    if first == "{":
        fields = decoded(message)
        return read_fields(fields) if fields is not None else _read_text(message)
    if not first or first in " \t\n\r":
        return None
    access = access_of_text(message)
    return access if access is not None else _read_text(message)


def error_of(access: Access) -> Error | None:
    """The error that a request is, if the server failed at it."""
    if access.status < 500:
        return None
    return Error(f"{access.method} {mask_path(access.path)} {access.status}", ERROR)


def _read_text(text: str) -> Error | None:
    level = level_of_text(text)
    if level is None:
        return None
    if not level and not has_trace(text) and not EXCEPTION.match(text):
        return None
    return Error(template_of(text)[:MOST_CHARACTERS], level or ERROR)


def template_of(text: str) -> str:
    """The template of a text, whatever its level."""
    if has_trace(text):
        said, frame = told(text)
        return mask(said) + frame
    if "\t{" in text and (node := _NODE.search(text)):
        fields = decoded(text[node.end() :])
        if fields is not None:
            return f"{node[1]}: {told_fields(fields)}"
    if "msg=" in text or "message=" in text:
        pairs = dict(_PAIR.findall(text))
        parts = [pairs.get("msg", pairs.get("message", "")), pairs.get("error", pairs.get("err", ""))]
        if said := ": ".join(mask(part.strip('"').replace('\\"', '"')) for part in parts if part):
            return said
    syslog = _SYSLOG.match(text)
    return mask(text[syslog.end() :] if syslog else text)
