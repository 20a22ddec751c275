"""Configured values are checked at synth, by the types that they are declared with."""

from __future__ import annotations

from typing import Annotated, Any, get_type_hints

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


def check_fields(config: Any) -> None:
    """Holds every field of a config dataclass, and what is in it, against its annotation.

    Raises:
        ValueError: names the field and what it would have to be.
    """
    for name, kind in get_type_hints(type(config), include_extras=True).items():
        try:
            msgspec.convert(msgspec.to_builtins(getattr(config, name)), kind)
        except msgspec.ValidationError as error:
            raise ValueError(f"{name}: {error}") from error
