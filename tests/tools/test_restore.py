"""``restore`` makes a table anew out of the right backup, and never in the place of another one unless told to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tools.restoring import ARN, KEY, NOON, Amazon, Table
from tools.__main__ import main


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon()
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["restore", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2026-11-25", "20261124T0300Z"),
        ("2026-11-25T02:59:59", "20261124T0300Z"),
        ("2026-11-25T03:00:00", "20261125T0300Z"),
        ("2026-11-25T04:00:00+02:00", "20261124T0300Z"),
        ("2030-01-01", "20261125T0300Z"),
    ],
)
def test_the_newest_backup_from_then_or_before_is_restored(amazon: Amazon, run: Run, at: str, slot: str) -> None:
    code, out, err = run("orders", "--at", at)

    assert (code, err) == (0, "")
    restored = amazon.names[f"orders-restored-{slot}"]
    assert (restored.status, restored.source) == ("ACTIVE", f"{ARN}/backup/{slot}")
    assert f"orders-restored-{slot} is orders as of 2026-11-{slot[6:8]}T03:00:00Z, with {slot[6:8]} items" in out
    assert "does not restore tags, streams" in out


def test_a_table_that_is_gone_is_restored_under_its_name(amazon: Amazon, run: Run) -> None:
    del amazon.names["orders"]

    code, _, _ = run("orders", "--at", "2026-11-26", "--to", "orders")

    assert code == 0
    assert amazon.names["orders"].source == f"{ARN}/backup/20261125T0300Z"


def test_a_table_that_is_there_is_left_alone(amazon: Amazon, run: Run) -> None:
    code, _, err = run("orders", "--at", "2026-11-26", "--to", "orders")

    assert code == 1
    assert amazon.names == {"orders": Table()}
    assert "There is the table orders, made 2026-11-25T12:00:00Z, of about 1,234 items" in err
    assert "--replace" in err


def test_replace_says_what_it_deletes_and_restores_in_its_place(amazon: Amazon, run: Run) -> None:
    code, out, _ = run("orders", "--at", "2026-11-26", "--to", "orders", "--replace")

    assert code == 0
    assert "Deleting the table orders, made 2026-11-25T12:00:00Z, of about 1,234 items." in out
    assert amazon.names["orders"].source == f"{ARN}/backup/20261125T0300Z"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda amazon: amazon.states.clear(), "was deleted by somebody"),
        (lambda amazon: amazon.states.update(dict.fromkeys(amazon.states, "CREATING")), "is CREATING"),
        (lambda amazon: setattr(amazon.names["orders"], "protected", True), "protected from deletion"),
    ],
)
def test_replace_deletes_nothing_unless_all_is_well(
    amazon: Amazon, run: Run, spoil: Callable[[Amazon], None], told: str
) -> None:
    spoil(amazon)

    code, _, err = run("orders", "--at", "2026-11-26", "--to", "orders", "--replace")

    assert code == 1
    assert told in err
    assert amazon.names["orders"].status == "ACTIVE"
    assert amazon.names["orders"].source is None


def test_nothing_is_that_old(amazon: Amazon, run: Run) -> None:
    code, _, err = run("orders", "--at", "2026-11-23T02:59", "--to", "orders", "--replace")

    assert code == 1
    assert "the oldest one is of 2026-11-23T03:00:00Z" in err
    assert amazon.names == {"orders": Table()}


def test_a_backup_that_is_being_deleted_is_passed_over(amazon: Amazon, run: Run) -> None:
    amazon.back_up(NOON, deleting=True)

    run("orders", "--at", "2026-11-26")

    assert "orders-restored-20261125T0300Z" in amazon.names


def test_a_table_that_was_never_backed_up(run: Run) -> None:
    code, _, err = run("stock", "--at", "2026-11-26")

    assert code == 1
    assert "never backed up a table 'stock', only orders" in err


def test_a_restore_that_was_interrupted_is_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("time.sleep", interrupt)
        code, _, err = run("orders", "--at", "2026-11-26")
    assert code == 1
    assert "the same command waits for it" in err

    code, out, _ = run("orders", "--at", "2026-11-26")

    assert code == 0
    assert "orders-restored-20261125T0300Z is orders" in out


def test_a_restore_of_another_backup_under_way_is_in_the_way(amazon: Amazon, run: Run) -> None:
    amazon.names["copy"] = Table("CREATING", looks=9, source=f"{ARN}/backup/20261123T0300Z")

    code, _, err = run("orders", "--at", "2026-11-26", "--to", "copy")

    assert code == 1
    assert "There is the table copy" in err


def test_the_key_of_the_source_encrypts_the_restored_table(amazon: Amazon, run: Run) -> None:
    amazon.key = KEY

    run("orders", "--at", "2026-11-26", "--to", "copy")

    override = amazon.names["copy"].options["SSESpecificationOverride"]
    assert override == {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}


def test_a_name_is_no_longer_than_dynamodb_takes_it(amazon: Amazon, run: Run) -> None:
    name = "o" * 250
    amazon.back_up(NOON, arn=ARN.replace("orders", name))

    run(name, "--at", "2026-11-26")

    [restored] = [each for each in amazon.names if each != "orders"]
    assert len(restored) == 255
    assert restored.endswith("o-restored-20261125T1200Z")


def test_a_stack_of_another_kind(amazon: Amazon, run: Run) -> None:
    amazon.outputs = {"EventsStreamName": "events"}

    code, _, err = run("orders", "--at", "2026-11-26")

    assert code == 1
    assert "BackupStatusTableName" in err


@pytest.mark.parametrize("arguments", [["orders"], ["--at", "2026-11-26"], ["orders", "--at", "noon"]])
def test_what_is_not_understood_makes_exit_code_2(run: Run, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)

    assert ended.value.code == 2
