"""Reads what comes through the queues of lanes and index."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class MalformedMessageError(ValueError):
    """The message can never be understood; it is left to the dead-letter queue, whole."""


def decode(body: str, kind: type[T]) -> T:
    """A message of the contract. Raises MalformedMessageError."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise MalformedMessageError(f"{body[:200]!r} is no {kind.__name__}: {error}") from error
