"""Versions order as they should, and planned transactions keep totals exact and within DynamoDB's limits."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.tables.read_model import layout
from lambdas.table_etl.contract import NEVER, history_version, live_version
from lambdas.table_etl.domain.pipeline import MOST_TOTALS, Contribution, Flow, Placement, Total
from lambdas.table_etl.domain.read_model import MOST_BYTES, MOST_ITEMS, Present, Transaction, chains, newer, plan
from lambdas.table_etl.domain.steps import validate
from lambdas.table_etl.domain.transform import Content, Loaded, latest

EXAMPLES = settings(max_examples=300, deadline=None, print_blob=True)

# --- versions -------------------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis adds the zone
SEQUENCES = st.integers(0, 10**40 - 1)


@EXAMPLES
@given(SEQUENCES, SEQUENCES)
def test_live_versions_order_as_their_sequence_numbers(one: int, other: int) -> None:
    assert (live_version(f"{one}") < live_version(f"{other}")) == (one < other)
    assert live_version(f"{one}") == live_version(f"{one:040d}")


@EXAMPLES
@given(MOMENTS, MOMENTS, st.integers(0, 10**9), st.integers(0, 10**9))
def test_history_orders_by_time_then_by_row(one: datetime, other: datetime, first: int, second: int) -> None:
    earlier, later = history_version(one, "file", first), history_version(other, "file", second)
    assert (earlier < later) == ((one, first) < (other, second))


@EXAMPLES
@given(
    MOMENTS, st.text("0123456789abcdef", min_size=1, max_size=8), st.text("0123456789abcdef", min_size=1, max_size=8)
)
def test_all_rows_of_one_file_come_before_all_of_another_as_of_the_same_moment(
    at: datetime, one: str, other: str
) -> None:
    first, second = min(one, other), max(one, other)
    assert (history_version(at, first, 10**9) < history_version(at, second, 1)) == (first != second)


@EXAMPLES
@given(MOMENTS, SEQUENCES)
def test_history_is_older_than_everything_live_and_nothing_is_older_than_never(at: datetime, sequence: int) -> None:
    assert NEVER < history_version(at) < history_version(at, "f", 10**9) < live_version(f"{sequence}")


def test_microseconds_count() -> None:
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert history_version(at, "z", 9) < history_version(at + timedelta(microseconds=1), "a", 1)


# --- plans ----------------------------------------------------------------------------------------------------------


class Row(msgspec.Struct):
    id: str
    schema_version: int = 1


FLOW = Flow(name="rows", steps=validate(Row, version=1), row=Row)
AMOUNTS = st.integers(-(10**15) + 1, 10**15 - 1) | st.decimals(
    Decimal("-999999999999999.999999999"), Decimal("999999999999999.999999999"), places=9
)
CONTRIBUTIONS = st.lists(
    st.builds(
        Contribution,
        st.sampled_from(["a", "b"]),
        st.sampled_from(["1", "2", "3"]),
        st.dictionaries(st.sampled_from(["orders", "revenue"]), AMOUNTS.filter(bool), min_size=1),
    ),
    max_size=3,
).map(tuple)


def of(key: str, version: str, contributions: tuple[Contribution, ...] | None, size: int = 10) -> Loaded:
    """A row of so many bytes of JSON; a deletion without contributions."""
    if contributions is None:
        return Loaded(FLOW, key, version, "all", None)
    return Loaded(FLOW, key, version, "all", Content(Row(key), b"x" * size, {}, Placement("", "", contributions)))


STATES = st.builds(
    of, st.sampled_from("pqrst"), SEQUENCES.map(lambda n: live_version(f"{n % 20}")), st.none() | CONTRIBUTIONS
)


class Store:
    """A read model in memory, written as the transactions say."""

    def __init__(self) -> None:
        self.rows: dict[str, Present] = {}
        self.totals: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def load(self, batch: list[Loaded]) -> list[Transaction]:
        transactions = plan(newer(latest(batch), self.rows), self.rows)
        for transaction in transactions:
            for loaded, before in transaction.rows:
                assert self.rows.get(loaded.key, Present(NEVER, ())) == before
                self.rows[loaded.key] = Present(
                    loaded.version, loaded.content.placement.contributions if loaded.content else ()
                )
            for key, sums in transaction.changes.items():
                for name, amount in sums.items():
                    self.totals[key][name] += amount
        return transactions

    def sums(self) -> dict[tuple[str, str, str], Decimal]:
        """Totals that are not zero."""
        return {(*key, name): value for key, sums in self.totals.items() for name, value in sums.items() if value}


def fold(states: list[Loaded]) -> dict[tuple[str, str, str], Decimal]:
    """Sums over the last version of each row, the first one seen of equal versions; by integers, so never rounded."""
    last: dict[str, Loaded] = {}
    for each in states:
        if each.key not in last or each.version > last[each.key].version:
            last[each.key] = each
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for each in last.values():
        for one in each.content.placement.contributions if each.content else ():
            for name, amount in one.amounts.items():
                sums[one.partition, one.sort, name] += int(Decimal(amount).scaleb(9))
    return {key: Decimal(value).scaleb(-9) for key, value in sums.items() if value}


@EXAMPLES
@given(st.lists(st.lists(STATES, max_size=8), max_size=6))
def test_totals_are_what_the_last_versions_of_all_rows_add_up_to(batches: list[list[Loaded]]) -> None:
    store = Store()
    for batch in batches:
        store.load(batch)
    assert store.sums() == fold([each for batch in batches for each in batch])


@EXAMPLES
@given(st.lists(STATES, max_size=20))
def test_loading_again_changes_nothing(batch: list[Loaded]) -> None:
    store = Store()
    store.load(batch)
    before = store.sums()
    assert store.load(batch) == []
    assert store.sums() == before


SIZES = st.sampled_from([10, 1_000, 100_000, 200_000])
MANY = st.lists(st.tuples(st.integers(0, MOST_TOTALS), SIZES), max_size=150)


@settings(max_examples=100, deadline=None, print_blob=True)
@given(MANY, st.integers(0, MOST_TOTALS))
def test_transactions_stay_within_dynamodbs_limits_and_write_no_item_twice(shapes: Any, shared: int) -> None:
    rows = []
    for number, (totals, size) in enumerate(shapes):
        names = [f"own-{number}-{at}" if at >= shared else f"shared-{at}" for at in range(totals)]
        rows.append(of(f"{number}", "1", tuple(Contribution(name, "s", {"n": 1}) for name in names), size))
    before = {each.key: Present("0", (Contribution(f"old-{each.key}", "s", {"n": 1}),) * 2) for each in rows[::2]}
    transactions = plan(rows, before)
    assert [each for one in transactions for each, _ in one.rows] == rows
    for one in transactions:
        assert 1 <= len(one.rows) + len(one.changes) <= MOST_ITEMS
        assert sum(each.content.item_bytes for each, _ in one.rows if each.content) <= MOST_BYTES
        assert len({each.key for each, _ in one.rows}) == len(one.rows)


def test_neighbours_share_a_transaction_and_its_totals() -> None:
    rows = [of(f"{at:03d}", "1", (Contribution("c-1", "day", {"orders": 1}),)) for at in range(198)]
    transactions = plan(rows, {})
    assert [len(each.rows) for each in transactions] == [99, 99]
    assert [each.changes for each in transactions] == [{("c-1", "day"): {"orders": 99}}] * 2


def test_totals_that_a_row_leaves_take_their_place_in_a_transaction() -> None:
    rows = [of(f"{at:03d}", "2", ()) for at in range(70)]
    old = tuple(Contribution(f"{at}", "day", {"orders": 1}) for at in range(MOST_TOTALS))
    assert [len(each.rows) for each in plan(rows, {rows[69].key: Present("1", old)})] == [69, 1]


def test_rows_that_are_too_big_together_are_split_up() -> None:
    rows = [of(f"{at:03d}", "1", (), size=(MOST_BYTES // 12 - layout.OWN_BYTES) // 2) for at in range(14)]
    assert [len(each.rows) for each in plan(rows, {})] == [12, 2]


def test_a_row_that_contributes_as_before_changes_no_total() -> None:
    same = (Contribution("c-1", "day", {"orders": 1, "revenue": Decimal("3.0")}),)
    [one] = plan([of("a", "2", same)], {"a": Present("1", same)})
    assert (len(one.rows), one.changes) == (1, {})


def test_a_row_that_moves_to_another_day_changes_both() -> None:
    before = {"a": Present("1", (Contribution("c-1", "mon", {"orders": 1}),))}
    [one] = plan([of("a", "2", (Contribution("c-1", "tue", {"orders": 1}),))], before)
    assert one.changes == {("c-1", "mon"): {"orders": -1}, ("c-1", "tue"): {"orders": 1}}


def test_a_row_with_as_many_totals_as_a_flow_may_have_fits_into_one_transaction_with_its_old_ones() -> None:
    new, old = (
        tuple(Contribution(f"{name}{at}", "s", {"n": 1}) for at in range(MOST_TOTALS)) for name in ("new", "old")
    )
    [one] = plan([of("a", "2", new)], {"a": Present("1", old)})
    assert len(one.rows) + len(one.changes) <= MOST_ITEMS


def test_more_totals_than_fit_into_a_transaction_are_refused() -> None:
    one: Total[Row] = Total(partition=lambda row: row.id, sort=lambda row: row.id, amounts={"n": lambda _: 1})
    with pytest.raises(ValueError, match="40 totals at the most"):
        Flow(name="rows", steps=validate(Row, version=1), row=Row, totals=(one,) * (MOST_TOTALS + 1))


# --- what is newer, and what is last ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "taken"), [("0", False), ("1", False), ("2", True)])
def test_only_what_is_newer_replaces_what_is_there(version: str, *, taken: bool) -> None:
    assert bool(newer([of("a", version, ())], {"a": Present("1", ())})) is taken


def test_whatever_is_not_there_yet_is_new() -> None:
    assert newer([of("a", history_version(datetime(1970, 1, 1, tzinfo=UTC)), None)], {})


def test_the_last_version_of_each_row_is_left_deletions_too() -> None:
    batch = [of("a", "2", ()), of("b", "1", ()), of("a", "3", None), of("a", "1", ()), of("c", "1", ())]
    assert [(each.key, each.version) for each in latest(batch)] == [("b", "1"), ("a", "3"), ("c", "1")]


def test_of_equal_versions_the_first_one_stays() -> None:
    first, second = of("a", "1", ()), of("a", "1", None)
    assert latest([first, second]) == [first]


def on(day: str, *, at: int) -> Loaded:
    return of(f"{at:03d}", "1", (Contribution("c-1", day, {"orders": 1}),))


def test_rows_that_change_the_same_total_stay_in_one_transaction() -> None:
    rows = [on(f"{at // 40}", at=at) for at in range(120)]
    assert [len(each.rows) for each in plan(rows, {})] == [80, 40]
    assert [len(each) for each in chains(plan(rows, {}))] == [1, 1]


def test_of_a_total_that_more_rows_change_than_fit_transactions_follow_each_other() -> None:
    rows = [on("busy", at=at) for at in range(250)] + [on(f"{at}", at=at) for at in range(250, 400)]
    made = chains(plan(rows, {}))
    assert [len(chain) for chain in made] == [3, 1, 1, 1]
    for one, other in combinations(made, 2):
        changed = [{key for each in chain for key in each.totals} for chain in (one, other)]
        assert not changed[0] & changed[1]
