"""HTML: what a browser shows, and nothing else."""

from __future__ import annotations

import html
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.contract.limits import DocumentLimits
from lambdas.file_processing.domain.documents.draft import Draft
from lambdas.file_processing.domain.documents.html import write_shown
from tests.file_processing.documents import frozen, read


def text_of(page: str) -> str:
    """Text of a page in UTF-8."""
    return read("html", page.encode()).text


PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Annual &amp; final
report</title><meta name="author" content="Ann Lee">
<style>p { color: red }</style><script>if (1 < 2) document.write("<p>no")</script></head>
<body><nav><a href="/">Home</a> <a href="/x">More</a></nav>
<h1>The <em>big</em> year</h1>
<p>First para&shy;graph,
   with &eacute;t&#233; and &lt;tags&gt;.<br>Second line.</p>
<table><tr><th>Name</th><th>Sum</th></tr><tr><td>Ann</td><td>5</td></tr></table>
<ul><li>one<li>two</ul><pre>def f():
    return 1</pre><!-- hidden --><p>End.</body></html>"""


def test_a_page_comes_out_in_the_order_of_reading() -> None:
    assert text_of(PAGE) == (
        "Annual & final report\n\nHome More\n\nThe big year\n\nFirst paragraph, with été and <tags>.\nSecond line.\n\n"
        "Name\tSum\nAnn\t5\n\none\ntwo\n\ndef f():\nreturn 1\n\nEnd."
    )


def test_a_page_tells_about_itself() -> None:
    facts = read("html", PAGE.encode()).facts
    told = [facts[name] for name in ("title", "author", "language", "encoding")]
    assert told == ["Annual & final report", "Ann Lee", "en-GB", "utf-8"]


@pytest.mark.parametrize(
    "page",
    [
        "a<script>x</script>b",
        "a<SCRIPT>'</div>'</scripty></SCRIPT >b",
        "a<style>x</style>b",
        "a<template><p>x</template>b",
        "a<span hidden>x</span>b",
        "a<span style='color:red; display : none'>x<i>y</i></span>b",
        "a<span style=visibility:hidden>x</span>b",
        "a<!-- x > -- y -->b",
        "a<!-->b",
        "a<!x>b",
        "a<?x?>b",
        "a</>b",
        "a</3 x>b",
        "a<i title='<x>' data-x=\"'>\">b</i>",
        "a<i x=y/>b",
        "<i>a<svg><style/><title>x</title></svg>b",
        "a<div hidden>x</div>b",
        "a<noscript>x</noscript>b",
        "ab<x",
        "ab<x y='",
        "ab<!-- ",
    ],
)
def test_what_a_browser_does_not_show_is_left_out(page: str) -> None:
    assert text_of(page) == "ab"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p hidden>x<p>y", "y"),
        ("<ul><li hidden>x<li>y</ul>", "y"),
        ("<div><p hidden>x</div>y", "y"),
        ("<div><span hidden>x</div>y", "y"),
        ("<div hidden>x</span></p>x</div>y", "y"),
        ("<b><div hidden>x</b>x</div>y", "y"),
        ("<table><tr><td><div hidden>x</td><td>y</table>", "y"),
        ("<div><table><tr><td hidden></div>x</td><td>y</table>", "y"),
        ("<div hidden>x<br>x<img>x</div>y", "y"),
        ("<div hidden='until-found'>y</div>", "y"),
        ("1 < 2 <3 & 4 &amp; 5 &amp6 &nosuch;", "1 < 2 <3 & 4 & 5 &6 &nosuch;"),
        ("<title>a<b>c</title>", "a<b>c"),
        ("a<div/>b", "a\nb"),
        ("</body>a</html>b", "ab"),
        ("<textarea>a\nb</textarea>", "a\nb"),
        ("<pre>a\nb</pre>c\nd", "a\nb\n\nc d"),
        ("<svg><desc>x</desc></svg><title>y</title>", "y"),
        ("&#0;&#xD800;&#" + "9" * 5_000 + ";a", "\ufffd\ufffd\ufffda"),
    ],
)
def test_tags_that_are_missing_or_wrong_are_taken_as_browsers_take_them(page: str, expected: str) -> None:
    assert text_of(page) == expected


def test_buttons_and_labels_of_drawings_stand_apart() -> None:
    page = "a<button>b</button><button>c</button><svg><text>d</text><text>e</text></svg>f"
    assert text_of(page) == "a b c d e f"


@pytest.mark.parametrize(
    ("declared", "encoding", "letters"),
    [
        ('<meta charset="windows-1251">', "cp1251", "Привет"),
        ("<META http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r", "Привет"),
        ('<?xml version="1.0" encoding="ISO-8859-2"?>', "iso8859-2", "żółw"),
        ('<meta charset="iso-8859-1">', "cp1252", "“naïve”"),
        ('<meta charset="Shift_JIS">', "cp932", "日本語"),
        ('<meta charset="x-sjis">', "cp932", "日本語"),
        ('<meta charset="gb2312">', "gb18030", "联通"),
        ('<meta charset="ISO-8859-8-I">', "iso8859-8", "שלום עולם"),
        ('<meta charset="windows-874">', "cp874", "ภาษาไทย"),
        ('<meta charset="x-cp1250">', "cp1250", "żółw"),
        ("<!-- <meta charset=koi8-r> --><meta charset=windows-1251>", "cp1251", "Привет"),
        ("", "cp1252", "“naïve”"),
        ('<meta charset="no-such">', "cp1252", "“naïve”"),
        ('<meta charset="rot13">', "cp1252", "“naïve”"),
        ('<meta charset="windows-1251">', "utf-8", "Привет, “naïve”"),
        ('<meta charset="windows-1251">', "utf-8-sig", "Привет"),
        ('<meta charset="utf-8">', "utf-16", "Привет"),
        ('<meta charset="utf-16">', "utf-16-be", "Привет"),
        ("", "utf-8", "日本語"),
    ],
)
def test_the_encoding_is_the_one_that_browsers_see(declared: str, encoding: str, letters: str) -> None:
    assert read("html", f"{declared}<p>{letters}".encode(encoding)).text == letters


@settings(deadline=None)
@given(
    st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, categories=["L", "N", "P", "S"]), min_size=1))
)
def test_words_in_are_words_out(words: list[str]) -> None:
    page = "<p>" + "</b> <b>".join(html.escape(word) for word in words)
    assert text_of(page).split() == " ".join(words).split()


def text_in_pieces(page: str, size: int) -> str:
    """Text of a page that comes in pieces."""
    draft = Draft(DocumentLimits(), frozen)
    write_shown((page[start : start + size] for start in range(0, len(page), size)), draft)
    with TemporaryDirectory() as folder:
        return "".join(each.path.read_text() for each in draft.finish(Path(folder)).products)


MARKUP = st.lists(
    st.sampled_from([*"<>/!-= &;'\"a", "<!--", "-->", "<a ", "</", "<script>", "</script>", "<title>", "&amp", "x"])
).map("".join)


@settings(deadline=None)
@given(MARKUP, st.integers(1, 7))
def test_it_does_not_matter_where_a_page_is_cut(page: str, size: int) -> None:
    assert text_in_pieces(page, size) == text_in_pieces(page, len(page) + 1)
