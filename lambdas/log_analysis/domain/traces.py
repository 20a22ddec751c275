"""Exceptions with their stack traces, within one message: Python, Java and its kin, JavaScript, Go.

An error is told by its head line, the exception's type and message, and the function and file of the innermost frame
of the cause. Line numbers go: they change with each release.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TYPE = r"(?:[A-Za-z_$][\w$]*[.:]{1,2})*[A-Z][\w$]*"
_NAMED = (
    r"(?:Error|Exception|ExceptionGroup|Failure|Fault|Timeout|Interrupt|Exit|Refused|Denied|Violation|Throwable"
    r"|StopIteration|Died|Panic)"
)
EXCEPTION = re.compile(
    rf"""(?:Exception\ in\ thread\ "[^"]*"\ |Uncaught\ |Unhandled\ )?
    (?:{_TYPE}{_NAMED}|(?:\w+\.)*(?:exceptions?|errors?)\.{_TYPE}|{_NAMED})(?=:\ |:?$)""",
    re.VERBOSE,
)
"""At the beginning of a line, the type of an exception, as nothing but exceptions have it."""
_PYTHON_FRAME = re.compile(r'^[ \t|]*File "(?P<file>[^"]+)", line \d+, in (?P<function>\S+)', re.MULTILINE)
_AT = re.compile(r"^[ \t]*at (?P<function>[^\s(]+(?: \[as [^\]]+\])?)? ?\(?(?P<file>[^():\n]*)", re.MULTILINE)
_GO_FRAME = re.compile(r"^(?P<function>\S+)\([^()\n]*\)\n[ \t]+(?P<file>\S+\.go):\d+", re.MULTILINE)
_LAST_CAUSE = "Caused by: "
_PYTHON = "Traceback (most recent call last)"
_GENERATED = re.compile(r"\d+|\$\$\w+")


def has_trace(text: str) -> bool:
    """Whether a text of several lines holds a stack trace."""
    if "\n" not in text and "\r" not in text:
        return False
    return _PYTHON in text or "\n\tat " in text or "\n    at " in text or "\ngoroutine " in text


def told(text: str) -> tuple[str, str]:
    """What a text with a stack trace tells, in one line: head and cause, and then the innermost frame by itself."""
    text = text.strip().replace("\r", "\n")
    head = text.partition("\n")[0]
    if _PYTHON in text:
        exception, frames = _python(text), _PYTHON_FRAME.findall(text)
        frame = place(*frames[-1]) if frames else ""
    elif "\ngoroutine " in text:
        exception, found = head, _GO_FRAME.search(text)
        frame = place(found["file"], found["function"]) if found else ""
    else:
        exception, cause = _cause(text)
        found = _AT.search(cause)
        frame = place(found["file"], found["function"] or "") if found else ""
    head = "" if head.startswith(_PYTHON) else head
    return (head if exception in head else f"{head} {exception}".lstrip()), frame


def place(file: str, function: str) -> str:
    """A frame, as it ends a template."""
    name = re.split(r"[\\/]", file)[-1]
    return f" @ {_GENERATED.sub('', function)} ({name})"


def frame_of(lines: Sequence[object]) -> str:
    """The innermost frame of a trace that JSON has as a list of lines; empty if there is none."""
    text = "\n".join(str(each) for each in lines)
    if frames := _PYTHON_FRAME.findall(text):
        return place(*frames[-1])
    if found := _AT.search(text):
        return place(found["file"], found["function"] or "")
    return ""


def _python(text: str) -> str:
    """The line of the exception: the last one that is not indented, below the frames; else the head has it."""
    lines = [each for each in text.partition(_PYTHON)[2].split("\n")[1:] if each.strip()]
    return next((each for each in reversed(lines) if not each[0].isspace()), "")


def _cause(text: str) -> tuple[str, str]:
    """The line of the exception at the root, and the text from there on."""
    at = text.rfind(_LAST_CAUSE)
    if at >= 0:
        cause = text[at + len(_LAST_CAUSE) :]
        return cause.partition("\n")[0], cause
    lines = text.split("\n")
    for number, each in enumerate(lines):
        if EXCEPTION.match(each):
            return each, "\n".join(lines[number:])
    return "", text
