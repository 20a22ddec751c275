"""Clients of AWS for functions whose start somebody waits for.

They are botocore's own. boto3 would make the same ones, and load resources and a transfer manager beside them that no
such function uses: 17 ms of each cold start.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session

QUICK = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    # Checking what this code has just built costs more than building it.
    parameter_validation=False,
)
"""A user waits while a call does, and the gateway for 30 seconds at most."""


@cache
def session() -> Session:
    """Where all clients of a function come from."""
    return Session()


def client(service: str, config: Config) -> Any:
    """A client of one service, of the type that ``boto3.client`` returns."""
    return session().create_client(service, config=config)
