"""What went wrong with a request, as RFC 9457 (Problem Details for HTTP APIs) writes it."""

from __future__ import annotations

import re
from http import HTTPStatus

import msgspec

PROBLEM_JSON = "application/problem+json"


class Fault(msgspec.Struct, frozen=True):
    """One fault in a request; ``pointer`` is a JSON pointer into its body, as a URI fragment (RFC 6901)."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of an answer of status 400 or above.

    ``type`` is left out, which stands for ``about:blank``: the status says it all.
    """

    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


class ProblemError(Exception):
    """A request cannot be answered as it is; says why, and what would do."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, errors: tuple[Fault, ...] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(title=status.phrase, status=status.value, detail=detail, errors=errors)
        self.headers = headers or {}


_WHERE = re.compile(r"(?s)(?P<detail>.*) - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_SOME_VALUE = "[...]"
"""How msgspec writes that it is a value of a mapping: of which key, it does not say."""


def fault_of(error: msgspec.ValidationError) -> Fault:
    """The fault that msgspec found: of ``Expected `str`, got `int` - at `$.tags[0]` `` the pointer ``#/tags/0``.

    A fault within a mapping is pointed to as the mapping.
    """
    found = _WHERE.fullmatch(str(error))
    if not found:
        return Fault("#", str(error))
    steps = [name or index for name, index in _STEP.findall(found["path"].partition(_SOME_VALUE)[0])]
    pointer = "".join(["#", *(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)])
    return Fault(pointer, f"a key: {found['detail']}" if found["key"] else found["detail"])


def invalid(pointer: str, detail: str) -> ProblemError:
    """A body of the right shape that still cannot be; ``pointer`` as in `Fault`."""
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"the body is not as it should be: {detail}", errors=(Fault(pointer, detail),)
    )
