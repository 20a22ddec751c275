"""JSON documents, and JSON Lines."""

from __future__ import annotations

import json
import re

from lambdas.file_processing.domain.probes.text import lines_of, text_of
from lambdas.file_processing.domain.processing import Head

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
"""Numbers stay text: Python refuses to read very long ones."""
_SPACE = re.compile(r"[ \t\r\n]*")
_OBJECT = re.compile(r"(?:\[[ \t\r\n]*)?\{[ \t\r\n]*\"(?:[^\"\\\n]|\\.){0,1000}\"[ \t\r\n]*:")
"""The first key of an object, or of the first object of a list."""
_CUT = 10
"""Characters that a literal or an escape may have, which the end of the first bytes cuts."""


def is_json(head: Head) -> bool:
    """A list or an object as far as the first bytes go; or what has an object's first key, and then a mistake."""
    text = text_of(head)
    if text is None:
        return False
    start = _end_of_space(text, 0)
    if not text.startswith(("{", "["), start):
        return False
    try:
        _, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        is_cut = error.msg.startswith("Unterminated string") or error.pos > len(text) - _CUT
        return (is_cut and not head.whole) or _OBJECT.match(text, start) is not None
    except RecursionError:
        return True  # brackets in brackets, more than anyone means
    return _end_of_space(text, end) == len(text) or _OBJECT.match(text, start) is not None


def is_json_lines(head: Head) -> bool:
    """At least two lines, the first characters an object's, half of them whole objects; the others are bad rows."""
    lines = [line for line in lines_of(head) if line.strip()]
    if not lines or not lines[0].lstrip().startswith("{"):
        return False
    objects = sum(map(_is_object, lines))
    if len(lines) == 1:
        return bool(objects) and not head.whole and _next_line(head).startswith("{")
    return 2 * objects >= len(lines)


def _is_object(line: str) -> bool:
    try:
        return isinstance(_DECODER.decode(line), dict)
    except (json.JSONDecodeError, RecursionError):
        return False


def _next_line(head: Head) -> str:
    """What there is of a second line, where the first bytes hold no more than one."""
    return (text_of(head) or "").strip().partition("\n")[2].lstrip()


def _end_of_space(text: str, start: int) -> int:
    space = _SPACE.match(text, start)
    return space.end() if space else start
