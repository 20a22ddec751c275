"""Renditions per second, memory, fidelity and size of our domain code beside the usual tutorial, sharp and pyvips."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.harness import Case


def cases() -> dict[str, Case]:
    """Measurements of this slice by name."""
    # Peers are modules of this package, and must not carry what measuring imports.
    from bench.image_processing import cold_start, measurements

    return measurements.cases() | cold_start.cases()
