"""Metrics that every API function writes."""

from __future__ import annotations

REQUESTS = "Requests"
PROBLEMS = "Problems"
"""Requests that were answered 400 to 499."""
UNAVAILABLE = "Unavailable"
"""Requests that AWS let down."""
REQUEST_TIME = "RequestTime"
"""Milliseconds in the function."""
