"""The native module of Apache DataSketches, without NumPy."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO

__all__ = ["datasketches"]


@contextmanager
def _without_numpy() -> Iterator[None]:
    # The native module imports NumPy for its density sketch alone, whose use is all that fails without; it reports the
    # failed import on stderr and goes on. NumPy takes 73 MB and over 100 ms of a cold start.
    if "numpy" in sys.modules:
        yield
        return
    sys.modules["numpy"] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        with redirect_stderr(StringIO()):
            yield
    finally:
        del sys.modules["numpy"]


with _without_numpy():
    # The native module of the package `datasketches`, whose own __init__ imports NumPy for tuple sketches.
    import _datasketches as datasketches  # type: ignore[import-not-found]
