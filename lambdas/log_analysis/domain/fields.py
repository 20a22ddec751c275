"""Reads messages that are JSON objects: of Lambda, Powertools, and the usual libraries of several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lambdas.log_analysis.domain.access import access_of_fields
from lambdas.log_analysis.domain.found import Access, Error
from lambdas.log_analysis.domain.levels import ERROR, level_of_value
from lambdas.log_analysis.domain.masking import MOST_CHARACTERS, mask
from lambdas.log_analysis.domain.traces import frame_of, has_trace, told

_LEVELS = ("level", "levelname", "severity", "log_level", "lvl", "loglevel", "log.level", "@level")
_MESSAGES = ("message", "msg", "errorMessage", "event", "@message", "short_message", "log")
_TYPES = ("errorType", "exception_name", "error_type", "error.type")
_TRACES = (
    "stackTrace",
    "stack",
    "exception",
    "exc_info",
    "stack_trace",
    "stacktrace",
    "traceback",
    "error.stack_trace",
)
_CAUSES = ("error", "err")
MOST_CAUSES = 5
"""Of an error, each within the one before."""

_decoder = msgspec.json.Decoder()


def decoded(text: str) -> Mapping[str, Any] | None:
    """The fields of a JSON object; None if the text is none."""
    try:
        fields = _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def read_fields(fields: Mapping[str, Any]) -> Error | Access | None:
    """What an object tells of."""
    level = level_of_value(_first(fields, _LEVELS))
    if level is None:
        return None
    if not level:
        if access := access_of_fields(fields):
            return access
        if fields.get("type") == "platform.report":
            return _platform(fields.get("record"))
        if not ("errorType" in fields or any(isinstance(fields.get(name), str | list) for name in _TRACES)):
            return None
    return Error(told_fields(fields)[:MOST_CHARACTERS], level or ERROR)


def told_fields(fields: Mapping[str, Any], causes: int = MOST_CAUSES) -> str:
    """The template of an error: message, type, and what the trace tells, as far as they do not repeat each other."""
    message, name = mask(_text(_first(fields, _MESSAGES))), _first(fields, _TYPES)
    said = f"{name}: {message}" if isinstance(name, str) and name not in message else message
    for each in _CAUSES:
        said = _joined(said, _cause(fields.get(each), causes))
    return said + _traced(said, _first(fields, _TRACES), causes)


def _traced(said: str, trace: Any, causes: int) -> str:
    if isinstance(trace, list):
        return frame_of(trace)
    if isinstance(trace, Mapping):
        return _joined(said, _cause(trace, causes))[len(said) :]
    if not isinstance(trace, str):
        return ""
    exception, frame = told(trace) if has_trace(trace) else (trace, "")
    return _joined(said, mask(exception))[len(said) :] + frame


def _cause(value: Any, causes: int) -> str:
    """Of an error within an object: a text, or an object of its own."""
    if isinstance(value, str):
        return mask(value)
    return told_fields(value, causes - 1) if isinstance(value, Mapping) and value and causes else ""


def _joined(said: str, more: str) -> str:
    return f"{said}: {more}" if more and said and more not in said else said or more


def _platform(record: Any) -> Error | None:
    """Lambda's report of an invocation: a function that ended by itself has told of its error already."""
    status = record.get("status") if isinstance(record, Mapping) else None
    return Error(f"platform.report {status}", ERROR) if status in {"timeout", "error"} else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if name in fields:
            return fields[name]
    return None
