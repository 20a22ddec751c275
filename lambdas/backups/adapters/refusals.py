"""Errors of AWS that no retry mends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from lambdas.backups.ports import RefusedError
from lambdas.common.errors import has_code


@contextmanager
def refused(codes: set[str], why: str, error_type: type[RefusedError] = RefusedError) -> Iterator[None]:
    """Turns errors with these codes into RefusedError, which says why and what AWS said."""
    try:
        yield
    except ClientError as error:
        if has_code(error, codes):
            raise error_type(f"{why} ({error})") from error
        raise
