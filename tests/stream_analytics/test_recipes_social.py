"""Social: hashtags, mentions and sentiment of posts."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.common.tables.metrics.aggregates import Count, Stats
from lambdas.stream_analytics.domain.cleansing import pseudonym
from lambdas.stream_analytics.recipes.social import RECIPE, Post, hashtags, mentions, sentiment
from tests.stream_analytics.analyzing import KEY, NOON, Content, analyze, only, reasons, values

POST: Content = {"author": "ada", "text": "good day", "language": "en"}


def post(text: str, language: str = "en") -> Post:
    return Post(time=NOON, author="ada", text=text, language=language)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#one and #two", {"one", "two"}),
        ("#One #ONE #one", {"one"}),
        ("#STRASSE #straße", {"strasse"}),
        ("#日本 #日本語", {"日本", "日本語"}),
        ("#हिन्दी #தமிழ் #ไทยที่", {"हिन्दी", "தமிழ்", "ไทยที่"}),
        ("#cafe\u0301 #caf\u00e9", {"caf\u00e9"}),
        ("#İstanbul", {"i\u0307stanbul"}),
        ("\uff03wide", {"wide"}),
        ("(#one),#two.#three!", {"one", "two", "three"}),
        ("#snake_case #2026goals", {"snake_case", "2026goals"}),
        ("#1 #2026 #_ #", set()),
        ("a#b &#39; https://x.example/#top https://x.example/a#top", set()),
        ("##twice", set()),
        ("#one#two", {"one"}),
        ("#" + "x" * 100, {"x" * 100}),
        ("#" + "x" * 101, set()),
        ("#" + "\u0149" * 60, set()),  # twice as long when case-folded
        ("nothing", set()),
    ],
)
def test_hashtags(text: str, tags: set[str]) -> None:
    assert hashtags(post(text)) == tags


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada and @Grace", {"ada", "grace"}),
        ("(@ada), .@bob @ada's", {"ada"}),
        ("\uff20ada", {"ada"}),
        ("ada@mail.example a.b@mail.example a+b@mail.example", set()),
        ("@ada@social.example", {"ada"}),
        ("https://x.example/@ada", set()),
        ("@@ada @ @-", set()),
        ("@zoë_1", {"zoë_1"}),
    ],
)
def test_mentions(text: str, names: set[str]) -> None:
    assert mentions(post(text)) == names


@given(st.text(max_size=60))
def test_tags_and_handles_of_any_text_fit_a_key(text: str) -> None:
    for name in hashtags(post(f"#{text}")) | mentions(post(f"@{text}")):
        assert 1 <= len(name) <= 100
        assert name == name.casefold() or len(name) > len(name.casefold())


@pytest.mark.parametrize("text", ["#" * 8192, "#a" * 4096, "#_" * 4096, "#" + "_" * 8191, "a" * 8192, "@a" * 4096])
def test_long_posts_take_linear_time(text: str) -> None:
    start = perf_counter()

    hashtags(post(text))
    mentions(post(text))
    sentiment(post(text))

    assert perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("good", 1),
        ("GOOD!", 1),
        ("good, great and BAD", 1),
        ("terrible. awful.", -2),
        ("goods baddish", 0),
        ("", 0),
        ("хорошо", 0),
        ("good " * 9, 5),
        ("bad " * 9, -5),
        ("bad " * 9 + "good " * 9, 0),
    ],
)
def test_sentiment_is_good_words_less_bad_ones_within_bounds(text: str, score: int) -> None:
    assert sentiment(post(text)) == Decimal(score)


def test_posts_are_counted_by_language_and_sentiment_is_of_english_alone() -> None:
    posts = [("en", "good"), ("en-GB", "bad bad"), ("de", "bad"), ("enm", "bad"), ("zh-Hant-TW", "bad")]

    tally = analyze(RECIPE, *(POST | {"language": language, "text": text} for language, text in posts)).whole

    assert values(tally, "social.posts") == {language: Count(1) for language, _ in posts}
    assert only(tally, "social.sentiment") == Stats(2, Decimal(-2), Decimal(1), Decimal(-1))


def test_a_tag_counts_once_in_each_post() -> None:
    tally = analyze(RECIPE, *(POST | {"text": text} for text in ("#a #A #b @x", "#a @x @X", "none"))).whole

    assert {tag.name: tag.estimate for tag in only(tally, "social.hashtags").items()} == {"a": 2, "b": 1}
    assert {name.name: name.estimate for name in only(tally, "social.mentions").items()} == {"x": 2}


def test_authors_are_kept_as_pseudonyms_and_posts_found_by_their_tags() -> None:
    event = analyze(RECIPE, POST | {"text": "#a #b"}).events[0]

    assert event.author == pseudonym("ada", KEY)
    assert {name: set(found(event)) for name, found in RECIPE.entities.items()} == {"hashtag": {"a", "b"}}


@pytest.mark.parametrize(
    "language", ["EN", "english", "e", "en-gb", "en_GB", "en-", "en\n", "", "zh-Hant-TW-x", "de-DE-DE"]
)
def test_other_languages_than_of_the_short_form_are_rejected(language: str) -> None:
    assert reasons(analyze(RECIPE, POST | {"language": language}, POST)) == {0: "wrong_schema"}


@pytest.mark.parametrize("language", ["en", "gsw", "pt-BR", "es-419", "sr-Latn", "zh-Hant-TW"])
def test_languages_of_the_short_form_are_taken(language: str) -> None:
    assert not analyze(RECIPE, POST | {"language": language}).rejected


@pytest.mark.parametrize("change", [{"author": ""}, {"text": "x" * 8193}, {"text": None}])
def test_other_shapes_are_rejected(change: Content) -> None:
    assert reasons(analyze(RECIPE, POST | change, POST)) == {0: "wrong_schema"}
