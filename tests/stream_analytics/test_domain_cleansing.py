"""Texts that mean the same become the same, and texts that do not stay apart."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.stream_analytics.domain.cleansing import (
    EMAIL,
    PERSONAL,
    PERSONAL_EMAIL,
    TRIM,
    URL,
    Cleanser,
    Rule,
    canonical_email,
    canonical_url,
    pseudonym,
    pseudonym_of_email,
    trim,
)
from lambdas.stream_analytics.domain.events import Event

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
"""Lone surrogates, too."""
URLS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["http://", "https://", "HTTPS://", "ftp://", "//", "http:", " http://"]),
        st.sampled_from(["", "user@", "user:pass@", "@"]),
        st.sampled_from(
            ["example.com", "EXAMPLE.com", "[2001:DB8::1]", "münchen.example", "ΑΣ.example", "a.example.", ""]
        ),
        st.sampled_from(["", ":80", ":443", ":8080", ":", ":99999", ":x", ":0080"]),
        st.sampled_from(["", "/"]),
        st.text(st.sampled_from("aB/%25eE%7~.:;@&=+ \\é\t?#"), max_size=12),
        st.sampled_from(["", "?", "?b=2&a=1", "?a=2&a=1", "?b&a", "?utm_source=x&a=1", "?a=%e9&&"]),
        st.sampled_from(["", "#", "#part"]),
    ),
)


class Visit(Event, tag="visit"):
    who: str
    place: str | None


def visits(*fields: tuple[str, str | None]) -> list[Visit]:
    return [Visit(time=datetime(2026, 11, 21, tzinfo=UTC), who=who, place=place) for who, place in fields]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("", ""),
        (" a b ", "a b"),
        ("a \t\n b", "a b"),
        ("\u00a0a\u2003b\u3000", "a b"),
        ("\u200ba", "\u200ba"),
        ("   ", " "),
        ("\n", " "),
    ],
)
def test_trimming_leaves_single_spaces_and_never_nothing(text: str, expected: str) -> None:
    assert trim(text) == expected


SAME_URLS = {
    "https://example.com/": [
        "https://example.com",
        "HTTPS://EXAMPLE.COM/",
        " https://example.com/\n",
        "https://example.com:443/",
        "https://example.com:0443/",
        "https://example.com:/",
        "https://example.com/#",
        "https://example.com/#top",
        "https://example.com/?",
        "https://example.com/?&",
        "https://user:pass@example.com/",
        "https://user@Example.com",
        "https://a@b@example.com/",
        "https://example.com?utm_source=x&utm_medium=y",
        "https://example.com/?gclid=1&fbclid=2&mc_cid=3",
    ],
    "http://example.com/": ["http://example.com:80/", "http://example.com"],
    "http://example.com:443/": ["http://EXAMPLE.com:443", "http://example.com:0443/"],
    "https://[2001:db8::1]/": ["https://[2001:DB8::1]:443", "https://u@[2001:db8::1]:"],
    "https://[2001:db8::1]:8443/": ["https://[2001:DB8::1]:8443"],
    "https://münchen.example/": ["https://MünCHEN.example/"],
    "https://xn--mnchen-3ya.example/": ["https://XN--MNCHEN-3YA.example"],
    "https://example.com/A%2Fb%C3%A9~": ["https://example.com/A%2fb%c3%a9%7e", "https://example.com/%41%2F%62%C3%A9~"],
    "https://example.com/?a=1&b=2": [
        "https://example.com/?b=2&a=1",
        "https://example.com/?b=2&utm_campaign=x&a=1",
        "https://example.com/?b=2&&a=1&",
        "https://example.com/?%62=2&a=1",
    ],
    "https://example.com/?a=2&a=1&b=": ["https://example.com/?b=&a=2&a=1"],
}


@pytest.mark.parametrize(("canonical", "text"), [(one, text) for one, texts in SAME_URLS.items() for text in texts])
def test_urls_of_one_resource_become_the_same(canonical: str, text: str) -> None:
    assert canonical_url(text) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/A",
        "https://example.com/a/",
        "https://example.com/a//b",
        "https://example.com/a/../b",
        "https://example.com/a%2Fb",
        "https://example.com/a%252Fb",
        "https://example.com/%",
        "https://example.com/%%61f",
        "https://example.com/%zz%61",
        "https://example.com/a+b",
        "https://example.com/a;B=1,c",
        "https://example.com/?a=2&a=1",
        "https://example.com/?b&a",
        "https://example.com/?b=1&a",
        "https://example.com/?a=%26b=1",
        "https://example.com/?a=%2B",
        "https://example.com/?my_utm_source=1&utm=2",
        "https://example.com./",
        "https://ΑΣ.example/",
        "https://example.com:8443/",
        "https://[fe80::1%25Eth0]/",
        "https://example%41.COM/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com/ä?ö=ü",
    ],
)
def test_what_could_mean_another_resource_stays(text: str) -> None:
    assert canonical_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/A",
        "/path?b=1&a=2#x",
        "//EXAMPLE.com",
        "ftp://EXAMPLE.com:21/",
        "javascript:alert(1)",
        "android-app://Com.Example/",
        "https://",
        "https:///a",
        "https://:443/",
        "https://user@/",
        "https://EXAMPLE.com:port/",
        "https://[::1/",
        "https://[EXAMPLE]/",
        "https://EXAMPLE.com\\@other.example/",
        "https://EXAMPLE.com/a b",
        "https://EXA\tMPLE.com/",
        "https://EXAMPLE.com/\u2028a",
        "https://EXAMPLE.com/\0",
        "http\u017f://EXAMPLE.com/",
        "https://EXAMPLE.com:\u0661/",
        "https://[::1]EXAMPLE.com/",
        "https://EXAMPLE.com:1:2/",
    ],
)
def test_what_is_no_clear_url_of_the_web_is_only_trimmed(text: str) -> None:
    assert canonical_url(text) == text
    assert canonical_url(f" {text}\n") == text


def test_a_long_url_grows_by_a_slash_at_most() -> None:
    assert len(canonical_url("https://" + "a" * 2000)) == 2009


@pytest.mark.parametrize("text", ["ada@mail.example", " Ada@Mail.Example\n", "ADA@MAIL.EXAMPLE"])
def test_spellings_of_an_email_address_become_the_same(text: str) -> None:
    assert canonical_email(text) == "ada@mail.example"
    assert pseudonym_of_email(text, b"key") == pseudonym("ada@mail.example", b"key")


def test_email_addresses_with_tags_or_dots_stay_apart() -> None:
    assert len(set(map(canonical_email, ["a.b@x.example", "ab@x.example", "ab+c@x.example", "ab@y.example"]))) == 4


@settings(deadline=None, print_blob=True)
@pytest.mark.parametrize("rule", [TRIM, URL, EMAIL], ids=lambda rule: rule.name)
@given(text=ANY_TEXT | URLS)
def test_rules_take_any_text_and_change_nothing_the_second_time(rule: Rule, text: str) -> None:
    once = rule.apply(text)

    assert rule.apply(once) == once


@settings(max_examples=100, deadline=None, print_blob=True)
@given(URLS)
def test_a_canonical_path_says_what_the_path_said(text: str) -> None:
    canonical = canonical_url(text)
    before, after = (each.partition("#")[0].partition("?")[0].split("/", 3) for each in (text.strip(), canonical))
    assert unquote("".join(before[3:])) == unquote("".join(after[3:]))
    assert "".join(before[3:]).count("/") == "".join(after[3:]).count("/")


# --- pseudonyms -----------------------------------------------------------------------------------------------------


@settings(deadline=None, print_blob=True)
@given(ANY_TEXT)
def test_a_pseudonym_is_32_hex_digits_of_any_text(text: str) -> None:
    for rule in (PERSONAL, PERSONAL_EMAIL):
        answer = rule.apply(text, key=b"key")
        assert len(answer) == 32
        assert int(answer, 16) >= 0
        assert text == "" or len(text) < 8 or text not in answer


def test_a_pseudonym_depends_on_the_key_and_on_the_person_alone() -> None:
    assert pseudonym("v-1", b"key") == pseudonym(" v-1\n", b"key")
    others = [pseudonym("v-1", b"other key"), pseudonym("v-2", b"key"), pseudonym("V-1", b"key"), "v-1"]
    assert len({pseudonym("v-1", b"key"), *others}) == 5


# --- rules applied to events ----------------------------------------------------------------------------------------


def test_each_rule_tells_which_events_it_changed_and_null_is_left_alone() -> None:
    events = visits((" a", "HTTP://x/"), ("a", None), ("b ", "http://x/"), ("c", "http://x"))

    changed = list(Cleanser(b"key").cleanse(events, {"who": TRIM, "place": URL}))

    assert changed == [("trim", [0, 2]), ("canonical_url", [0, 3])]
    assert [(event.who, event.place) for event in events] == [
        ("a", "http://x/"),
        ("a", None),
        ("b", "http://x/"),
        ("c", "http://x/"),
    ]


def test_what_changes_nothing_is_not_told() -> None:
    assert list(Cleanser(b"key").cleanse(visits(("a", None)), {"who": TRIM, "place": URL})) == []


def test_personal_fields_are_replaced_with_the_key_of_the_stage() -> None:
    events = visits(("Ada@x.example", "v-1"), ("ada@x.example ", "v-1"))

    changed = list(Cleanser(b"key").cleanse(events, {"who": PERSONAL_EMAIL, "place": PERSONAL}))

    assert changed == [("pseudonym_of_email", [0, 1]), ("pseudonym", [0, 1])]
    assert {event.who for event in events} == {pseudonym("ada@x.example", b"key")}
    assert {event.place for event in events} == {pseudonym("v-1", b"key")}
