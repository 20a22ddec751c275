"""Pictures as image processing tells of them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from lambdas.common.tables.pictures.reader import Picture, PicturesReader
from lambdas.web_backend.contract import upload_key


class ProcessedPictures(Struct, frozen=True):
    """`Pictures`. ``reader`` is made when it is needed first."""

    reader: Callable[[], PicturesReader]
    uploads_bucket_name: str

    def find(self, user_id: str, upload_id: str) -> Picture | None:
        """A consistent read of the catalog, and of the manifest if there is one."""
        return self.reader().find(self.uploads_bucket_name, upload_key(user_id, upload_id))
