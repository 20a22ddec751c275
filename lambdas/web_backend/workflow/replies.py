"""The same request again gets the same answer, and is done once."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from lambdas.common.http.exchange import Answer, IdempotencyKey
from lambdas.common.http.problems import ProblemError
from lambdas.web_backend.contract import IDEMPOTENCY_HOURS
from lambdas.web_backend.ports import Reply

_KEPT = timedelta(hours=IDEMPOTENCY_HOURS)


def reply(key: IdempotencyKey | None, answer: Answer, now: datetime) -> Reply | None:
    """What is to be remembered of a request; None without an Idempotency-Key."""
    return Reply(key, answer, now, now + _KEPT) if key else None


def settled(answer: Answer, key: IdempotencyKey | None, remembered: Reply | None) -> Answer:
    """The answer to a request, or to the one before with its key. Raises ProblemError if that was another one."""
    if remembered is None:
        return answer
    if key and remembered.key.digest != key.digest:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "this Idempotency-Key has been used with another body: give every request a key of its own",
        )
    return remembered.answer
