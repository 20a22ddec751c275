"""Devices are retired, wherever the tool ends on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdas.iot_backend.contract.devices import Kind
from tests.support.aws import CutOffError
from tests.tools.fleet import Fleet, assert_enrolled, new_fleet
from tools.keyring import Keyring


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with new_fleet(tmp_path) as found:
        yield found


def test_a_retired_device_leaves_nothing(fleet: Fleet) -> None:
    fleet.enrol()

    fleet.devices.retire("dev-1")

    assert (fleet.certificates(), fleet.things(), fleet.enrolment()) == ({}, {}, None)


def test_a_retirement_that_ends_at_any_call_is_made_up_for(fleet: Fleet, tmp_path: Path) -> None:
    number, ended = 0, True
    while ended:
        fleet.enrol(keyring=Keyring(tmp_path / str(number)))
        ended = False
        with fleet.calls.cut_off(number, before=False):
            try:
                fleet.devices.retire("dev-1")
            except CutOffError:
                ended = True
        fleet.devices.retire("dev-1")
        assert (fleet.things(), fleet.enrolment()) == ({}, None)
        left = {"status": "INACTIVE", "things": [], "policies": []}
        assert [each for each in fleet.certificates().values() if each != left] == []
        number += 1
    assert number > 5


def test_others_are_left_alone(fleet: Fleet) -> None:
    kept = fleet.enrol()
    fleet.enrol("dev-2", Kind.BUTTON)

    fleet.devices.retire("dev-2")

    assert_enrolled(fleet, kept)
