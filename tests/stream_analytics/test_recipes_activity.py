"""Activity: active users and feature use of an application."""

from __future__ import annotations

import pytest

from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.domain.cleansing import pseudonym
from lambdas.stream_analytics.recipes.activity import RECIPE
from tests.stream_analytics.analyzing import KEY, Content, analyze, only, reasons, values

USED: Content = {"user": "ada@mail.example", "feature": "search", "version": "1.0"}


def test_users_are_counted_once_however_their_address_is_spelt() -> None:
    users = ["ada@mail.example", " ADA@mail.example", "Ada@Mail.Example\n", "bob@mail.example"]

    tally = analyze(RECIPE, *(USED | {"user": user} for user in users)).whole

    assert round(only(tally, "activity.active_users").estimate) == 2


def test_uses_are_counted_by_feature() -> None:
    tally = analyze(RECIPE, *(USED | {"feature": feature} for feature in ("search", " search", "dark  mode"))).whole

    assert values(tally, "activity.feature_use") == {"search": Count(2), "dark mode": Count(1)}


def test_a_feature_without_a_name_is_not_taken_for_all_features() -> None:
    assert values(analyze(RECIPE, USED | {"feature": " \t"}).whole, "activity.feature_use") == {" ": Count(1)}


def test_users_are_kept_as_pseudonyms_and_can_be_looked_up_by_them() -> None:
    event = analyze(RECIPE, USED | {"user": "ADA@mail.example"}).events[0]

    assert event.user == pseudonym("ada@mail.example", KEY)
    assert {name: list(found(event)) for name, found in RECIPE.entities.items()} == {"user": [event.user]}


@pytest.mark.parametrize("change", [{"user": ""}, {"feature": "x" * 257}, {"version": 1.0}, {"feature": None}])
def test_other_shapes_are_rejected(change: Content) -> None:
    assert reasons(analyze(RECIPE, USED | change, USED)) == {0: "wrong_schema"}
