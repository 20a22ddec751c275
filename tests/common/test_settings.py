"""Settings travel through environments: what a construct says is what the function reads."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from lambdas.common.settings import Settings


class Wiring(msgspec.Struct, frozen=True):
    """Something that is no text."""

    table_name: str


@dataclass(frozen=True, kw_only=True)
class Told(Settings):
    """One field of each sort."""

    text: str
    perhaps: str | None
    number: int
    wiring: Wiring


@pytest.mark.parametrize("perhaps", ["text", "", "null", '"quoted"', None])
def test_settings_are_read_as_they_were_written(perhaps: str | None) -> None:
    told = Told(
        service="s", metrics_namespace="n", text="1", perhaps=perhaps, number=1, wiring=Wiring("${Token[TOKEN.1]}")
    )
    assert Told.from_env(told.to_env()) == told
