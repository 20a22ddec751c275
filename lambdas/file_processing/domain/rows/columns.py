"""Checks of columns, each of many values at once: most batches have nothing wrong, and are done in a few calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from operator import ge, le
from typing import Any, NamedTuple

from lambdas.file_processing.domain.rows.problems import CheckCells, CheckObjects, Found, Problem, problem, quoted
from lambdas.file_processing.domain.rows.specs import Column, Spec

_DAY = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
FORMS = {
    "integer": r"[+-]?[0-9]++",
    "number": r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]{1,4})?+",
    "boolean": "(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])",
    "date": _DAY,
    "timestamp": rf"{_DAY}T{CLOCK}(?::[0-5][0-9](?:\.[0-9]{{1,9}}+)?+)?+(?:Z|[+-]{CLOCK})?+",
}
"""Texts of each type, without backtracking; whether the month has such a day is seen by reading them."""

JSON_TYPES: dict[str, set[type]] = {
    "string": {str},
    "integer": {int},
    "number": {int, Decimal},
    "boolean": {bool},
    "date": {str},
    "timestamp": {str},
}


_FEW = 32
EXACT_DIGITS = 15
"""Digits that a float keeps; without an exponent it does not come near its least numbers, either."""

Fine = Callable[[Sequence[Any]], bool]
"""Whether each of some values, at least one, is fine."""
Bounded = Callable[[Decimal, Callable[..., Any], Callable[[Any, Any], bool]], Fine]
"""Makes a check out of a bound, the function that tells the value nearest to it, and the one that compares the two."""


class Check(NamedTuple):
    """One rule of a column."""

    code: str
    fine: Fine
    """For values that are not absent, and have passed the checks before."""
    message: str


def cells(spec: Spec, header: Sequence[str]) -> CheckCells:
    """Checks rows of CSV with these columns; an empty cell is absent."""
    columns = spec.columns or ()
    places = [(column, _place(header, column.name), _text_checks(column)) for column in columns]
    missing = [column for column, place, _ in places if place is None and column.required]
    extra = [] if spec.additional else [name for name in header if name not in {each.name for each in columns}]
    everywhere = [_absent(column) for column in missing] + [_extra(name) for name in extra]

    def check(rows: Sequence[Sequence[str]]) -> Found:
        found: Found = {row: list(everywhere) for row in range(len(rows))} if everywhere else {}
        by_place = list(zip(*rows, strict=True))
        for column, place, checks in places:
            if place is not None and rows:
                _column(column, checks, by_place[place], "", found)
        return found

    return check


def objects(spec: Spec) -> CheckObjects:
    """Checks rows of JSON; what is null is absent."""
    columns = spec.columns or ()
    checks = [(column, _json_checks(column)) for column in columns]
    names = frozenset(column.name for column in columns)

    def check(rows: Sequence[dict[str, Any]]) -> Found:
        found: Found = {}
        for column, own in checks:
            name = column.name
            _column(column, own, [row.get(name) for row in rows], None, found)
        if not spec.additional and not all(map(names.issuperset, rows)):
            for place, row in enumerate(rows):
                for name in row:
                    if name not in names:
                        found.setdefault(place, []).append(_extra(name))
        return found

    return check


def _place(header: Sequence[str], name: str) -> int | None:
    return header.index(name) if name in header else None


def _column(column: Column, checks: Sequence[Check], values: Sequence[Any], absent: str | None, found: Found) -> None:
    """Adds what is wrong with a column; no value has two problems."""
    places: Sequence[int] = range(len(values))
    if absent in values:
        if column.required:
            for place, value in enumerate(values):
                if value == absent:
                    found.setdefault(place, []).append(_absent(column))
        places = [place for place, value in enumerate(values) if value != absent]
        values = [value for value in values if value != absent]
    for check in checks:
        if values and not check.fine(values):
            bad = set(offenders(check.fine, values))
            for at in sorted(bad):
                message = f"{quoted(values[at])} {check.message}"
                found.setdefault(places[at], []).append(problem(column.name, check.code, message))
            places = [place for at, place in enumerate(places) if at not in bad]
            values = [value for at, value in enumerate(values) if at not in bad]


def offenders(fine: Fine, values: Sequence[Any]) -> Iterator[int]:
    """Places of those values that are not fine: a few at a time, because most are."""
    for start in range(0, len(values), _FEW):
        few = values[start : start + _FEW]
        if not fine(few):
            yield from (start + place for place, value in enumerate(few) if not fine((value,)))


def _absent(column: Column) -> Problem:
    return problem(column.name, "required", "is absent: every row has to have it")


def _extra(name: str) -> Problem:
    return problem(name, "additional_properties", "is no column of the spec, which allows no other columns")


def _text_checks(column: Column) -> list[Check]:
    return [*_form(column), *_rules(column, _bounded_texts)]


def _json_checks(column: Column) -> list[Check]:
    allowed = JSON_TYPES[column.type]
    kinds = Check("type", lambda values: allowed.issuperset(map(type, values)), f"is no {column.type} of JSON")
    form = _form(column) if allowed == {str} else []
    return [kinds, *form, *_rules(column, _bounded_numbers)]


def _form(column: Column) -> list[Check]:
    """By the text of a value; none for strings."""
    if column.type not in FORMS:
        return []
    message = f"is no {column.type}"
    checks = [Check("type", shaped(FORMS[column.type]), message)]
    if column.type in {"date", "timestamp"}:
        checks.append(Check("type", _on_calendar, message))
    return checks


def shaped(form: str) -> Fine:
    """Whether texts, at least one, match a regular expression without backtracking."""
    lines = re.compile(f"(?:(?:{form})\n)*+").fullmatch

    def fine(values: Sequence[str]) -> bool:
        text = "\n".join(values) + "\n"
        # A value that has line feeds itself must not pass for two.
        return lines(text) is not None and text.count("\n") == len(values)

    return fine


def _on_calendar(values: Sequence[str]) -> bool:
    try:
        for _ in map(datetime.fromisoformat, values):
            pass
    except ValueError:
        return False
    return True


def _rules(column: Column, bounded: Bounded) -> list[Check]:
    """All but the type."""
    rules: list[Check] = []
    if column.enum is not None:
        allowed = frozenset(column.enum)
        rules.append(Check("enum", allowed.issuperset, f"is none of {', '.join(sorted(allowed))}"))
    if column.pattern is not None:
        matches = re.compile(column.pattern).fullmatch
        rules.append(Check("pattern", lambda values: all(map(matches, values)), f"does not match {column.pattern}"))
    if (length := column.max_length) is not None:
        longest = f"has more than {length} characters"
        rules.append(Check("max_length", lambda values: max(map(len, values)) <= length, longest))
    if column.minimum is not None:
        rules.append(Check("minimum", bounded(column.minimum, min, ge), f"is less than {column.minimum}"))
    if column.maximum is not None:
        rules.append(Check("maximum", bounded(column.maximum, max, le), f"is more than {column.maximum}"))
    return rules


def _bounded_numbers(bound: Decimal, extreme: Callable[..., Any], within: Callable[[Any, Any], bool]) -> Fine:
    return lambda values: within(extreme(values), bound)


def _bounded_texts(bound: Decimal, extreme: Callable[..., Any], within: Callable[[Any, Any], bool]) -> Fine:
    """Rounding to floats keeps order: where the floats differ, they tell; where not, short texts were equal before."""
    near = float(bound)
    is_short = _are_short([str(bound)])

    def fine(values: Sequence[str]) -> bool:
        found = extreme(map(float, values))
        if found != near:
            return within(found, near)
        return (is_short and _are_short(values)) or all(within(Decimal(text), bound) for text in values)

    return fine


def _are_short(values: Sequence[str]) -> bool:
    """Whether all of them are different floats if they are different numbers."""
    return max(map(len, values)) <= EXACT_DIGITS and not {"e", "E"} & set("".join(values))
