"""What Lambda's event filter drops is what the pipeline has no business with, and nothing else."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from lambdas.table_etl.contract import ReasonCode
from lambdas.table_etl.domain.conditions import Condition, Rule, SourceFilter, absent, equals, prefix, where
from lambdas.table_etl.domain.transform import latest
from lambdas.table_etl.pipelines.orders import PIPELINE
from tests.support.event_source.filters import matches, parse
from tests.table_etl.builders import customer, json_row, live, order, record, rejected, returned, run

Item = dict[str, Any]

EXAMPLES = settings(max_examples=500, deadline=None, print_blob=True)
NAMES = st.sampled_from(["kind", "size", "test"])
TEXTS = st.sampled_from(["", "a", "ab", "abc", "b", "5", "true", "A", "ä"])
NUMBERS = st.sampled_from([0, 1, 5, 50, -5, 10**30, Decimal("0.5"), Decimal("5.5"), Decimal("1E-10")])
NUMBER_TEXTS = st.sampled_from(["0", "1", "5", "50", "-5", "0.5", "5.5", "1" + "0" * 30, "0.0000000001"])
VALUES = (
    TEXTS
    | NUMBERS
    | st.booleans()
    | st.none()
    | st.binary(max_size=2)
    | st.just({"a"})
    | st.just({5})
    | st.lists(TEXTS | st.booleans(), max_size=2)
    | st.dictionaries(st.sampled_from(["S", "N", "BOOL", "a"]), TEXTS, max_size=2)
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=3).map(lambda item: {"pk": "p", "sk": "s"} | item)


def rules(kind: str) -> st.SearchStrategy[Rule]:
    """What conditions of a type can ask for."""
    wanted = {
        "S": TEXTS.map(equals),
        "N": NUMBER_TEXTS.map(equals),
        "BOOL": st.booleans().map(lambda b: equals(value=b)),
    }
    begins = {"S": st.sampled_from(["a", "ab"]).map(prefix), "N": st.sampled_from(["5", "0."]).map(prefix)}
    return wanted[kind] | begins.get(kind, st.nothing()) | st.just(absent())


def wanted_by(rule: Rule, kind: str) -> Any:
    """A value that is as a rule wants it."""
    if kind == "N":
        return Decimal(rule.equals if isinstance(rule.equals, str) else f"{rule.prefix}5")
    return rule.equals if rule.prefix is None else f"{rule.prefix}x"


def conditions(name: str) -> st.SearchStrategy[Condition]:
    """Conditions on an attribute."""
    return st.sampled_from(["S", "N", "BOOL"]).flatmap(
        lambda kind: st.lists(rules(kind), min_size=1, max_size=3).map(lambda some: where(name, kind, *some))
    )


def possible(some: list[Condition]) -> bool:
    """Whether a filter can be made of them."""
    return not some or not all(any(rule.absent for rule in each.rules) for each in some)


FILTERS = (
    st.lists(NAMES, unique=True, max_size=3)
    .flatmap(lambda names: st.tuples(*map(conditions, names)))
    .map(list)
    .filter(possible)
    .map(lambda some: SourceFilter(tuple(some)))
)


def delivered(source: SourceFilter, change: Any) -> bool:
    """Whether Lambda hands a record to the function."""
    patterns = [parse(json.dumps(each), frozenset({"dynamodb"})) for each in source.patterns]
    return not patterns or any(matches(each, change) for each in patterns)


@EXAMPLES
@given(FILTERS, ITEMS | st.none(), ITEMS | st.none())
def test_a_change_is_delivered_if_the_item_is_selected_before_or_after_it(
    source: SourceFilter, old: Item | None, new: Item | None
) -> None:
    if old is None and new is None:
        return
    wanted = not source.conditions or source.selects(old) or source.selects(new)
    event(f"conditions: {len(source.conditions)}, delivered: {wanted}")
    assert delivered(source, record(new, old)) == wanted


@EXAMPLES
@given(FILTERS, ITEMS)
def test_an_item_with_all_attributes_as_wanted_is_selected(source: SourceFilter, item: Item) -> None:
    for condition in source.conditions:
        item.pop(condition.attribute, None)
        rule = condition.rules[0]
        if not rule.absent:
            item[condition.attribute] = wanted_by(rule, condition.type)
    assert source.selects(item)
    assert delivered(source, record(item))


SHOP_ITEMS = st.builds(
    lambda make, changed: make(**changed),
    st.sampled_from([customer, order, returned]),
    st.fixed_dictionaries(
        {},
        optional={
            "test": st.sampled_from([True, False, None, "true", "yes", 1, ...]),
            "status": st.sampled_from(["draft", "placed", "cancelled"]),
            "schema_version": st.sampled_from([1, 3, 99, "3", ...]),
        },
    ),
)
CARTS = st.sampled_from([{"pk": "customer#c-1", "sk": "cart", "lines": 3}, {"pk": "customer#c-1", "sk": "orders"}])


@EXAMPLES
@given(SHOP_ITEMS | CARTS | st.none(), SHOP_ITEMS | CARTS | st.none())
def test_the_shops_filter_delivers_what_the_pipeline_selects(old: Item | None, new: Item | None) -> None:
    if old is None and new is None:
        return
    source = PIPELINE.source
    assert delivered(source, record(new, old)) == (source.selects(old) or source.selects(new))


@settings(max_examples=200, deadline=None, print_blob=True)
@given(st.lists(SHOP_ITEMS | CARTS | st.none(), min_size=1, max_size=8))
def test_what_the_filter_drops_would_change_no_target(states: list[Item | None]) -> None:
    """Each item is written, and deleted, in its own order; with and without the filter the last state is the same."""
    there: dict[str, Item] = {}
    all_changes, passed = [], []
    for number, state in enumerate(states, 1):
        name = state["sk"] if state else next(iter(there), None)
        if name is None:
            continue
        old = there.pop(name, None)
        if state is not None:
            there[name] = state
        change = record(state, old, number=number)
        all_changes.append(live(state, old, number=number))
        if delivered(PIPELINE.source, change):
            passed.append(all_changes[-1])
    assert final(passed) == final(all_changes)
    assert [each.payload for each in run(*passed).rejected] == [each.payload for each in run(*all_changes).rejected]


def final(changes: list[Any]) -> dict[str, bytes]:
    """Rows that are left in the end, by key."""
    return {each.key: each.content.json for each in latest(run(*changes).loaded) if each.content}


@pytest.mark.parametrize(
    ("state", "taken"),
    [
        (order(), True),
        (order(test=False), True),
        (order(test=True), False),
        (returned(test=True), False),
        (customer(test=True), False),
        ({"pk": "customer#c-1", "sk": "cart"}, False),
        ({"pk": "customer#c-1", "sk": "profiles"}, False),
        (order(test="true"), True),
    ],
)
def test_the_shops_pipeline_takes_customers_orders_and_returns_that_are_no_tests(state: Item, taken: bool) -> None:  # noqa: FBT001
    assert PIPELINE.source.selects(state) == delivered(PIPELINE.source, record(state)) == taken


def test_an_order_whose_test_flag_is_text_is_not_mistaken_for_a_real_one() -> None:
    assert rejected(live(order(test="true"))).reason is ReasonCode.WRONG_SCHEMA


def test_without_conditions_nothing_is_filtered() -> None:
    assert SourceFilter().patterns == []
    assert SourceFilter().selects({"any": 1})
    assert not SourceFilter().selects(None)


@pytest.mark.parametrize(
    ("attribute", "kind", "some", "reason"),
    [
        ("a", "B", [equals("a")], "S, N or BOOL"),
        ("a", "M", [absent()], "S, N or BOOL"),
        ("a", "S", [], "without rules"),
        ("a", "S", [equals(value=True)], "under S"),
        ("a", "BOOL", [equals("false")], "under BOOL"),
        ("a", "BOOL", [prefix("t")], "under BOOL"),
        ("a", "N", [equals(value=False)], "under N"),
        ("a", "N", [equals("five")], "under N"),
        ("a", "N", [equals("5.0")], "under N"),
        ("a", "N", [equals("1E3")], "under N"),
        ("a", "N", [equals("1"), equals("1" * 39)], "under N"),
    ],
)
def test_a_condition_that_nothing_can_fulfil_is_refused(attribute: str, kind: str, some: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        where(attribute, kind, *some)


@pytest.mark.parametrize(
    ("some", "reason"),
    [
        ([where("a", "S", absent())], "present attribute"),
        ([where("a", "S", absent(), equals("x")), where("b", "BOOL", absent())], "present attribute"),
        ([where("a", "S", equals("x")), where("a", "BOOL", absent())], "different attributes"),
    ],
)
def test_a_filter_that_would_not_say_what_it_means_is_refused(some: list[Condition], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SourceFilter(tuple(some))


def test_a_number_that_dynamodb_does_not_have_is_a_verdict_on_its_row_alone() -> None:
    by_size = SourceFilter((where("total", "N", equals("3")),))
    pipeline = type(PIPELINE)(keys=PIPELINE.keys, source=by_size, flows=PIPELINE.flows)
    done = run(json_row(order()), json_row(order(total=Decimal("1E+999999"))), pipeline=pipeline)
    assert [len(done.loaded), len(done.rejected)] == [1, 1]
