"""Whether an alias is as it was decided, and when steps are due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lambdas.iot_backend.contract.releases import Phase
from lambdas.iot_backend.domain.releases import Alias, Release, begun, due

NOW = datetime(2026, 11, 25, 12, 0, 0, 0, UTC)
RELEASE = Release(
    revision="r", phase=Phase.CANARY, version=2, candidate=3, percent=10, due_at=NOW, alias_revision="before"
)


@pytest.mark.parametrize(
    ("alias", "states"),
    [
        (Alias(2, {3: 0.1}, "after"), (True, False, False)),
        (Alias(2, {3: 0.1}, "before"), (True, False, False)),
        (Alias(2, {}, "before"), (False, True, False)),
        (Alias(2, {}, "by hand"), (False, False, True)),
        (Alias(2, {3: 0.2}, "by hand"), (False, False, True)),
        (Alias(3, {}, "by hand"), (False, False, True)),
    ],
)
def test_an_alias_is_as_decided_or_about_to_be_or_moved_by_somebody_else(
    alias: Alias,
    states: tuple[bool, bool, bool],
) -> None:
    assert (RELEASE.matches(alias), RELEASE.pending(alias), RELEASE.moved(alias)) == states


def test_before_the_first_decision_weights_are_somebody_elses() -> None:
    alias = Alias(1, {2: 0.5}, "revision")
    assert (begun(alias).pending(alias), begun(alias).moved(alias)) == (False, True)


@pytest.mark.parametrize(("microsecond", "second"), [(0, 10), (1, 11), (999_999, 11)])
def test_steps_are_due_at_whole_seconds_and_never_too_early(microsecond: int, second: int) -> None:
    assert due(NOW.replace(microsecond=microsecond), 10) == NOW.replace(second=second, microsecond=0)
