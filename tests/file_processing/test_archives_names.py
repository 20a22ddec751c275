"""Names of members: whatever an archive calls them, they stay within it, and each is there once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.archives.names import MAX_NAME_BYTES, MAX_PART_BYTES, Names, safe_name

SAFE = {
    "2026/one.png": "2026/one.png",
    "Größe/日本 1.txt": "Größe/日本 1.txt",
    "👩‍👧.png": "👩‍👧.png",
    "../../etc/passwd": "etc/passwd",
    "a/../../b": "a/b",
    "/etc/passwd": "etc/passwd",
    "//server/share/a": "server/share/a",
    "C:\\Windows\\a.dll": "Windows/a.dll",
    "c:/a": "a",
    "\\\\?\\C:\\a": "a",
    "a\\..\\b.txt": "a/b.txt",
    "./a/./b": "a/b",
    "a//b/": "a/b",
    "a\0b.txt": "a_b.txt",
    "a\r\nb\x1b[31m.txt": "a__b_[31m.txt",
    "photo\u202egnp.exe": "photo_gnp.exe",
    "lone\ud800half": "lone_half",
    " .. /a ": "a",
    "": "unnamed",
    "../..": "unnamed",
    "/": "unnamed",
}


@pytest.mark.parametrize(("raw", "name"), SAFE.items(), ids=map(repr, SAFE))
def test_names_become_relative_and_harmless(raw: str, name: str) -> None:
    assert safe_name(raw) == name


def test_a_long_name_keeps_its_suffix_and_differs_from_others() -> None:
    one, other = (safe_name("ü" * 400 + end + ".png") for end in "ab")
    assert one.endswith(".png")
    assert one != other
    assert len(one.encode()) <= MAX_PART_BYTES


def test_a_deep_path_is_cut() -> None:
    assert len(safe_name("directory/" * 4000 + "a.txt").encode()) <= MAX_NAME_BYTES


def test_members_of_one_name_are_numbered() -> None:
    names = Names()
    assert [names.unique(raw) for raw in ("d/a.txt", "d/a.txt", "../d/a.txt", "d\\a.txt", "d/a (2).txt")] == [
        "d/a.txt",
        "d/a (2).txt",
        "d/a (3).txt",
        "d/a (4).txt",
        "d/a (2) (2).txt",
    ]


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("ab./\\:C \0\u202e\ud800ü(2)"), max_size=12), max_size=30))
def test_no_name_leaves_the_archive_or_comes_twice(raw: list[str]) -> None:
    names = Names()
    safe = [names.unique(each) for each in raw]
    assert len(set(safe)) == len(safe)
    for name in safe:
        name.encode()
        assert name.isprintable()
        assert not {"", ".", ".."} & set(name.split("/"))
        assert "\\" not in name
