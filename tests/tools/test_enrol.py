"""Devices are enrolled, wherever the tool ends on the way."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lambdas.iot_backend.contract.devices import Kind
from tests.support.aws import CutOffError
from tests.tools.fleet import REGION, Fleet, assert_enrolled, new_fleet
from tools import stack
from tools.__main__ import main
from tools.keyring import Keyring
from tools.stack import ToolError


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with new_fleet(tmp_path) as found:
        yield found


def test_an_enrolled_device_has_a_thing_a_certificate_and_an_entry(fleet: Fleet) -> None:
    assert_enrolled(fleet, fleet.enrol())


def test_it_is_known_by_the_fingerprint_that_rules_select(fleet: Fleet) -> None:
    assert fleet.enrol().certificate_id in fleet.certificates()


def test_nobody_else_can_read_the_files(fleet: Fleet) -> None:
    kept = fleet.enrol()

    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (kept.private_key, kept.certificate, kept.private_key.parent)
    ]
    assert modes == [0o600, 0o600, 0o700]


def test_enrolling_again_finds_what_is_there(fleet: Fleet) -> None:
    first = fleet.enrol()
    key, entry = first.private_key.read_bytes(), fleet.enrolment()

    again = fleet.enrol()

    assert_enrolled(fleet, again)
    assert (again.private_key.read_bytes(), fleet.enrolment()) == (key, entry)
    assert len(fleet.certificates()) == 1


@pytest.mark.parametrize("before", [True, False])
def test_an_enrolment_that_ends_at_any_call_is_made_up_for(tmp_path: Path, before: bool) -> None:  # noqa: FBT001
    number, ended = 0, True
    while ended:
        ended = False
        with new_fleet(tmp_path / str(number)) as fleet:
            with fleet.calls.cut_off(number, before=before):
                try:
                    fleet.enrol()
                except CutOffError:
                    ended = True
            assert_enrolled(fleet, fleet.enrol())
            assert all(each["policies"] == [] for each in fleet.certificates().values() if each["status"] != "ACTIVE")
        number += 1
    assert number > 5


def test_a_certificate_whose_key_was_never_written_is_replaced_and_removed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, suppress(OSError):
        patch.setattr(Keyring, "keep", no_space)
        fleet.enrol()
    (lost,) = fleet.certificates()

    kept = fleet.enrol()

    assert_enrolled(fleet, kept)
    assert lost not in fleet.certificates()


def no_space(*_: Any) -> None:
    raise OSError


def test_a_file_that_was_half_written_is_of_no_account(fleet: Fleet) -> None:
    unfinished = fleet.keyring.folder / ".dev-1.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "private.key").write_text("half")

    assert_enrolled(fleet, fleet.enrol())
    assert not unfinished.exists()


def test_what_is_kept_is_never_overwritten(fleet: Fleet) -> None:
    fleet.enrol()

    with pytest.raises(OSError, match="not empty"):
        fleet.keyring.keep("dev-1", "other", "other")


def test_an_enrolled_device_does_not_lose_its_certificate_to_another_folder(fleet: Fleet, tmp_path: Path) -> None:
    kept = fleet.enrol()

    with pytest.raises(ToolError, match="enrolled, by me"):
        fleet.enrol(keyring=Keyring(tmp_path / "elsewhere"))

    assert_enrolled(fleet, kept)


def test_a_certificate_of_another_account_is_not_taken(fleet: Fleet) -> None:
    fleet.enrol()
    fleet.devices.retire("dev-1")

    with pytest.raises(ToolError, match="no certificate of dev-1 here"):
        fleet.enrol()


def test_a_folder_that_lacks_a_file_is_not_taken(fleet: Fleet) -> None:
    fleet.enrol().certificate.unlink()

    with pytest.raises(ToolError, match="lacks"):
        fleet.enrol()


def test_a_sensor_does_not_become_a_button(fleet: Fleet) -> None:
    kept = fleet.enrol()

    with pytest.raises(ToolError, match="enrolled as sensor"):
        fleet.enrol(kind=Kind.BUTTON)

    assert_enrolled(fleet, kept)


@pytest.mark.parametrize("device_id", ["", "Dev-1", "dev/1", "a" * 65, "dev-1\n", "+"])
def test_what_is_no_device_id_is_refused(fleet: Fleet, device_id: str) -> None:
    with pytest.raises(ToolError, match="no device id"):
        fleet.enrol(device_id)

    assert fleet.things() == {}


# --- the command ----------------------------------------------------------------------------------------------------

OUTPUTS = {
    "DeviceTableName": "devices",
    "DevicePolicyName": "policy",
    "SensorTypeName": "sensors",
    "ButtonTypeName": "buttons",
    "IotEndpoint": "a1b2-ats.iot.us-east-1.amazonaws.com",
}


@pytest.fixture
def command(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """A fleet whose stack the command line finds."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(stack, "outputs", {"IotBackend": OUTPUTS}.__getitem__)
    return fleet


def test_the_command_tells_where_to_connect_with_which_files(
    command: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["enrol", "dev-1", "--kind", "sensor", "--out", str(tmp_path)]) == 0

    shown = capsys.readouterr().out
    assert_enrolled(command, command.enrol(keyring=Keyring(tmp_path)))
    for told in (OUTPUTS["IotEndpoint"], "telemetry/dev-1", str(tmp_path / "dev-1" / "private.key")):
        assert told in shown


def test_who_enrolled_a_device_is_written_down(command: Fleet, tmp_path: Path) -> None:
    main(["enrol", "dev-1", "--kind", "button", "--out", str(tmp_path)])

    enrolment = command.enrolment()
    assert enrolment
    assert enrolment.enrolled_by.startswith("arn:aws:sts::")


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_enrolled(
    command: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    assert main(["enrol", "dev-1", "--kind", "sensor", "--out", str(tmp_path / "file")]) == 1

    assert "cannot be kept" in capsys.readouterr().err
    assert command.enrolment() is None


def test_the_command_retires_a_device(command: Fleet) -> None:
    command.enrol()

    assert main(["retire", "dev-1"]) == 0

    assert command.enrolment() is None
