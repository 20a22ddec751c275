"""The contract between a construct and its function: one frozen dataclass, written once, is the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self, get_type_hints

import msgspec


class MissingSettingsError(RuntimeError):
    """The environment lacks settings or holds malformed ones; the message lists every one of them at once."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every function is told; each function adds its own fields in its slice's contract.

    The field ``table_name`` is the environment variable ``TABLE_NAME``. Strings travel as they are, so CDK tokens
    pass through; every other type travels as JSON.
    """

    service: str
    """Name of the function in logs and metrics."""
    metrics_namespace: str
    """CloudWatch namespace of the function's own metrics."""

    def to_env(self) -> dict[str, str]:
        """Environment for the function that reads this class with `from_env`."""
        values = {name: (getattr(self, name), kind) for name, kind in _field_types(type(self)).items()}
        return {
            name.upper(): value if kind is str else msgspec.json.encode(value).decode()
            for name, (value, kind) in values.items()
        }

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Settings out of an environment.

        Raises:
            MissingSettingsError: names every variable that is missing or malformed.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for name, kind in _field_types(cls).items():
            raw = env.get(name.upper())
            if raw is None:
                problems.append(f"{name.upper()} is not set")
                continue
            try:
                values[name] = raw if kind is str else msgspec.json.decode(raw, type=kind)
            except msgspec.DecodeError as error:
                problems.append(f"{name.upper()} is malformed: {error}")
        if problems:
            raise MissingSettingsError(
                f"{cls.__name__}: {'; '.join(problems)}. The construct that makes this function sets them all: "
                f"deploy the stack again, or set them by hand in a test."
            )
        return cls(**values)

    @classmethod
    def variables(cls) -> frozenset[str]:
        """Names of the environment variables that this class reads."""
        return frozenset(name.upper() for name in _field_types(cls))


def _field_types(cls: type[Settings]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in fields(cls)}
