"""What the ETL demo hands back of a run, and what it shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from local.journal import Journal
from local.use_cases.outcome import Outcome, UseCaseError
from local.use_cases.table_etl import journey, tally
from local.use_cases.table_etl.gallery import Gallery
from local.use_cases.table_etl.journey import Found, run
from local.use_cases.table_etl.lake import Lake
from local.use_cases.table_etl.store import Store
from local.use_cases.table_etl.subscriber import Subscriber
from local.use_cases.table_etl.tally import Tally
from tests.local.etl import ran


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Of a run in which the stack has kept what is given."""

    def of(found: Found) -> Outcome:
        told, done = ran().told, list[str]()
        store: Any = SimpleNamespace(
            sqs=None, bus="", s3=None, lake="", reader=ran().store.reader, compact=lambda: done.append("compacted")
        )

        def put(*_: object) -> Tally:
            done.append("put")
            return told

        def copied(*_: object) -> Lake:
            assert done == ["put", "waited", "compacted"]
            return ran().lake

        monkeypatch.setattr(Store, "of", lambda _: store)
        monkeypatch.setattr(Subscriber, "to", lambda *_: None)
        monkeypatch.setattr(journey, "plan", lambda _: (told.changes, told.history))
        monkeypatch.setattr(journey, "_put", put)
        monkeypatch.setattr(journey, "_wait", lambda *_: done.append("waited"))
        monkeypatch.setattr(Lake, "copied", copied)
        monkeypatch.setattr(Found, "of", lambda *_: found)
        cloud: Any = SimpleNamespace(journal=Journal(), client=lambda _: None)
        return run(cloud, tmp_path)

    return of


def test_a_right_run_tells_how_many_went_where(outcome: Any) -> None:
    told, found = ran().told, ran().found
    shown = len(tally.shown(told.states()))
    handed = outcome(found)
    assert handed.problems == ()
    assert handed.input.startswith(f"{len(told.changes)} changes; {len(told.history.csv.rows)} rows of CSV")
    assert f"{shown} rows and" in handed.output
    assert f"{shown} rows of Parquet" in handed.output
    assert f"{len(told.bad())} quarantined" in handed.output
    assert [card.title for card in handed.cards] == ["Changes and history", "Read model and lake", "Quarantine"]
    assert all(card.good for card in handed.cards)


@pytest.mark.parametrize(
    ("damage", "title"),
    [
        ({"waiting": {"files that wait": 1}}, "Changes and history"),
        ({"events": {}}, "Changes and history"),
        ({"totals": {}}, "Read model and lake"),
        ({"quarantined": []}, "Quarantine"),
    ],
    ids=str,
)
def test_only_the_card_of_what_is_wrong_says_so(outcome: Any, damage: dict[str, Any], title: str) -> None:
    handed = outcome(replace(ran().found, **damage))
    assert handed.problems
    assert [card.title for card in handed.cards if not card.good] == [title]


# --- the compaction -------------------------------------------------------------------------------------------------


def compacting(staged: list[int], answer: dict[str, Any]) -> Any:
    """A store in which so many objects are staged, one look after the other."""
    looks = iter(staged)

    class Staged(Store):
        def staged(self) -> int:
            return next(looks)

    payload = SimpleNamespace(read=lambda: b'{"errorMessage": "no memory"}')
    functions: Any = SimpleNamespace(invoke=lambda **_: {"Payload": payload, **answer})
    return Staged(**{**vars(ran().store), "functions": functions})


def test_it_compacts_until_nothing_is_staged() -> None:
    assert compacting([3, 1, 0], {}).compact() == 2


def test_a_compaction_that_fails_is_an_error_that_says_why() -> None:
    with pytest.raises(UseCaseError, match="no memory"):
        compacting([3], {"FunctionError": "Unhandled"}).compact()


def test_a_compaction_that_comes_to_no_end_is_an_error() -> None:
    with pytest.raises(UseCaseError, match="2 objects are still staged"):
        compacting([2] * 11, {}).compact()


# --- the gallery ----------------------------------------------------------------------------------------------------


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path, ran().store.reader, ran().lake, ran().told.states())


def test_revenue_of_lake_and_of_totals_is_what_the_tally_says(gallery: Gallery) -> None:
    orders = [row for row in tally.shown(gallery.states).values() if row.dataset == "orders"]
    sums = Counter[str]()
    for row in orders:
        if row.fields["currency"] == "EUR" and row.fields["status"] != "cancelled":
            sums[row.day] += row.fields["total"]
    for figure in (gallery.revenue_of_lake(), gallery.revenue_of_totals()):
        told = dict(each.rsplit(" ", 1) for each in figure.alt.partition("revenue: ")[2].split(", "))
        assert {day: Decimal(value.replace(",", "")) for day, value in told.items()} == {
            day[5:]: amount for day, amount in sums.items()
        }
        assert figure.facts == (f"{sum(sums.values()):,.2f} EUR in all",)


def test_statuses_and_reasons_are_counted(gallery: Gallery) -> None:
    statuses = Counter(row.fields["status"] for row in tally.shown(gallery.states).values() if row.dataset == "orders")
    assert all(f"{status} {count}" in gallery.statuses().alt for status, count in statuses.items())
    reasons = Counter(bad.reason for bad in ran().told.bad().values())
    assert all(
        f"{reason} {count}" in gallery.rejected(ran().found.quarantined).alt for reason, count in reasons.items()
    )
    assert [reason for reason, _ in gallery.examples(ran().found.quarantined).rows] == sorted(reasons)


def test_charts_are_files_beside_the_page(gallery: Gallery) -> None:
    for figure in (gallery.statuses(), gallery.changes(ran().told.changes), gallery.revenue_of_lake()):
        assert ET.parse(gallery.directory.parent / figure.file).getroot().tag.endswith("svg")  # noqa: S314  our own


def test_the_newest_orders_of_a_customer_are_listed_first(gallery: Gallery) -> None:
    listing = gallery.newest_orders()
    customer = listing.title.split()[-4].rstrip(",")
    newest = tally.views(gallery.states)[f"customer#{customer}#orders"][: len(listing.rows)]
    assert [row[1] for row in listing.rows] == [each["order_id"] for each in newest]


def test_articles_that_sell_best_are_found_by_the_sql_that_is_shown(gallery: Gallery) -> None:
    sold = Counter[str]()
    for row in tally.shown(gallery.states).values():
        if row.dataset == "orders" and row.fields["currency"] == "EUR" and row.fields["status"] != "cancelled":
            for line in row.fields["lines"]:
                sold[line["sku"]] += line["quantity"] * line["unit_price"]
    listing = gallery.top_articles()
    assert "UNNEST(lines)" in listing.code
    best = [f"{revenue:,.2f}" for _, revenue in sold.most_common(len(listing.rows))]
    assert [row[2] for row in listing.rows] == best
