"""Observability for tests that are about something else."""

from __future__ import annotations

from typing import Any


class Silent:
    """Observability that tells nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    @property
    def logger(self) -> Silent:
        return self

    def invocation(self, _: object) -> Silent:
        return self
