"""A bound on what a decoder may allocate."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """Makes allocations fail that would take the data of this process above the bound.

    Headers can lie: a file of 2 kB may say 64x64 pixels and hold hundreds of megapixels. Without the bound Lambda would
    end the whole environment; with it the decoder reports an error, and the file is rejected like any other bad one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 1024 * 1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
