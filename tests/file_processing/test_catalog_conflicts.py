"""Transactions of the catalog that DynamoDB cancels: which of them are tried again, and where."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.domain.catalog import Admitted
from tests.file_processing.test_catalog_adapter import current
from tests.support.fake_aws import client_error


class Refusing:
    """DynamoDB that cancels transactions so many times, for this reason."""

    def __init__(self, reason: str, times: int) -> None:
        self.reason, self.times, self.calls = reason, times, 0

    def transact_write_items(self, **_: Any) -> Any:
        self.calls += 1
        if self.calls <= self.times:
            reasons = [{"Code": "None"}, {"Code": self.reason}]
            raise client_error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
        return {}


def refused(reason: str, times: int) -> tuple[Refusing, DynamoCatalog, list[float]]:
    client, waits = Refusing(reason, times), list[float]()
    return client, DynamoCatalog(client, "catalog", keep_days=30, sleep=waits.append), waits  # type: ignore[arg-type]


def test_totals_that_others_write_at_this_moment_are_written_a_moment_later() -> None:
    client, catalog, waits = refused("TransactionConflict", 3)
    assert catalog.admit(Admitted(before=None, after=current()))
    assert (client.calls, len(waits)) == (4, 3)
    assert all(wait <= 0.05 * 2**at for at, wait in enumerate(waits))


def test_conflicts_without_end_are_left_to_a_retry_of_the_message() -> None:
    _, catalog, _ = refused("TransactionConflict", 1000)
    with pytest.raises(UnavailableError, match="conflicted"):
        catalog.admit(Admitted(before=None, after=current()))


def test_too_much_traffic_is_no_conflict() -> None:
    client, catalog, _ = refused("ThrottlingError", 1000)
    with pytest.raises(UnavailableError, match="write to the catalog"):
        catalog.admit(Admitted(before=None, after=current()))
    assert client.calls == 1
