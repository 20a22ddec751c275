"""Makes the index agree with the catalog, whatever messages say, how often, and in which order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import msgspec

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.contract.messages import Changed
from lambdas.file_processing.domain.search import Document, IndexSize, Shown
from lambdas.file_processing.ports import FullTextIndex, OvertakenError, SearchableFiles

_ROUNDS = 20
"""Of beginning anew because another writer was faster; there is no other one but by mishap."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one batch."""

    added: int
    """Documents that are new or different."""
    removed: int
    """Files that are not found any more."""
    conflicts: int
    size: IndexSize
    without_text: Collection[str]
    """Files that are found by their names alone, because the index is full or somebody has deleted the text."""


@dataclass
class _Change:
    """What the index lacks of agreeing with the catalog."""

    removed: list[str] = field(default_factory=list)
    """Also of those that are replaced."""
    added: list[Document] = field(default_factory=list)
    without_text: list[str] = field(default_factory=list)


def file_of(body: str) -> str | None:
    """The file that a message is about; None if it is no message of this queue."""
    try:
        return msgspec.json.decode(body, type=Changed).file_id
    except msgspec.DecodeError:
        return None


class Indexing:
    """The writer's work."""

    def __init__(self, files: SearchableFiles, index: FullTextIndex, *, max_bytes: int) -> None:
        self._files = files
        self._index = index
        self._max_bytes = max_bytes

    def agree(self, file_ids: Collection[str]) -> Outcome:
        """Raises UnavailableError if nothing could be done."""
        for conflicts in range(_ROUNDS):
            # Before the catalog: what that says later is not older than what any commit before this one knew of it.
            size = self._index.refresh()
            change = self._change(sorted(set(file_ids)), size)
            if change.removed or change.added:
                try:
                    size = self._index.commit(change.removed, change.added)
                except OvertakenError:
                    continue
            added = {each.file.file_id for each in change.added}
            return Outcome(
                added=len(added),
                removed=len(set(change.removed) - added),
                conflicts=conflicts,
                size=size,
                without_text=change.without_text,
            )
        raise UnavailableError(f"other writers changed the index {_ROUNDS} times while this one was about to")

    def _change(self, file_ids: Collection[str], size: IndexSize) -> _Change:
        known = self._index.states(file_ids)
        change = _Change()
        for file_id in file_ids:
            shown = self._files.shown(file_id)
            document = self._document(shown, size) if shown and shown.state != known.get(file_id) else None
            if file_id in known and (document or not shown):
                change.removed.append(file_id)
            if document:
                change.added.append(document)
                if shown != document.file:
                    change.without_text.append(file_id)
        return change

    def _document(self, shown: Shown, size: IndexSize) -> Document:
        """Without its text, the document says so in its state, and the next message about the file tries again."""
        if shown.text_key and size.bytes < self._max_bytes:
            text = self._files.text(shown.text_key)
            if text is not None:
                return Document(shown, text)
        return Document(replace(shown, text_key=None), "")
