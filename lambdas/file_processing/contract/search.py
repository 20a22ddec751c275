"""The search: its limits, its route in the web backend's API, and what it answers, there as to those who call the
function itself."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from lambdas.common.http.models import Model
from lambdas.common.http.routes import AnyRoute, Route

MAX_QUERY = 500
"""Characters of a query."""
MAX_HITS = 50
"""Of one answer."""
MAX_CLAUSES = 32
"""Words and phrases of a query that are heard; the rest of it is not."""
SNIPPET = 200
"""Bytes of UTF-8 of a snippet, about."""


class SearchQuery(Model, frozen=True):
    """What is searched for."""

    q: Annotated[str, Meta(max_length=MAX_QUERY, examples=['annual "cash flow" -draft name:2026'])]
    """Words, of which files with all come first; "phrases"; -without; name:beginning for words of names alone."""
    limit: Annotated[int, Meta(ge=1, le=MAX_HITS)] = 10


class SearchRequest(Model, frozen=True):
    """The same as an event of the function itself."""

    query: Annotated[str, Meta(max_length=MAX_QUERY)]
    limit: Annotated[int, Meta(ge=1, le=MAX_HITS)] = 10


class SearchHit(Model, frozen=True):
    """A file."""

    file_id: str
    name: str
    """Its key in the inbox; members of archives have the archive's before theirs."""
    kind: str
    title: str | None
    """As the document itself says."""
    score: float
    """BM25: the higher the better, and to be compared within one answer only."""
    snippet: str
    """Plain text of the document around what was found, or its beginning; empty where it has none."""
    highlights: tuple[tuple[int, int], ...]
    """Start and end of words in the snippet that were searched for, in Unicode code points."""


class SearchResult(Model, frozen=True):
    """What was found."""

    hits: tuple[SearchHit, ...]
    """The best first."""
    total: Annotated[int, Meta(ge=0)]
    """Files that were found, whether shown or not."""
    took_ms: Annotated[float, Meta(ge=0)]


SEARCH_FILES = Route(
    method="GET",
    path="/files/search",
    operation="search_files",
    summary="Full-text search over everything that was uploaded",
    query=SearchQuery,
    answer=SearchResult,
    problems=(400, 403),
)
ROUTES: tuple[AnyRoute, ...] = (SEARCH_FILES,)
