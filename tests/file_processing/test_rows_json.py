"""JSON: the objects of a list are rows, found without reading the list as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.processing import Rejected
from lambdas.file_processing.domain.rows.objects import Objects
from tests.file_processing.tables import columns, result_of

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a"\\[]{},:\né'), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab]", max_size=2), inner, max_size=3),
    max_leaves=8,
)
INDENTS: st.SearchStrategy[int | None] = st.sampled_from([None, 0, 2])


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3)), INDENTS, st.integers(1, 30))
def test_every_object_of_a_list_is_a_row(rows: list[dict[str, Any]], indent: int | None, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lambdas.file_processing.domain.rows.text.BLOCK", block)
        found = result_of("json", json.dumps(rows, indent=indent).encode())
    assert [json.loads(line) for line in found.lines] == rows
    assert (found.bad, found.facts["complete"]) == ([], True)


def test_numbers_and_texts_are_written_as_they_were() -> None:
    data = b'[ { "a" : 1.10, "b":1E5,\n "c": 12345678901234567890123, "d": "\\u00e9 \\/" } ]'
    assert result_of("json", data).valid == b'{"a":1.10,"b":1E5,"c":12345678901234567890123,"d":"\\u00e9 \\/"}\n'


def test_an_object_that_is_alone_is_a_row() -> None:
    found = result_of("json", b'\xef\xbb\xbf\n{"a": [1,\n2]}\n')
    assert (found.lines, found.facts["rows"]) == ([b'{"a":[1,2]}'], 1)


def test_an_empty_list_has_no_rows() -> None:
    found = result_of("json", b" [ ] ")
    assert (found.facts["rows"], found.valid) == (0, b"")


def test_utf_16_becomes_utf_8() -> None:
    assert result_of("json", '[{"a":"é"}]'.encode("utf-16")).valid == '{"a":"é"}\n'.encode()


BAD = {
    "a number": (b"5", "not_an_object"),
    "a list": (b'[{"a":1}]', "not_an_object"),
    "nothing": (b"", "malformed"),
    "two objects": (b'{"a":1} {"a":2}', "malformed"),
    "NaN": (b'{"a":NaN}', "malformed"),
    "a lone surrogate": (b'{"a":"\\ud800"}', "malformed"),
    "an endless exponent": (b'{"a":1e9999999999999999999}', "malformed"),
    "a line feed in a text": (b'{"a":"x\ny"}', "malformed"),
    "a wrong bracket": (b'{"a":1]', "malformed"),
    "Latin-1": (b'{"a":"\xe9\xe8"}', "encoding"),
    "one key twice": (b'{"a":1,"a":1}', "duplicate_key"),
    "one key twice, inside": (b'{"b":[{"a":1,"\\u0061" :2}]}', "duplicate_key"),
    "one key twice, with colons": (b'{"a":"\\":","a": 1}', "duplicate_key"),
    "depth": (b'{"a":' * 101 + b"1" + b"}" * 101, "too_deep"),
    "length": (b'{"a":"' + b"x" * 5_000 + b'"}', "too_long"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_element_is_bad_alone(name: str) -> None:
    element, code = BAD[name]
    good = ['{"a":"é"}'.encode(), b'{"a":2}']
    found = result_of("json", b"[" + good[0] + b",\n" + element + b",\n" + good[1] + b"]", max_row_bytes=4_096)
    assert found.lines == good
    assert [(bad["row"], bad["line"], bad["code"]) for bad in found.bad] == [(2, 2, code)]


def test_looking_for_a_key_that_is_there_twice_compares_few_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    compared, loads = [0], json.loads

    class Name(str):
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            compared[0] += 1
            return str.__eq__(self, other)

    def named(raw: bytes, object_pairs_hook: Callable[[Any], Any], **how: Any) -> Any:
        def hook(pairs: list[tuple[str, Any]]) -> Any:
            return object_pairs_hook([(Name(name), value) for name, value in pairs])

        return loads(raw, object_pairs_hook=hook, **how)

    monkeypatch.setattr("lambdas.file_processing.domain.rows.objects.json.loads", named)
    keys = [f"k{number}" for number in range(1_000)] * 2
    raw = "{" + ",".join(f'"{key}":1' for key in keys) + "}"
    assert Objects(None, len(raw), exact=False).found([raw.encode()])[0][0].column == "k0"
    assert compared[0] < 10


def test_the_same_key_in_other_objects_is_no_duplicate() -> None:
    rows = b'[{"a":{"a":1},"b":[{"a":2},{"a":"\\":"}]},{"a" : 1}]'
    assert result_of("json", rows).bad == []


def test_elements_know_their_lines() -> None:
    found = result_of("json", b'\n[\n1,\n\n  [2,\n3], 4,\n\n{"a":"x\\n"}\n,\n5]')
    assert [(bad["line"], bad["raw"]) for bad in found.bad] == [(3, "1"), (5, "[2,\n3]"), (6, "4"), (10, "5")]


def test_lines_are_counted_through_what_is_too_long_and_through_white_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.file_processing.domain.rows.text.BLOCK", 16)
    long = b'{"a":\n"' + b'x\\"' * 100 + b'",\n"b":[{}\n]}'
    found = result_of("json", b'[{"a":1},' + b"\n" * 100 + long + b",\n1," + b" \n" * 100 + b"2]", max_row_bytes=50)
    assert [(bad["line"], bad["code"]) for bad in found.bad] == [
        (101, "too_long"),
        (105, "not_an_object"),
        (205, "not_an_object"),
    ]


def test_of_a_list_that_is_cut_short_the_last_element_is_bad() -> None:
    found = result_of("json", b'[{"a":1},\n{"a":2},\n{"a":')
    assert (found.lines, found.raws, found.facts["complete"]) == ([b'{"a":1}', b'{"a":2}'], ['{"a":'], False)


def test_what_is_behind_a_list_is_bad() -> None:
    found = result_of("json", b'[{"a":1}]\n{"a":2}')
    assert (found.lines, found.facts["complete"]) == ([b'{"a":1}'], False)
    assert [(bad["row"], bad["line"], bad["code"], bad["raw"]) for bad in found.bad] == [
        (2, 2, "trailing_data", '{"a":2}')
    ]


REJECTED = {
    "a text": (b'"a"', "not_rows"),
    "white space": (b" \n", "not_rows"),
    "half an object": (b'{"a":1', "malformed_json"),
    "many objects": (b'{"a":1}\n{"a":2}', "malformed_json"),
    "a large object": (b'{"a":"' + b"x" * 5_000 + b'"}', "row_too_long"),
    "half a list": (b"[", "malformed_json"),
    "garbage in brackets": (b"[garbage, more", "malformed_json"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_what_is_no_json_at_all_is_rejected_whole(name: str) -> None:
    data, code = REJECTED[name]
    with pytest.raises(Rejected) as verdict:
        result_of("json", data, max_row_bytes=4_096)
    assert verdict.value.code == code


def test_types_of_columns_are_those_of_json() -> None:
    kinds = ("string", "integer", "number", "boolean", "date", "timestamp")
    named = columns(*({"name": kind, "type": kind, "required": True} for kind in kinds))
    good = {"string": "", "integer": 10**30, "number": 0.5, "boolean": False, "date": "2026-02-28"}
    good["timestamp"] = "2026-11-26T10:00Z"
    rows = [good | {kind: wrong} for kind, wrong in zip(kinds, [1, 1.0, True, "true", "2026-02-29", ""], strict=True)]
    rows += [good | {kind: None} for kind in kinds]
    found = result_of("json", json.dumps([good, *rows]).encode(), named)
    assert found.problems == {
        *((row, kind, "type") for row, kind in enumerate(kinds, 2)),
        *((row, kind, "required") for row, kind in enumerate(kinds, 8)),
    }


def test_other_keys_are_bad_where_the_spec_says_so() -> None:
    named = columns({"name": "a", "type": "integer"}, additional=False)
    found = result_of("json", b'[{"a":1},{"b":1,"a":1,"c":2}]', named)
    assert found.problems == {(2, "b", "additional_properties"), (2, "c", "additional_properties")}
