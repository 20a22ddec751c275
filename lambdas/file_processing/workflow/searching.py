"""Answers searches: of the web backend's users, and of those who call the function itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from lambdas.common.http.exchange import Answer, Call, answer, groups_of
from lambdas.common.http.problems import ProblemError
from lambdas.common.http.routes import Nothing
from lambdas.file_processing.contract import FILE_READERS
from lambdas.file_processing.contract.search import SearchHit, SearchQuery, SearchRequest, SearchResult
from lambdas.file_processing.domain.search import Hit, parse
from lambdas.file_processing.ports import Searcher


@dataclass(frozen=True)
class Searching:
    """The one operation."""

    searcher: Searcher
    clock: Callable[[], float]
    """Seconds since any time."""

    def search(self, text: str, limit: int) -> SearchResult:
        """What is found; no text is too odd to be searched for."""
        started = self.clock()
        found = self.searcher.search(parse(text), limit)
        took = round((self.clock() - started) * 1000, 1)
        return SearchResult(hits=tuple(map(_shown, found.hits)), total=found.total, took_ms=took)

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The same for whoever calls the function itself, or ``{"error": …}`` where the event is not understood."""
        try:
            asked = msgspec.convert(event, SearchRequest)
        except msgspec.ValidationError as error:
            return {"error": f'{error}: send {{"query": "words", "limit": 10}}'}
        found: dict[str, Any] = msgspec.to_builtins(self.search(asked.query, asked.limit))
        return found

    def search_files(self, call: Call[Nothing, SearchQuery, Nothing]) -> Answer:
        """The same, for those who may."""
        if FILE_READERS not in groups_of(call.claims):
            raise ProblemError(HTTPStatus.FORBIDDEN, f"only members of the group {FILE_READERS} may search files")
        return answer(200, self.search(call.query.q, call.query.limit))


def _shown(hit: Hit) -> SearchHit:
    return SearchHit(
        file_id=hit.file_id,
        name=hit.name,
        kind=hit.kind,
        title=hit.title or None,
        score=hit.score,
        snippet=hit.snippet,
        highlights=tuple(hit.highlights),
    )
