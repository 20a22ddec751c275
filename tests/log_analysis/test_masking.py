"""What varies in a text is masked, and what tells one error from another is not."""

from __future__ import annotations

import pytest

from lambdas.log_analysis.domain.masking import MOST_CHARACTERS, mask, mask_path

MASKED = [
    ("order 17 of 20", "order <num> of <num>"),
    ("took 36ms, 1.5 GB, -3.25 and 96.7%", "took <num>, <num> GB, <num> and <num>%"),
    ("pointer 0x7ffdeadbeef", "pointer <num>"),
    ("basket 488f7d96 and 12345678", "basket <num> and <num>"),
    ("id c793869b-ee49-415b-a5b6-4fd21e8dedac.", "id <num>."),
    ("commit deadbeef", "commit <num>"),
    ("order ORD-280289 of bucket i-0abc12de", "order <num> of bucket <num>"),
    ("pod checkout-7d9f8b6c5d-bcdfg is gone", "pod <num> is gone"),
    ("from 10.0.0.1 to 10.0.0.1:8080", "from <ip> to <ip>"),
    ("from 2001:db8:85a3::8a2e:370:7334 to ::1", "from <ip> to <ip>"),
    ("host 10-7.dsl.zen.co.uk, of a-b.example.mx", "host <host>, of <host>"),
    ("file /data/current/12/34/56 is gone", "file /data/current/<num> is gone"),
    ("of DOMAIN\\alice and s3://bucket/17", "of DOMAIN\\alice and s3://bucket/<num>"),
    ("mail to a.b+c@example.com, please", "mail to <mail>, please"),
    ("lookup redis.cache.svc.internal: no such host", "lookup <host>: no such host"),
    ("2026-11-21T12:00:03.561Z done", "<time> done"),
    ("2026-11-21 12:00:03,561 done", "<time> <time> done"),
    ("[21/Nov/2026:09:01:05 +0000] done", "[<time> <num>] done"),
    ("on Sat, 21 Nov 2026", "on <time>, <num> <time> <num>"),
    ("no file '/tmp/a b' here", "no file <str> here"),
    ('no key "a \\" b" here', "no key <str> here"),
    ("can't read the user's file", "can't read the user's file"),
    ("user=alice tries=3 (uid=0)", "user=<str> tries=<str> (uid=<str>)"),
    ("feed /var/spool/a/20261121.csv is empty", "feed <path> is empty"),
    (r"file C:\data\orders.csv is empty", "file <path> is empty"),
    ("GET /api/items/17/parts failed", "GET /api/items/<num>/parts failed"),
    ("https://api.example.com/v2/parcels/812?token=abc", "https://api.example.com/<num>/parcels/<num>?<str>"),
    ("postgres://me:secret@db.example.com:5432/shop", "postgres://db.example.com:<num>/shop"),
    ("arn:aws:sqs:eu-west-1:123456789012:orders-teal", "arn:aws:sqs:<num>"),
    ("ids 1, 2, 3 and 4", "ids <num> and <num>"),
    ("a   b\tc", "a b c"),
]
KEPT = [
    "java.lang.IllegalStateException: parcel is LOST",
    "Connection reset by peer (read/write)",
    "text/html is no application/json",
    "com.example.fulfilment.ParcelService failed",
    "a == b, a => b",
    "decade of facades",
]


@pytest.mark.parametrize(("text", "template"), MASKED)
def test_what_varies_is_masked(text: str, template: str) -> None:
    assert mask(text) == template


@pytest.mark.parametrize("text", KEPT)
def test_words_stay(text: str) -> None:
    assert mask(text) == text


def test_a_word_is_masked_alike_whether_it_has_been_seen_before_or_not() -> None:
    assert mask("widget-a of deadbeef") == mask("widget-a of deadbeef")
    assert mask("checkout-b2c3d4f5g6-bcdfg") == mask("checkout-b2c3d4f5g6-bcdfg") == "<num>"


@pytest.mark.parametrize("number", ["7", "1234567890" * 4])
def test_a_long_text_is_cut_at_one_place_whatever_it_contains(number: str) -> None:
    masked = mask(f"first {number} " + "word " * 30 + f"{number} last " * 200)
    assert masked == mask("first 1 " + "word " * 30 + "1 last " * 200)
    assert len(masked) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    ("word", "template"),
    [
        ("https://api.example.com/parcels/812?" + "token=abc&" * 100, "https://api.example.com/parcels/<num>?<str>"),
        ("iVBORw0KGgo/" * 100, "<str>"),
        ("0a1b" * 100, "<num>"),
    ],
)
def test_a_very_long_word_is_data_but_for_a_url(word: str, template: str) -> None:
    assert mask(f"no {word}") == f"no {template}"


def test_a_path_is_masked_step_by_step_without_its_query() -> None:
    assert mask_path("/api/items/17/parts/x?page=2") == "/api/items/<num>/parts/x"
