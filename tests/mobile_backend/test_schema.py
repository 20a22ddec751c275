"""The GraphQL schema says what the models of the REST API say, and asks for nothing that the function does not have."""

from __future__ import annotations

import enum
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from lambdas.mobile_backend.contract import models
from lambdas.mobile_backend.graphql import FIELDS

SOURCE = Path(__file__).parents[2] / "lambdas/mobile_backend/schema.graphql"
PROVIDED_BY_APPSYNC = "scalar AWSDateTime\n"
IDS = {"device_id", "notification_id", "recipient", "sender"}
"""Fields that hold ids, which GraphQL tells apart from other text."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(PROVIDED_BY_APPSYNC + SOURCE.read_text())


def written(name: str, hint: Any, *, required: bool) -> str:
    """A model's field as the schema has to write its type."""
    if get_origin(hint) is Annotated:
        return written(name, get_args(hint)[0], required=required)
    if type(None) in get_args(hint):
        [inner] = [each for each in get_args(hint) if each is not type(None)]
        return written(name, inner, required=False)
    end = "!" if required else ""
    if get_origin(hint) is tuple:
        return f"[{written(name, get_args(hint)[0], required=True)}]{end}"
    if name in IDS:
        return f"ID{end}"
    if issubclass(hint, enum.Enum):
        return f"{hint.__name__}{end}"
    return {str: "String", int: "Int", datetime: "AWSDateTime"}[hint] + end


def fields(model: Any) -> dict[str, str]:
    hints = get_type_hints(model, include_extras=True)
    optional = model.__struct_fields__[len(model.__struct_fields__) - len(model.__struct_defaults__) :]
    defaults = dict(zip(optional, model.__struct_defaults__, strict=True))
    return {
        name: written(name, hints[name], required=defaults.get(name, msgspec.NODEFAULT) is msgspec.NODEFAULT)
        for name in model.__struct_fields__
    }


@pytest.mark.parametrize("name", ["DeviceDraft", "Device", "NotificationDraft", "Accepted", "Notification"])
def test_a_type_has_the_fields_of_its_model(schema: GraphQLSchema, name: str) -> None:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLObjectType | GraphQLInputObjectType)
    assert {each: str(field.type) for each, field in found.fields.items()} == fields(getattr(models, name))


@pytest.mark.parametrize("model", [models.Platform, models.Channel])
def test_an_enumeration_has_the_values_of_its_model(schema: GraphQLSchema, model: type[enum.StrEnum]) -> None:
    found = schema.type_map[model.__name__]
    assert isinstance(found, GraphQLEnumType)
    assert set(found.values) == set(model)


def test_every_field_has_a_resolver_and_every_resolver_a_field(schema: GraphQLSchema) -> None:
    assert schema.query_type
    assert schema.mutation_type
    assert set(schema.query_type.fields) | set(schema.mutation_type.fields) == set(FIELDS)


def test_what_only_reads_is_a_query(schema: GraphQLSchema) -> None:
    assert schema.query_type
    assert set(schema.query_type.fields) == {name for name, field in FIELDS.items() if field.route.method == "GET"}


def test_a_field_takes_the_arguments_that_its_resolver_reads(schema: GraphQLSchema) -> None:
    assert schema.query_type
    assert schema.mutation_type
    taken = {name: set(field.args) for name, field in (schema.query_type.fields | schema.mutation_type.fields).items()}
    assert taken == {
        name: {
            *field.route.names,
            *field.route.query.__struct_fields__,
            *([field.body] if field.body else []),
            *(["idempotency_key"] if field.route.idempotent else []),
        }
        for name, field in FIELDS.items()
    }
