"""Problems that several operations can have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from lambdas.common.http.problems import ProblemError
from lambdas.web_backend.ports import ChangedError, NoEntryError


def not_found(what: str) -> ProblemError:
    """Said of another one's, too: that it is there is nobody else's business."""
    return ProblemError(HTTPStatus.NOT_FOUND, f"you have no such {what}")


@contextmanager
def if_seen(what: str) -> Iterator[None]:
    """Tells of changes that were not made."""
    try:
        yield
    except NoEntryError as error:
        raise not_found(what) from error
    except ChangedError as error:
        raise ProblemError(
            HTTPStatus.PRECONDITION_FAILED,
            f"this is not the {what} that If-Match names, which has changed since: get it again with its current ETag, "
            f"and decide anew",
        ) from error
