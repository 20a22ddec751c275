"""What every API function does around its operations: an answer, whatever happens, and a line that tells of it."""

from __future__ import annotations

import time
from http import HTTPStatus

from lambdas.common.failures import UnavailableError
from lambdas.common.http.api import Api, problem
from lambdas.common.http.exchange import Answer, Request
from lambdas.common.http.metrics import PROBLEMS, REQUEST_TIME, REQUESTS, UNAVAILABLE
from lambdas.common.http.problems import ProblemError
from lambdas.common.observability import Observability


def serve(api: Api, observability: Observability, request: Request) -> Answer:
    """Answers a request; where AWS does not answer, the client is asked to come again."""
    started = time.monotonic()
    facts = {"operation": api.operation_of(request), "gateway_request_id": request.request_id}
    try:
        found = api(request)
    except UnavailableError as error:
        observability.logger.warning("unavailable", extra={**facts, "reason": str(error)})
        found = problem(
            ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "something that is needed for the answer does not answer itself: send the request again",
                headers={"retry-after": "1"},
            ),
            request,
        )
    observability.count(REQUESTS)
    observability.count(PROBLEMS, 400 <= found.status < 500)
    observability.count(UNAVAILABLE, found.status == HTTPStatus.SERVICE_UNAVAILABLE)
    observability.milliseconds(REQUEST_TIME, (time.monotonic() - started) * 1000)
    observability.logger.info("answered", extra={**facts, "status": found.status})
    return found
