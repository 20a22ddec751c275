"""Lambda function that searches: invoked directly, and behind a route of the web backend's HTTP API."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.common import clients
from lambdas.common.http.api import Api, bind
from lambdas.common.http.gateway import http_api_request, response
from lambdas.common.http.serving import serve
from lambdas.common.observability import InvocationContext, Observability
from lambdas.file_processing.adapters.index.local import LocalCopy, own_directory
from lambdas.file_processing.adapters.index.objects import IndexObjects
from lambdas.file_processing.adapters.index.searcher import IndexSearcher
from lambdas.file_processing.contract import Metric, SearchSettings
from lambdas.file_processing.contract.search import SEARCH_FILES
from lambdas.file_processing.workflow.searching import Searching


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    searching: Searching
    api: Api


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = SearchSettings.from_env(os.environ)
    objects = IndexObjects(clients.client("s3", clients.QUICK), settings.products_bucket_name)
    searcher = IndexSearcher(LocalCopy(objects, own_directory(Path(tempfile.gettempdir()))))
    searching = Searching(searcher, time.monotonic)
    api = Api([bind(SEARCH_FILES, searching.search_files)], max_body_bytes=0)
    return Runtime(Observability(settings), searching, api)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Answers a request of the API, or an event such as ``{"query": "annual report", "limit": 5}``.

    The answer to an event is the route's, or ``{"error": …}`` where the event is not understood.
    """
    observability, searching, api = runtime().observability, runtime().searching, runtime().api
    started = time.monotonic()
    with observability.invocation(context):
        observability.count(Metric.SEARCHES)
        try:
            if "routeKey" in event:
                request = http_api_request(event)
                return response(serve(api, observability, request), request.request_id)
            return searching.answer(event)
        finally:
            observability.milliseconds(Metric.SEARCH_TIME, (time.monotonic() - started) * 1000)
