"""Files of every kind, made by the programs that people make them with; or by hand, where these are not at hand."""

from __future__ import annotations

from functools import cache

from tests.file_processing.samples import archives, documents, media, pictures, texts


@cache
def corpus() -> dict[str, bytes]:
    """Content by ``<kind>/<what is special about it>``."""
    return {
        name: data
        for make in (media.samples, pictures.samples, documents.samples, texts.samples, archives.samples)
        for name, data in make().items()
    }


def sample(name: str) -> bytes:
    """One of the corpus."""
    return corpus()[name]
