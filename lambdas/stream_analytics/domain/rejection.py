"""The one way in which the domain refuses an event."""

from __future__ import annotations

from lambdas.stream_analytics.contract import ReasonCode


class Rejected(Exception):  # noqa: N818  a verdict on the input, not a fault of the program
    """The event, or the record, will never be counted as it is; it belongs in quarantine with this reason."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
