"""``signatures``: what happened most, over time, out of the table that the real function wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.events import logs
from tests.log_analysis.world import START, World
from tools.__main__ import main
from tools.signatures import STEPS, Span, sparkline

SHOP, SITE = "/app/shop", "/app/site"
BEGINNING = datetime.fromtimestamp(START / 1000, UTC)
OUT_OF_STOCK, NO_ROUTE = "ERROR item {} is out of stock", "ERROR no route to warehouse"


def request(status: int, latency: int) -> str:
    return json.dumps({"route_key": "GET /items", "status": f"{status}", "response_bytes": "9", "latency_ms": latency})


class Amazon:
    """boto3.client, for a stack whose function analyzed some lines; it is two hours after the first one."""

    def __init__(self) -> None:
        self.world = World()
        self.outputs = {"SignaturesTableName": "signatures"}
        self.lines = 0

    def __call__(self, service: str, **_: Any) -> Any:
        return {"dynamodb": self.world.dynamodb}.get(service, self)

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}

    def log(self, log_group: str, minute: int, *messages: str) -> None:
        events = []
        for message in messages:
            self.lines += 1
            events.append(logs.log_event(self.lines, START + minute * 60_000, message))
        self.world.invoke(logs.event(events, log_group=log_group))


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon()
    monkeypatch.setattr("boto3.client", found)
    monkeypatch.setattr("tools.arguments.now", lambda: BEGINNING + timedelta(hours=2))
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["signatures", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def rows(out: str) -> list[list[str]]:
    """Signature, errors, first and last seen of each line of a table that has them."""
    cells = [[each.strip() for each in line.split("│")] for line in out.splitlines() if "│" in line]
    return [row[2:6] for row in cells if row[3]]


def test_signatures_stand_with_their_counts_and_when_they_were_seen_the_most_frequent_first(
    amazon: Amazon, run: Run
) -> None:
    amazon.log(SHOP, 0, NO_ROUTE)
    amazon.log(SHOP, 5, *(OUT_OF_STOCK.format(number) for number in range(1, 4)))
    amazon.log(SHOP, 90, OUT_OF_STOCK.format(4))

    code, out, err = run()

    assert (code, err) == (0, "")
    assert rows(out) == [
        ["ERROR item <num> is out of stock", "4", "2026-11-21 12:05", "2026-11-21 13:30"],
        ["ERROR no route to warehouse", "1", "2026-11-21 12:00", "2026-11-21 12:00"],
    ]
    assert "ERROR item 1 is out of stock" in out, "a sample"


def test_only_what_happened_since_then_is_counted(amazon: Amazon, run: Run) -> None:
    amazon.log(SHOP, 59, *(OUT_OF_STOCK.format(number) for number in range(1, 4)))
    amazon.log(SHOP, 61, OUT_OF_STOCK.format(4), NO_ROUTE)

    _, out, _ = run("--since", "1h")

    assert [row[:2] for row in rows(out)] == [["ERROR item <num> is out of stock", "1"], [NO_ROUTE, "1"]]
    assert run("--since", "2026-11-21T13:00") == run("--since", "1h")


def test_names_that_came_to_be_one_signature_are_counted_together(amazon: Amazon, run: Run) -> None:
    for number, name in enumerate(("alice", "bob", "carol", "dave")):
        amazon.log(SHOP, number, f"ERROR Login of user {name} failed once more today")

    _, out, _ = run()

    assert [row[:2] for row in rows(out)] == [["ERROR Login of user <word> failed once more today", "4"]]


def test_requests_of_an_access_log_stand_above_the_errors(amazon: Amazon, run: Run) -> None:
    amazon.log(
        SITE, 0, *(request(200, 20) for _ in range(98)), request(503, 20), request(500, 4_000), request(200, 5_000)
    )

    _, out, _ = run()

    assert "101 requests, 2.0% answered 500 or above, p50 19 ms, p99 3849 ms" in out, "within 5 percent"
    assert [row[:2] for row in rows(out)] == [["GET /items 500", "1"], ["GET /items 503", "1"]]


def test_the_top_are_those_of_all_log_groups_together(amazon: Amazon, run: Run) -> None:
    amazon.log(SHOP, 0, NO_ROUTE)
    amazon.log(SITE, 0, *(OUT_OF_STOCK.format(number) for number in range(1, 4)))

    _, out, _ = run("--top", "1")

    assert [row[:2] for row in rows(out)] == [["ERROR item <num> is out of stock", "3"]]
    assert f"{SHOP}\nno errors" in out


def test_one_log_group_can_be_asked_for(amazon: Amazon, run: Run) -> None:
    amazon.log(SHOP, 0, NO_ROUTE)
    amazon.log(SITE, 0, OUT_OF_STOCK.format(1))

    _, out, _ = run("--group", SITE)

    assert SHOP not in out
    assert [row[0] for row in rows(out)] == ["ERROR item <num> is out of stock"]


def test_a_log_group_that_is_not_analyzed_is_told(amazon: Amazon, run: Run) -> None:
    amazon.log(SHOP, 0, NO_ROUTE)

    code, _, err = run("--group", SITE)

    assert (code, err) == (1, f"'LogAnalysis' analyzes no {SITE}, only {SHOP}.\n")


@pytest.mark.parametrize("since", ["2x", "0h", "2026-11-21T14:01", "tomorrow"])
def test_a_time_that_is_none_or_still_to_come_is_refused(run: Run, since: str) -> None:
    with pytest.raises(SystemExit) as left:
        run("--since", since)
    assert left.value.code == 2


# --- sparklines -----------------------------------------------------------------------------------------------------


def test_sparkline_is_as_high_as_the_values_are_beside_the_highest() -> None:
    assert sparkline([0, 1, 4, 7, 3]) == "▁▂▅█▄"
    assert sparkline([1_000, 1]) == "█▂"


def test_sparkline_of_nothing_is_as_long_as_any() -> None:
    """A page would drop blanks at its beginning, and all else would stand at other times."""
    assert sparkline([0, 0]) == "▁▁"


def test_every_minute_of_a_span_is_in_one_of_its_steps() -> None:
    span = Span(1_000, 1_000 + STEPS * 5 - 1)
    steps = span.steps(dict.fromkeys(range(span.first, span.last + 1), 1))
    assert steps == [5] * STEPS
