"""What other use cases give to file processing."""

from __future__ import annotations

from dataclasses import dataclass

from stacks.blocks.http_api import HttpApi
from stacks.blocks.users import Users


@dataclass(frozen=True, kw_only=True)
class Web:
    """The web backend: its API gets a further route, and its users are asked who may search."""

    http: HttpApi
    users: Users
