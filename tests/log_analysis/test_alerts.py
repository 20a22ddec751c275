"""What people read in an alert, and the query that they can paste."""

from __future__ import annotations

import pytest

from lambdas.log_analysis.contract import Kind
from lambdas.log_analysis.domain.alerts import MOST_SUBJECT, Alert, alert, query
from lambdas.log_analysis.domain.found import Error
from lambdas.log_analysis.domain.messages import read
from lambdas.log_analysis.domain.signatures import Episode, Signature

SAMPLE = '{"level":"ERROR","message":"Payment 17 declined after 36ms","errorType":"CardError"}'
TEMPLATE = "CardError: Payment <num> declined after <num>"


def made(kind: Kind, log_group: str = "/aws/lambda/checkout", expected: float | None = None) -> Alert:
    signature = Signature(
        id="5e", template=TEMPLATE, level="ERROR", first=0, registered=0, last_day=0, sample="", latest=""
    )
    episode = Episode(kind=kind, first=29_921_040, last=29_921_044, count=17, sample=SAMPLE, expected=expected)
    return alert(log_group, signature, episode)


def test_an_alert_has_sample_counts_and_template() -> None:
    text = made(Kind.RATE, expected=1.25).text
    for each in (SAMPLE, TEMPLATE, "17", "1.25 a minute", "2026-11-21T12:00 UTC", "/aws/lambda/checkout"):
        assert each in text


def test_a_new_error_has_nothing_to_be_compared_with() -> None:
    assert "xpected" not in made(Kind.NEW).text


@pytest.mark.parametrize("log_group", ["/a", "/aws/lambda/" + "x" * 500])
@pytest.mark.parametrize("kind", list(Kind))
def test_a_subject_is_what_sns_takes(kind: Kind, log_group: str) -> None:
    subject = made(kind, log_group, expected=1.0).subject
    assert 1 <= len(subject) <= MOST_SUBJECT
    assert subject.isascii()
    assert subject.isprintable()


@pytest.mark.parametrize(
    "sample",
    [
        SAMPLE,
        "2026-11-21 12:00:00,123 - shop - ERROR -   Payment 17   declined 'x y' after 36ms",
        "2026/11/21 12:00:00 [error] 31#31: *7 upstream timed out, client: 10.0.0.1, server: _",
        "[ERROR] KeyError: 'a\\7'\rTraceback (most recent call last):\r  File \"/a.py\", line 3, in charge\r    x",
    ],
)
def test_the_query_finds_the_sample(sample: str) -> None:
    found = read(sample)
    assert isinstance(found, Error)
    asked = query(found.template, sample)
    conditions = [part.partition('"')[2].rpartition('"')[0] for part in asked.split("| filter ")[1].split(" and ")]
    assert conditions
    for each in conditions:
        assert each.replace("\\\\", "\\").replace('\\"', '"').split("\n")[0] in sample


def test_the_query_is_one_of_logs_insights() -> None:
    assert query(TEMPLATE, SAMPLE) == (
        "fields @timestamp, @logStream, @message\n"
        '| filter @message like "Payment" and @message like "declined after"\n'
        "| sort @timestamp asc\n"
        "| limit 100"
    )


def test_quotes_cannot_end_a_condition() -> None:
    assert r'like "say \"no\" to"' in query('say "no" to <num>', 'say "no" to 7')
