"""How calls of AWS fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.failures import UnavailableError

Rest = TypeVar("Rest")

ROUNDS = 6
"""Of a batch call; with waits of 50 ms doubling each time it gives up after about 1.5 s."""


@contextmanager
def aws_call(what: str) -> Iterator[None]:
    """Turns what boto3 raises after its own retries into UnavailableError, which says what the call was for."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise UnavailableError(f"{what}: {error}") from error


@dataclass(frozen=True)
class Patience:
    """Repeats batch calls, of which AWS may leave a part undone."""

    sleep: Callable[[float], None]

    def until_done(self, what: str, rest: Rest, call: Callable[[Rest], Rest]) -> None:
        """Calls with what is left until nothing is. Raises UnavailableError when it takes too many rounds."""
        for attempt in range(ROUNDS):
            with aws_call(what):
                rest = call(rest)
            if not rest:
                return
            self.sleep(0.05 * 2**attempt)
        raise UnavailableError(f"{what}: AWS still left a part undone after {ROUNDS} calls")
