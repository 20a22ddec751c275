"""Errors of AWS calls."""

from __future__ import annotations

from botocore.exceptions import ClientError


def has_code(error: ClientError, codes: set[str]) -> bool:
    """Whether an AWS call failed with one of these error codes."""
    return error.response.get("Error", {}).get("Code") in codes
