"""Queries as tantivy takes them, and hits as it gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import tantivy

from lambdas.file_processing.adapters.index.engine import FILE_ID, KIND, NAME, TEXT, TITLE, analyzer, stored
from lambdas.file_processing.contract.search import MAX_CLAUSES, SNIPPET
from lambdas.file_processing.domain.search import Clause, Hit, Query, beginning, code_points

_BOOSTS = {NAME: 2.0, TITLE: 2.0, TEXT: 1.0}
"""A word in a name or a title tells more of a document than one in its text."""
_ALL_OF_THEM = 4.0
"""Weight of having all words, so that files with all come before those with some."""
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


def as_tantivy(query: Query, schema: tantivy.Schema, *, in_order: bool = True) -> tantivy.Query | None:
    """None if there is nothing to search for.

    tantivy raises ValueError where more than 16,384 words begin as the last of several in a name is to; those may
    stand anywhere in it, unless they are to be ``in_order``.
    """
    wanted = _clauses(query.wanted, schema, in_order=in_order)
    unwanted = _clauses(query.unwanted, schema, in_order=in_order)
    if not wanted and not unwanted:
        return None
    parts = [(_MUST, _preferring_all(wanted) if wanted else tantivy.Query.all_query())]
    return tantivy.Query.boolean_query(parts + [(_NOT, each) for each in unwanted])


def hits(
    searcher: tantivy.Searcher, schema: tantivy.Schema, query: tantivy.Query, found: Sequence[tuple[float, Any]]
) -> list[Hit]:
    """What is shown of documents: pairs of scores and addresses."""
    snippets = tantivy.SnippetGenerator.create(searcher, query, schema, TEXT)
    snippets.set_max_num_chars(SNIPPET)
    return [_hit(snippets, score, searcher.doc(address)) for score, address in found]


def _clauses(clauses: Sequence[Clause], schema: tantivy.Schema, *, in_order: bool) -> list[tantivy.Query]:
    words = ((each, analyzer().analyze(each.words)) for each in clauses[:MAX_CLAUSES])
    return [
        _beginning(found, schema, in_order=in_order) if each.in_name else _anywhere(found, schema)
        for each, found in words
        if found
    ]


def _preferring_all(wanted: list[tantivy.Query]) -> tantivy.Query:
    any_of_them = tantivy.Query.boolean_query([(_SHOULD, each) for each in wanted])
    if len(wanted) == 1:
        return any_of_them
    all_of_them = tantivy.Query.boolean_query([(_MUST, each) for each in wanted])
    better = tantivy.Query.boost_query(all_of_them, _ALL_OF_THEM)
    return tantivy.Query.boolean_query([(_MUST, any_of_them), (_SHOULD, better)])


def _anywhere(words: list[str], schema: tantivy.Schema) -> tantivy.Query:
    fields = [tantivy.Query.boost_query(_in(name, words, schema), boost) for name, boost in _BOOSTS.items()]
    return tantivy.Query.boolean_query([(_SHOULD, each) for each in fields])


def _in(field: str, words: list[str], schema: tantivy.Schema) -> tantivy.Query:
    """tantivy panics at phrases of one word."""
    if len(words) == 1:
        return tantivy.Query.term_query(schema, field, words[0])
    return tantivy.Query.phrase_query(schema, field, list(words))


def _beginning(words: list[str], schema: tantivy.Schema, *, in_order: bool) -> tantivy.Query:
    """Of a word in a name. tantivy's own prefix queries stop at 50 words that begin so."""
    # Characters such as ⑴ are three to the analyzer, with parentheses, which mean something in a pattern.
    *before, last = map(re.escape, words)
    if not before:
        return tantivy.Query.regex_query(schema, NAME, f"{last}.*")
    if in_order:
        return tantivy.Query.regex_phrase_query(schema, NAME, [*before, f"{last}.*"])
    return tantivy.Query.boolean_query(
        [(_MUST, tantivy.Query.regex_query(schema, NAME, each)) for each in [*before, f"{last}.*"]]
    )


def _hit(snippets: tantivy.SnippetGenerator, score: float, document: tantivy.Document) -> Hit:
    snippet = snippets.snippet_from_doc(document)
    fragment = snippet.fragment()
    spans = [(each.start, each.end) for each in snippet.highlighted()]
    return Hit(
        file_id=stored(document, FILE_ID),
        name=stored(document, NAME),
        kind=stored(document, KIND),
        title=stored(document, TITLE),
        score=score,
        snippet=fragment if spans else beginning(stored(document, TEXT), SNIPPET),
        highlights=code_points(fragment, spans),
    )
