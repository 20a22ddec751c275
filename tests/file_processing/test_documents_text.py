"""Plain text: its encoding is found out, and the text comes out tidy."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.contract.limits import DocumentLimits
from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.documents import read

FRENCH = "Voilà, l'été « déjà » “ici”"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    assert read("text", FRENCH.encode(encoding)).text == FRENCH


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_mark_is_read(encoding: str) -> None:
    text = "Dear Mr. Иванов, this is for you"
    document = read("text", text.encode(encoding))
    assert (document.text, document.facts["encoding"]) == (text, encoding)


def test_utf_32_is_read() -> None:
    assert read("text", "Иванов \N{GRINNING FACE}".encode("utf-32")).text == "Иванов \N{GRINNING FACE}"


def test_the_encoding_is_told_by_its_usual_name() -> None:
    assert read("text", FRENCH.encode("cp1252")).facts["encoding"] == "windows-1252"


def test_utf_8_beyond_a_megabyte_of_ascii_is_found() -> None:
    assert read("text", b"plain \n" * 200_000 + "déjà".encode()).text.endswith("déjà")


def test_windows_1252_beyond_a_megabyte_of_ascii_is_found() -> None:
    assert read("text", b"plain \n" * 200_000 + "déjà".encode("cp1252")).text.endswith("déjà")


def test_one_bad_byte_does_not_spoil_utf_8() -> None:
    assert read("text", "Ünïcödé ".encode() + b"\xff" + " tëxt".encode()).text == "Ünïcödé \ufffd tëxt"


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=33, exclude_categories=["Cc", "Cf", "Cs", "Cn", "Z"])))
def test_words_in_utf_8_are_never_changed(word: str) -> None:
    assert read("text", word.encode()).text == unicodedata.normalize("NFC", word)


def test_white_space_is_made_tidy_and_paragraphs_stay() -> None:
    untidy = "\n\n  Title \r\n\r\n\r\n\r\nfirst\u00a0 line \nsecond\t\tline\u2003\n \nnext\n"
    assert read("text", untidy.encode()).text == "Title\n\nfirst line\nsecond\tline\n\nnext"


def test_what_hides_within_words_is_gone() -> None:
    assert read("text", "docu\u00adment \u200bzero\ufeff nul\0 bell\a".encode()).text == "document zero nul bell"


def test_joiners_that_some_scripts_need_stay() -> None:
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert read("text", persian.encode()).text == persian


def test_accents_are_composed() -> None:
    assert read("text", "cafe\u0301".encode()).text == "café"


def test_words_and_characters_are_counted() -> None:
    facts = read("text", b"one two\n\nthree").facts
    assert (facts["words"], facts["characters"]) == (3, 14)


def test_text_beyond_the_limit_is_left_out_and_told() -> None:
    document = read("text", "né ".encode() * 100, DocumentLimits(max_text_bytes=10))
    assert document.text == "né né n"
    assert (document.facts["truncated"], document.facts["truncated_by"]) == (True, "max_text_bytes")


def test_a_limit_amid_a_letter_cuts_the_letter_off() -> None:
    assert read("text", "aé".encode(), DocumentLimits(max_text_bytes=2)).text == "a"


def test_white_space_takes_no_room_within_the_limit() -> None:
    document = read("text", b"a" + b" \n" * 100_000 + b"b", DocumentLimits(max_text_bytes=4))
    assert (document.text, document.facts["truncated"]) == ("a\n\nb", False)


def test_composing_never_goes_beyond_the_limit() -> None:
    # U+FB2C is written by three code points once it is composed.
    document = read("text", "\ufb2c".encode() * 100, DocumentLimits(max_text_bytes=300))
    assert len(document.text.encode()) <= 300


def test_a_million_accents_on_one_letter_are_no_work() -> None:
    document = read("text", ("a" + "\u0315\u0300" * 500_000).encode())
    assert len(document.text) < 100


def test_empty_text_is_told_and_gives_no_product() -> None:
    document = read("text", b" \n\t ")
    assert (document.text, document.facts["no_text"]) == ("", True)


def test_a_file_that_is_too_big_is_rejected_unread() -> None:
    with pytest.raises(Rejected, match="has 5 bytes, and at most 4") as rejection:
        read("text", b"12345", DocumentLimits(max_bytes=4))
    assert rejection.value.code == "document_too_big"
