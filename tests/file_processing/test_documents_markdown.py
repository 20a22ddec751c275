"""Markdown: what is left once it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.file_processing.documents import read

NOTES = """---
title: "Release notes"
author: Ann Lee
lang: en
---
# Version *2*

Read the [manual](https://example.com/manual "Title") and `run <it>`.
![A picture](x.png)

| Name | Sum |
|------|----:|
| Ann  | 5   |

- one
- two

```python
if a < b: ...
```

Some <b>bold</b> text &copy;<!-- hidden -->

<script>alert("no")</script>

[manual]: https://example.com
"""


def test_notes_come_out_in_the_order_of_reading() -> None:
    assert read("markdown", NOTES.encode()).text == (
        "Version 2\n\nRead the manual and run <it>.\n\nName\tSum\nAnn\t5\n\none\ntwo\n\nif a < b: ...\n\n"
        "Some bold text ©"
    )


def test_front_matter_tells_about_the_document() -> None:
    facts = read("markdown", NOTES.encode()).facts
    assert [facts[name] for name in ("title", "author", "language")] == ["Release notes", "Ann Lee", "en"]


def test_the_first_heading_is_the_title_of_others() -> None:
    assert read("markdown", b"Some text\n\n# Heading #\n\n# Another").facts["title"] == "Heading"


@pytest.mark.parametrize("heading", ["# The *first* [heading](/x)", "The `first`\nheading\n==="])
def test_the_title_is_the_heading_as_it_is_shown(heading: str) -> None:
    assert read("markdown", heading.encode()).facts["title"] == "The first heading"


def test_a_comment_in_code_is_no_title() -> None:
    assert read("markdown", b"```sh\n# install it\n```\n\n# Manual").facts["title"] == "Manual"


def test_a_line_of_dashes_is_no_front_matter() -> None:
    assert read("markdown", b"---\n\ntext without an end").text == "text without an end"


def test_text_between_lines_of_dashes_is_no_front_matter() -> None:
    assert read("markdown", b"---\n\nfirst\n\n---\n\nsecond").text == "first\n\nsecond"


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1))
def test_words_in_are_words_out(words: list[str]) -> None:
    source = "\n\n".join(f"## {word}\n**{word}** [{word}](/x)" for word in words)
    assert read("markdown", source.encode()).text.split() == [word for word in words for _ in range(3)]


def test_long_documents_are_cut_between_paragraphs() -> None:
    source = "".join(f"*word* {number} and\n__more__\n\n" for number in range(6_000))
    expected = "\n\n".join(f"word {number} and more" for number in range(6_000))
    assert read("markdown", source.encode()).text == expected


def test_code_is_not_cut_by_an_empty_line() -> None:
    code = "\n".join(f"    value = *x{number}*\n" for number in range(5_000))
    assert read("markdown", f"```\n{code}\n```\n".encode()).text.count("*x") == 5_000
