"""The index as its readers see it: a snapshot that is as new as the manifest is at the time of the search."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.file_processing.adapters.index.local import LocalCopy
from lambdas.file_processing.adapters.index.queries import as_tantivy, hits
from lambdas.file_processing.domain.search import Found, Query


@dataclass(frozen=True)
class IndexSearcher:
    """The `Searcher` over a copy on local disk."""

    local: LocalCopy

    def search(self, query: Query, limit: int) -> Found:
        """All of the answer comes of one snapshot."""
        snapshot = self.local.refresh()
        searcher, schema = snapshot.searcher, snapshot.index.schema
        asked = as_tantivy(query, schema)
        if asked is None:
            return Found(0, [])
        try:
            answer = searcher.search(asked, limit)
        except ValueError:  # too many words begin so for their order to matter
            asked = as_tantivy(query, schema, in_order=False) or asked
            answer = searcher.search(asked, limit)
        total: int = answer.count  # type: ignore[attr-defined]  # its stub forgets it
        return Found(total, hits(searcher, schema, asked, answer.hits))
