"""Whether a line of text calls itself an error, by the first level that it names."""

from __future__ import annotations

import re
from typing import Any

ERROR = "ERROR"
_SEARCHED = 240
"""Characters of a line in which its level stands, if it has one."""

_LEVEL = re.compile(
    r"""(?<![A-Za-z])(?:
        (?:TRACE|DEBUG|INFO|NOTICE|LOG(?=:)|WARN(?:ING)?)(?![A-Za-z])
        |(?P<upper>ERROR|CRITICAL|FATAL|SEVERE|ALERT|EMERG(?:ENCY)?|PANIC)(?![A-Za-z])
        |\A(?:REPORT\ RequestId:|INIT_REPORT\ Init\ )
        |(?P<runtime>Task\ timed\ out\ after\ |Runtime\ exited\ |Runtime\.ExitError)
        |(?:level|lvl|severity)="?(?:(?P<pair>err|error|crit|critical|fatal|panic|alert|emerg)\b|\w)
    )
    |\[(?:(?P<lower>error|crit|alert|emerg|fatal)|(?:debug|info|notice|warn(?:ing)?))\]
    |\A(?:(?P<klog>[EF])|[IW])\d{4}\ \d\d:
    |(?:\A|\]:\ )(?P<named>error|fatal|panic|critical):\ """,
    re.VERBOSE,
)
"""Lambda's reports of invocations are harmless: what they say of a timeout or an exit has a line of its own."""
_NAMES = {"err": "ERROR", "crit": "CRITICAL", "emerg": "EMERGENCY", "e": "ERROR", "f": "FATAL"}
_ERRORS = frozenset({"ERROR", "CRITICAL", "FATAL", "SEVERE", "ALERT", "EMERGENCY", "EMERG", "PANIC", "DPANIC"})
_PINO = {50: "ERROR", 60: "FATAL"}
"""Levels of Node.js's pino and bunyan."""


def level_of_text(text: str) -> str | None:
    """The level, if it is that of an error; empty if the line names no level; None if it names a harmless one."""
    found = _LEVEL.search(text, 0, _SEARCHED)
    if found is None:
        return ""
    group = found.lastgroup
    if group is None:
        return None
    return ERROR if group == "runtime" else _named(found[group])


def level_of_value(value: Any) -> str | None:
    """The same of what stands in a JSON object; empty if nothing does."""
    if isinstance(value, str) and value:
        name = _named(value)
        return name if name in _ERRORS else None
    return _PINO.get(value) if isinstance(value, int) else ""


def _named(level: str) -> str:
    return _NAMES.get(level.lower(), level.upper())
