"""The real handler over fakes of AWS, for schedules: every call can fail, be repeated, or wait for somebody else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from lambdas.common import clients
from lambdas.common.tables.shop import layout
from lambdas.web_backend import api
from lambdas.web_backend.contract import ENTRY, ITEM, UPLOAD, USER_ID
from tests.support.fake_aws import FakeDynamoDB, Fault, Outside
from tests.support.schedule import scheduled
from tests.support.silent import Silent
from tests.web_backend.client import Client
from tests.web_backend.conftest import SETTINGS


class Retry(Enum):
    """What boto3 does by itself."""

    REPEATED = "done, the answer lost, and called again"
    """A transaction is known by its token and done once; any other call is made a second time."""


FAULTS: list[Fault | Retry] = [fault for fault in Fault if fault not in {Fault.NONE, Fault.PARTIAL}] + [*Retry]


class Signer:
    """S3 as far as forms are concerned."""

    def generate_presigned_post(self, **asked: Any) -> dict[str, Any]:
        return {"url": f"https://{asked['Bucket']}.example/", "fields": {"key": asked["Key"]}}


@dataclass
class World:
    """One stack's tables, and its function; ``decide`` tells what happens to each call."""

    decide: Callable[[], Fault | Retry] = lambda: Fault.NONE
    outside: Outside = field(default_factory=Outside)

    def __post_init__(self) -> None:
        keys = {"items": (USER_ID, ENTRY), "shop": (layout.PARTITION_KEY, layout.SORT_KEY)}
        self.dynamodb = FakeDynamoDB(self.outside, keys)
        self.outside.decide = self._fault
        self._decided = threading.local()

    def call(self, name: str, **request: Any) -> Any:
        """A call as boto3 makes it."""
        decided, make = self.decide(), getattr(self.dynamodb, name)
        self._decided.fault = decided if isinstance(decided, Fault) else Fault.NONE
        if decided is Retry.REPEATED and name != "transact_write_items":
            with suppress(ClientError):
                make(**request)
        return make(**request)

    def _fault(self, _: str) -> Fault:
        scheduled(lambda: None)
        fault: Fault = self._decided.fault
        return fault

    @contextmanager
    def clients(self) -> Iterator[Client]:
        """A user of the real handler, wired to this world."""
        services = {"dynamodb": Boto(self), "s3": Signer()}
        with patch.object(clients, "client", lambda service, _: services[service]):
            runtime = api.Runtime(Silent(), api.make_api(SETTINGS))  # type: ignore[arg-type]
            with patch.object(api, "runtime", lambda: runtime):
                yield Client(api.handler)

    def things(self) -> list[str]:
        """Keys of all that users have made."""
        entries = [each[ENTRY]["S"] for each in self.dynamodb.items("items")]
        orders = [each[layout.SORT_KEY]["S"] for each in self.dynamodb.items("shop")]
        return [each for each in entries if each.startswith((ITEM, UPLOAD))] + orders


@dataclass
class Boto:
    """A client of DynamoDB."""

    world: World

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self.world.call, name)
