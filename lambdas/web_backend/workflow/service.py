"""What the service tells of itself, to everybody."""

from __future__ import annotations

from msgspec import Struct

from lambdas.common.http.exchange import Answer, Call, answer, quoted
from lambdas.common.http.routes import Nothing
from lambdas.web_backend.contract.models import Health
from lambdas.web_backend.ports import Document

_HEALTHY = answer(200, Health(status="ok"))


class ServiceOperations(Struct, frozen=True):
    """What can be asked of the service."""

    document: Document

    def health(self, _: Call[Nothing, Nothing, Nothing]) -> Answer:
        """That the function runs."""
        return _HEALTHY

    def openapi(self, _: Call[Nothing, Nothing, Nothing]) -> Answer:
        """The OpenAPI document, which caches may share."""
        found = self.document.read()
        return Answer(200, found.content, {"etag": quoted(found.revision), "cache-control": "public, max-age=300"})
