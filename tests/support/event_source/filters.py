"""Event filter patterns.

AWS Lambda Developer Guide, "Control which events Lambda sends to your function" (filter rule syntax: Amazon
EventBridge's), "Using event filtering with a Kinesis event source", "Using event filtering with a DynamoDB event
source". As EventBridge does, an array matches where one of its elements does, "exists" looks at leaves only, strings
compare exactly, and 300 does not equal 300.0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from operator import eq, ge, gt, le, lt
from typing import Any

Pattern = dict[str, Any]

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def parse(text: str, keys: frozenset[str] | None) -> Pattern:
    """A filter's Pattern from its JSON; ValueError where creating the event source mapping would fail.

    ``keys``: what the pattern may hold at the top, None for anything.
    """
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise ValueError(f"filter pattern is not JSON: {text!r}") from error
    _check(pattern)
    if keys is not None and not pattern.keys() <= keys:
        raise ValueError(f"filters of this source can only be on {sorted(keys)}, not on {sorted(pattern)}")
    return pattern  # type: ignore[no-any-return]  # _check refuses all but objects


def _check(pattern: Any) -> None:
    if not isinstance(pattern, dict) or not pattern:
        raise ValueError(f"not a filter pattern: {pattern!r}")
    for key, rules in pattern.items():
        if key == "$or":
            for option in rules:
                _check(option)
        elif isinstance(rules, list) and rules:
            for rule in rules:
                if isinstance(rule, dict) and (len(rule) != 1 or not rule.keys() <= _OPERATORS.keys()):
                    raise ValueError(f"not a rule of an event filter: {rule!r}")
        else:
            _check(rules)


def matches(pattern: Pattern, value: Any) -> bool:
    """Whether all fields of the pattern allow what the value holds there."""
    if isinstance(value, list) and value:
        return any(matches(pattern, element) for element in value)
    fields = value if isinstance(value, dict) else {}
    for key, rules in pattern.items():
        if key == "$or":
            allowed = any(matches(option, value) for option in rules)
        elif isinstance(rules, dict):
            allowed = matches(rules, fields.get(key))
        else:
            leaves = list(_leaves(fields[key])) if key in fields else []
            allowed = any(_allows(rule, leaves) for rule in rules)
        if not allowed:
            return False
    return True


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _leaves(element)
    elif not isinstance(value, dict):
        yield value


def _allows(rule: Any, leaves: list[Any]) -> bool:
    if not isinstance(rule, dict):
        return any(_same(rule, leaf) for leaf in leaves)
    ((operator, operand),) = rule.items()
    if operator == "exists":
        return bool(leaves) is operand
    return any(_OPERATORS[operator](leaf, operand) for leaf in leaves)


def _same(rule: Any, leaf: Any) -> bool:
    return type(rule) is type(leaf) and bool(rule == leaf)


def _text(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda leaf, operand: isinstance(leaf, str) and compare(leaf, operand)


def _anything_but(leaf: Any, operand: Any) -> bool:
    return not any(_same(value, leaf) for value in (operand if isinstance(operand, list) else [operand]))


def _numeric(leaf: Any, operand: Any) -> bool:
    if isinstance(leaf, bool) or not isinstance(leaf, int | float):
        return False
    bounds = zip(operand[::2], operand[1::2], strict=True)
    return all(_COMPARISONS[comparison](leaf, bound) for comparison, bound in bounds)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "exists": lambda *_: True,  # of the leaves as a whole: see _allows
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "equals-ignore-case": _text(lambda leaf, operand: leaf.lower() == operand.lower()),
    "anything-but": _anything_but,
    "numeric": _numeric,
}
