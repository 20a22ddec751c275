"""Models of a REST API take and refuse what the function behind it takes and refuses."""

from __future__ import annotations

from typing import Annotated, Any

import hypothesis
import jsonschema_rs
import msgspec
import pytest
from hypothesis import strategies as some

from lambdas.mobile_backend.contract.models import DeviceDraft, NotificationDraft
from lambdas.mobile_backend.contract.routes import ROUTES
from stacks.blocks.gateway_models import draft_4

BODIES = [route.body for route in ROUTES if route.takes_body]


def takes(model: type[msgspec.Struct], body: Any) -> bool:
    """Whether the function would."""
    try:
        msgspec.json.decode(msgspec.json.encode(body), type=model)
    except msgspec.ValidationError:
        return False
    return True


def passes(model: type[msgspec.Struct], body: Any) -> bool:
    """Whether the gateway would let it through."""
    return bool(jsonschema_rs.Draft4Validator(draft_4(model)).is_valid(body))


@pytest.mark.parametrize("model", BODIES)
def test_schema_is_one_of_draft_4_and_refers_to_nothing(model: type[msgspec.Struct]) -> None:
    schema = draft_4(model)
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    jsonschema_rs.Draft4Validator({"$ref": schema["$schema"]}).validate(schema)
    assert "$defs" not in str(schema)
    assert "$ref" not in str(schema)


NOTE = {"title": "t", "text": "t"}
DEVICE = {"platform": "fcm", "token": "12345678"}


@pytest.mark.parametrize(
    ("model", "body", "taken"),
    [
        (NotificationDraft, NOTE, True),
        (NotificationDraft, {"title": "t"}, False),
        (NotificationDraft, NOTE | {"titel": "t"}, False),
        (NotificationDraft, NOTE | {"title": ""}, False),
        (NotificationDraft, NOTE | {"title": "𝄞" * 100}, True),
        (NotificationDraft, NOTE | {"title": "𝄞" * 101}, False),
        (NotificationDraft, NOTE | {"channels": []}, False),
        (NotificationDraft, NOTE | {"channels": ["push", "email", "push"]}, False),
        (NotificationDraft, NOTE | {"channels": ["fax"]}, False),
        (NotificationDraft, NOTE | {"recipient": None}, True),
        (NotificationDraft, NOTE | {"recipient": "a-1"}, True),
        (NotificationDraft, NOTE | {"recipient": "a-1\n"}, False),
        (NotificationDraft, NOTE | {"recipient": "x a-1"}, False),
        (NotificationDraft, [], False),
        (NotificationDraft, None, False),
        (DeviceDraft, DEVICE, True),
        (DeviceDraft, DEVICE | {"platform": "FCM"}, False),
        (DeviceDraft, DEVICE | {"token": "1234567 8"}, False),
        (DeviceDraft, DEVICE | {"token": 12345678}, False),
    ],
)
def test_gateway_and_function_agree(model: type[msgspec.Struct], body: Any, taken: bool) -> None:  # noqa: FBT001
    assert (passes(model, body), takes(model, body)) == (taken, taken)


texts = some.text(some.characters(codec="utf-8"), max_size=120) | some.from_regex(r"[!-~]{0,12}\n?", fullmatch=True)
values = (
    some.none() | some.booleans() | some.integers(-5, 5) | texts | some.sampled_from(["push", "email", "apns", "fcm"])
)
fields = some.sampled_from(["title", "text", "channels", "recipient", "platform", "token", "other"])
objects = some.dictionaries(fields, values | some.lists(values, max_size=3), max_size=6)


@hypothesis.given(
    model=some.sampled_from(BODIES), base=some.sampled_from([NOTE, DEVICE, {}]), change=objects, lost=some.sets(fields)
)
def test_gateway_and_function_agree_on_whatever_is_sent(
    model: type[msgspec.Struct], base: dict[str, Any], change: dict[str, Any], lost: set[str]
) -> None:
    body = {name: value for name, value in (base | change).items() if name not in lost}
    assert passes(model, body) == takes(model, body)


# --- models that no route has yet -----------------------------------------------------------------------------------


class Optional(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing of it is required."""

    names: dict[str, Annotated[int, msgspec.Meta(ge=1, le=3)]] = {}
    either: Annotated[str, msgspec.Meta(pattern=r"\Aa|b\Z")] = "a"


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        ({}, True),
        ({"names": {"x": 3}}, True),
        ({"names": {"x": 4}}, False),
        ({"names": {"x": "1"}}, False),
        ({"either": "c"}, False),
        ({"either": "ac"}, True),
        ({"either": "cb"}, True),
        ({"either": "cb\n"}, False),
    ],
)
def test_fields_may_all_be_optional_and_values_of_any_name_have_limits(body: Any, taken: bool) -> None:  # noqa: FBT001
    assert (passes(Optional, body), takes(Optional, body)) == (taken, taken)


class Position(msgspec.Struct):
    """Of a fixed length, which draft 4 writes otherwise."""

    at: tuple[float, float]


class Named(msgspec.Struct):
    """With a group that only Python knows."""

    name: Annotated[str, msgspec.Meta(pattern=r"\A(?P<first>[a-z])\Z")]


class Digits(msgspec.Struct):
    """In Python those of every script."""

    name: Annotated[str, msgspec.Meta(pattern=r"\A\d\Z")]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Position, r"'prefixItems' of .* has no translation into JSON Schema draft 4 yet: write one"),
        (Named, r"has something that means more in Python than in ECMA 262: do without"),
        (Digits, r"has something that means more in Python than in ECMA 262: do without"),
    ],
)
def test_what_would_mean_something_else_to_the_gateway_fails_at_synth(
    model: type[msgspec.Struct], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        draft_4(model)
