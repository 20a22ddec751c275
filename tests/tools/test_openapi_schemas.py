"""Models of a contract as the schemas of an OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct

from tools.openapi.schemas import components, parameters


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Page(Struct):
    """A ``page``."""

    number: int
    """Counted from one."""
    words: dict[Annotated[str, Meta(pattern=r"\A[a-z]+\Z")], list[Annotated[str, Meta(pattern=r"\Aa|b\Z")]]] = {}


class Book(Struct):
    pages: tuple[Page, ...]
    colour: Colour
    kind: Literal["novel", "poem"]
    examples: Annotated[str, Meta(pattern=r"\Afree\Z")] | None = None
    """A field of this name is none of the schema's own."""
    page: Page | None = None


class BooksQuery(Struct):
    since: Annotated[datetime, Meta(tz=True, examples=["2026-11-21T10:00:00Z"])]
    limit: Annotated[int, Meta(ge=1)] = 25
    """How many."""
    word: Annotated[str, Meta(max_length=5)] | None = None


class TwoWholes(Struct):
    name: Annotated[str, Meta(pattern=r"\Aa\Z|\Ab\Z")]


class IgnoresCase(Struct):
    name: Annotated[str, Meta(pattern=r"(?i)\Aa\Z")]


def schema(model: type[Struct], name: str) -> dict[str, Any]:
    return components([model])[1][name]


def test_what_a_model_is_made_of_stands_among_the_components() -> None:
    (reference,), found = components([Book])
    assert reference == {"$ref": "#/components/schemas/Book"}
    assert found.keys() == {"Book", "Page", "Colour"}
    assert found["Book"]["properties"]["pages"]["items"] == {"$ref": "#/components/schemas/Page"}


def test_docs_of_class_and_field_are_descriptions_in_markdown() -> None:
    page = schema(Book, "Page")
    assert (page["description"], page["properties"]["number"]["description"]) == ("A `page`.", "Counted from one.")


def test_choices_of_strings_say_that_they_are_strings() -> None:
    assert schema(Book, "Colour")["type"] == "string"
    assert schema(Book, "Book")["properties"]["kind"] == {"type": "string", "enum": ["novel", "poem"]}


def test_patterns_are_translated_wherever_they_stand_and_alternatives_stay_whole() -> None:
    words = schema(Book, "Page")["properties"]["words"]
    assert words["propertyNames"]["pattern"] == "^[a-z]+$"
    assert words["additionalProperties"]["items"]["pattern"] == "^(?:a|b)$"


def test_a_field_may_have_the_name_of_a_keyword() -> None:
    examples = schema(Book, "Book")["properties"]["examples"]
    assert examples["anyOf"] == [{"type": "string", "pattern": "^free$"}, {"type": "null"}]


@pytest.mark.parametrize("model", [TwoWholes, IgnoresCase])
def test_a_pattern_that_only_python_understands_is_refused(model: type[Struct]) -> None:
    with pytest.raises(ValueError, match="ECMA 262"):
        components([model])


def test_parameters_have_no_null_and_only_those_without_default_are_needed() -> None:
    assert parameters(BooksQuery) == [
        ("since", {"type": "string", "format": "date-time", "examples": ["2026-11-21T10:00:00Z"]}, True),
        ("limit", {"type": "integer", "minimum": 1, "default": 25, "description": "How many."}, False),
        ("word", {"type": "string", "maxLength": 5}, False),
    ]
