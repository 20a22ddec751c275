"""What a table ETL stack rejected or gave up is loaded after a fix, and nothing is deleted before it is taken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.etl_yard import EtlYard, file_line, narrow
from tools.failed import Summary
from tools.redrive import Wanted
from tools.redrive_table_etl import RedriveTableEtl


def redrive(yard: EtlYard, wanted: Wanted | None = None, **options: Any) -> Summary:
    return RedriveTableEtl(yard.etl, wanted or Wanted(), **options).run()


# --- quarantine -----------------------------------------------------------------------------------------------------


def test_rows_in_quarantine_are_loaded_and_their_object_is_deleted() -> None:
    yard = narrow()
    yard.write("too big")
    yard.deploy()

    summary = redrive(yard)

    assert yard.loaded() == ["too big"]
    assert not yard.quarantine
    assert summary.complete
    assert (summary.found, summary.sent) == ({"too_big": 1}, {"too_big": 1})


def test_what_is_rejected_again_stays_and_is_told() -> None:
    yard = narrow()
    yard.write("too big", "wrong total")
    yard.deploy()

    summary = redrive(yard)

    assert yard.loaded() == ["too big"]
    assert [yard.states[line.version] for line in yard.quarantined()] == ["wrong total"]
    assert summary.rejected == {"wrong_schema": 1}
    assert not summary.complete
    [remedy] = summary.remedies
    [key] = yard.quarantine
    assert f"s3://quarantine/{key}" in remedy
    assert "the total is 3" in remedy


def test_an_object_whose_lines_all_come_back_stays() -> None:
    yard = narrow()
    yard.functions.functions["load"] = lambda _: {"quarantined": key}
    key = yard.put_in_quarantine(file_line(1), file_line(2))

    redrive(yard)

    assert list(yard.quarantine) == [key]


def test_an_object_that_the_function_failed_on_stays_and_the_error_is_told() -> None:
    yard = narrow()
    yard.write("too big")
    before = dict(yard.quarantine)
    yard.deploy()
    yard.throttle()

    summary = redrive(yard)

    assert yard.quarantine == before
    assert summary.left == {"too_big": 1}
    assert "UnavailableError" in summary.remedies[0]
    assert "ThrottlingException" in summary.remedies[0]
    yard.calm()
    assert redrive(yard).complete


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (file_line(0, form=None), "s3://files/old/orders.csv (bad_gzip)"),
        (file_line(7, complete=False), "s3://files/old/orders.csv, row 7 (bad_line)"),
    ],
)
def test_an_object_with_lines_that_cannot_be_sent_stays_and_their_remedy_is_told(line: Any, told: str) -> None:
    yard = narrow()
    key = yard.put_in_quarantine(file_line(1), line)
    sent: list[int] = []

    def load(event: Any) -> Any:
        sent.extend(each["position"]["row"] for each in event["redrive"])
        return {"quarantined": None}

    yard.functions.functions["load"] = load

    summary = redrive(yard)

    assert list(yard.quarantine) == [key]
    assert sent == [1]
    [remedy] = summary.remedies
    assert told in remedy
    assert f"delete s3://quarantine/{key}" in remedy


def test_many_lines_go_in_events_well_below_lambdas_limit() -> None:
    yard = narrow()
    key = yard.put_in_quarantine(*(file_line(row, payload=b"x" * 1_000_000) for row in range(1, 10)))
    sent: list[int] = []

    def load(event: Any) -> Any:
        sent.extend(each["position"]["row"] for each in event["redrive"])
        return {"quarantined": None}

    yard.functions.functions["load"] = load

    redrive(yard)

    assert sent == list(range(1, 10))
    assert max(yard.functions.sizes) < 4 * 1024 * 1024
    assert key not in yard.quarantine


def test_of_several_events_one_that_fails_keeps_the_object() -> None:
    yard = narrow()
    key = yard.put_in_quarantine(*(file_line(row, payload=b"x" * 1_000_000) for row in range(1, 10)))
    answers: list[Any] = [{"quarantined": None}, ValueError("no"), {"quarantined": None}, {"quarantined": None}]

    def load(_: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    yard.functions.functions["load"] = load

    summary = redrive(yard)

    assert key in yard.quarantine
    assert summary.left.total() + summary.sent.total() == 9
    assert 0 < summary.left.total() < 9


def test_a_line_beyond_what_an_event_takes_is_told_and_stays() -> None:
    yard = narrow()
    key = yard.put_in_quarantine(file_line(1, payload=b"x" * 5_000_000))

    summary = redrive(yard)

    assert key in yard.quarantine
    assert "is more than a Lambda event takes" in summary.remedies[0]
    assert not yard.functions.sizes


def test_an_object_of_something_else_is_told_and_stays() -> None:
    yard = narrow()
    yard.quarantine["rejected/date=2026-11-25/x.jsonl"] = b'{"reason": "whim"}\n'

    summary = redrive(yard)

    assert yard.quarantine
    assert "s3://quarantine/rejected/date=2026-11-25/x.jsonl" in summary.remedies[0]


# --- failure objects ------------------------------------------------------------------------------------------------


def test_discarded_batches_are_loaded_and_their_objects_deleted() -> None:
    yard = narrow()
    yard.discard("placed", "shipped")

    summary = redrive(yard)

    assert yard.loaded() == ["placed", "shipped"]
    assert not yard.failures
    assert summary.sent == {"discarded": 2}
    assert summary.complete


def test_a_discarded_batch_that_cannot_be_loaded_now_stays() -> None:
    yard = narrow()
    yard.discard("placed", "shipped")
    yard.throttle()

    summary = redrive(yard)

    assert yard.failures
    assert summary.left == {"discarded": 2}
    assert not summary.complete


def test_rows_of_a_discarded_batch_that_are_rejected_are_told() -> None:
    yard = narrow()
    yard.discard("placed", "wrong total")

    summary = redrive(yard)

    assert not yard.failures
    assert summary.rejected == {"wrong_schema": 1}
    assert not summary.complete


def test_a_failure_object_of_something_else_is_told_and_stays() -> None:
    yard = narrow()
    yard.failures["aws/lambda/x"] = b'{"payload": "{}"}'

    summary = redrive(yard)

    assert yard.failures
    assert "s3://failures/aws/lambda/x" in summary.remedies[0]
