"""What the catalog writes to DynamoDB, and under which conditions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.totals import TotalsReader
from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.tables import EXPIRES_AT, STATUS_DAY, Status, file_id, file_partition
from lambdas.file_processing.domain.catalog import (
    Admitted,
    Contribution,
    Current,
    Origin,
    ProductItem,
    Settlement,
    Stale,
    Version,
    succeed,
)
from lambdas.file_processing.domain.totals import Totals
from tests.file_processing.conftest import Cloud

NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
DAY = "2026-11-26"


@pytest.fixture
def catalog(cloud: Cloud) -> DynamoCatalog:
    return DynamoCatalog(cloud.dynamodb, "catalog", keep_days=30, now=lambda: NOW, sleep=lambda _: None)


def current(key: str = "docs/a", at: int = 1, **changes: Any) -> Current:
    base = Current(
        file_id=file_id("inbox", key),
        bucket="inbox",
        object_key=key,
        name=key,
        sequencer=f"{at:032}",
        status=Status.PROCESSING,
        version_id=f"v{at}",
        generation=f"{at:032}-0",
        kind="pdf",
        lane=Lane.EXTRACT,
        size=100 * at,
        arrived_at=NOW.isoformat(),
        contribution=Contribution(day=DAY, prefix="docs/", bytes=100 * at, kind="pdf"),
    )
    return msgspec.structs.replace(base, **changes)


def nothing(at: int) -> Current:
    return current(
        at=at, status=Status.DELETED, version_id=None, generation=None, kind=None, lane=None, size=0,
        arrived_at=None, contribution=None,
    )  # fmt: skip


def version_of(state: Current, **changes: Any) -> Version:
    base = Version(
        file_id=state.file_id,
        version_id=state.version_id or "",
        generation=state.generation or "",
        name=state.name,
        kind="pdf",
        media_type="application/pdf",
        status=state.status,
        bytes=state.size,
        sha256="ab",
        arrived_at=NOW.isoformat(),
        recognized_at=NOW.isoformat(),
        updated_at=NOW.isoformat(),
    )
    return msgspec.structs.replace(base, **changes)


def admit(catalog: DynamoCatalog, before: Current | None, after: Current, *, first: bool = False) -> Current:
    """The state as it was written."""
    following = succeed(before, after)
    shown = version_of(following) if following.version_id else None
    assert catalog.admit(Admitted(before=before, after=following, version=shown, first=first))
    return following


def item(cloud: Cloud, entry: str, key: str = "docs/a") -> dict[str, Any]:
    place = {"entity": {"S": file_partition(file_id("inbox", key))}, "entry": {"S": entry}}
    return cloud.dynamodb.get_item(TableName="catalog", Key=place)["Item"]


def totals(cloud: Cloud) -> dict[str, Totals]:
    return TotalsReader(cloud.dynamodb, "catalog").of(DAY)


def test_a_state_and_its_version_come_back_as_they_were_written(catalog: DynamoCatalog) -> None:
    written = admit(catalog, None, current("docs/été 🏝"))
    assert catalog.get(written.file_id) == written
    assert catalog.version(written.file_id, "v1") == version_of(written)


def test_an_unknown_file_has_no_state(catalog: DynamoCatalog) -> None:
    assert catalog.get("f00d") is None


def test_only_one_of_two_that_read_the_same_state_writes(catalog: DynamoCatalog, cloud: Cloud) -> None:
    first = admit(catalog, None, current())
    for before in (None, msgspec.structs.replace(first, revision=7)):
        assert not catalog.admit(Admitted(before=before, after=succeed(before, current(at=3))))
    assert catalog.get(first.file_id) == first
    assert totals(cloud)["docs/"].files == 1


def test_a_replaced_version_is_kept_for_its_days_without_products(catalog: DynamoCatalog, cloud: Cloud) -> None:
    first = admit(catalog, None, current())
    product = ProductItem(name="text.txt", key="products/text.txt", content_type="text/plain", bytes=3)
    assert catalog.settle(first, Settlement(status=Status.READY, products=(product,)))
    admit(catalog, catalog.get(first.file_id), current(at=2))
    old = catalog.version(first.file_id, "v1")
    assert old
    assert (old.status, old.products) == (Status.REPLACED, ())
    written = item(cloud, "version#v1")
    assert written[EXPIRES_AT]["N"] == str(int((NOW + timedelta(days=30)).timestamp()))
    assert written[STATUS_DAY]["S"] == f"replaced#{DAY}"
    assert EXPIRES_AT not in item(cloud, "current")


def test_a_deleted_file_is_forgotten_after_its_days(catalog: DynamoCatalog, cloud: Cloud) -> None:
    first = admit(catalog, None, current())
    admit(catalog, first, nothing(at=2))
    assert EXPIRES_AT in item(cloud, "current")
    assert item(cloud, "version#v1")["status"]["S"] == "deleted"


def test_what_comes_back_does_not_expire(catalog: DynamoCatalog, cloud: Cloud) -> None:
    gone = admit(catalog, admit(catalog, None, current()), nothing(at=2))
    admit(catalog, gone, current(at=3, version_id="v1"))
    assert EXPIRES_AT not in item(cloud, "current") | item(cloud, "version#v1")


def test_totals_are_those_of_what_is_shown(catalog: DynamoCatalog, cloud: Cloud) -> None:
    one = admit(catalog, None, current("docs/a"))
    admit(catalog, None, current("docs/b", kind="csv", contribution=Contribution(
        day=DAY, prefix="docs/", bytes=5, kind="csv",
    )))  # fmt: skip
    assert totals(cloud) == {"docs/": Totals(files=2, bytes=105, rejects=0, kinds={"csv": 1, "pdf": 1})}
    admit(catalog, one, nothing(at=2))
    assert totals(cloud) == {"docs/": Totals(files=1, bytes=5, rejects=0, kinds={"csv": 1})}


def test_a_rejected_file_counts_until_it_goes(catalog: DynamoCatalog, cloud: Cloud) -> None:
    shown = admit(catalog, None, current())
    assert catalog.settle(shown, Settlement(status=Status.REJECTED, reason_code="damaged", reason_message="no"))
    assert totals(cloud)["docs/"].rejects == 1
    admit(catalog, catalog.get(shown.file_id), current(at=2))
    assert totals(cloud)["docs/"].rejects == 0


def test_a_settled_file_says_what_came_of_it(catalog: DynamoCatalog, cloud: Cloud) -> None:
    shown = admit(catalog, None, current())
    product = ProductItem(name="text.txt", key="products/text.txt", content_type="text/plain", bytes=3)
    settlement = Settlement(status=Status.READY, facts={"pages": 2.5}, products=(product,), milliseconds=12)
    assert catalog.settle(shown, settlement)
    about, state = catalog.version(shown.file_id, "v1"), catalog.get(shown.file_id)
    assert about
    assert state
    assert (about.status, about.facts, about.products) == (Status.READY, '{"pages":2.5}', (product,))
    assert (about.milliseconds, about.settled_at) == (12, NOW.isoformat())
    assert (state.status, state.revision) == (Status.READY, shown.revision + 1)
    assert item(cloud, "version#v1")[STATUS_DAY]["S"] == f"ready#{DAY}"


def test_finishing_keeps_the_facts_that_the_function_has_found(catalog: DynamoCatalog) -> None:
    shown = admit(catalog, None, current())
    assert catalog.settle(shown, Settlement(status=Status.TRANSCODING, facts={"seconds": 9}, job="1"))
    assert catalog.settle(shown, Settlement(status=Status.READY, expected=Status.TRANSCODING))
    about = catalog.version(shown.file_id, "v1")
    assert about
    assert (about.status, about.facts, about.job) == (Status.READY, '{"seconds":9}', "1")


def test_a_file_is_settled_once(catalog: DynamoCatalog, cloud: Cloud) -> None:
    shown = admit(catalog, None, current())
    bad = Settlement(status=Status.REJECTED, reason_code="damaged", reason_message="no")
    assert catalog.settle(shown, bad)
    assert not catalog.settle(shown, bad)
    assert totals(cloud)["docs/"].rejects == 1


def test_what_is_not_shown_is_not_settled(catalog: DynamoCatalog) -> None:
    """Another generation shows the same version."""
    first = admit(catalog, None, current())
    again = admit(catalog, first, current(at=2, version_id="v1"))
    assert not catalog.settle(first, Settlement(status=Status.READY))
    assert catalog.get(first.file_id) == again


def test_the_first_with_a_content_stays_the_first(catalog: DynamoCatalog) -> None:
    one = admit(catalog, None, current("docs/a"), first=True)
    other = succeed(None, current("docs/b"))
    assert not catalog.admit(Admitted(before=None, after=other, version=version_of(other), first=True))
    assert catalog.first("ab") == Origin(file_id=one.file_id, name="docs/a", version_id="v1")
    assert catalog.get(other.file_id) is None


def test_who_has_been_told_is_forgotten_unless_a_newer_state_has_taken_over(catalog: DynamoCatalog) -> None:
    first = admit(catalog, None, current())
    second = admit(catalog, first, current(at=2))
    catalog.told(first)
    assert [each.generation for each in second.stale] == [first.generation, second.generation]
    assert catalog.get(first.file_id) == second
    catalog.told(second)
    state = catalog.get(first.file_id)
    assert state
    assert not state.untold


def test_whoever_is_told_of_a_state_is_told_of_it_in_order() -> None:
    """Lanes that discard come before the one that begins."""
    first = succeed(None, current())
    second = succeed(first, current(at=2, lane=Lane.UNPACK))
    assert second.stale == (
        Stale(Lane.EXTRACT, first.generation or ""),
        Stale(Lane.UNPACK, second.generation or ""),
    )
