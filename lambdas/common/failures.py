"""The one way in which adapters tell workflows that AWS did not do what was asked."""

from __future__ import annotations


class UnavailableError(Exception):
    """A call failed for reasons that have nothing to do with the input: it is to be retried."""
