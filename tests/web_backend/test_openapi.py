"""The committed OpenAPI documents: up to date, valid, and complete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from lambdas.common.http.routes import AnyRoute
from tools.openapi.apis import APIS
from tools.openapi.document import path_of, text_of

every_api = pytest.mark.parametrize("name", APIS)

Document = dict[str, Any]


def kept(name: str) -> Document:
    found: Document = json.loads(path_of(name).read_text())
    return found


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """All objects of a document, the inner ones included."""
    if isinstance(part, dict):
        yield part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from objects(each)


def schemas(document: Document) -> Iterator[dict[str, Any]]:
    """All schemas of a document, but for those inside of others."""
    yield from document["components"]["schemas"].values()
    yield from (each["schema"] for each in objects([document["paths"], document["components"]]) if "schema" in each)


def validator(document: Document, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Resolves what a schema refers to."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]}, validate_formats=True)


@every_api
def test_the_document_says_what_the_contract_says(name: str) -> None:
    assert path_of(name).read_text() == text_of(name), "the contract has changed since: run `make openapi`"


@every_api
def test_it_is_written_the_same_each_time(name: str) -> None:
    assert text_of(name) == text_of(name)
    assert text_of(name) == json.dumps(json.loads(text_of(name)), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@every_api
def test_it_is_openapi(name: str) -> None:
    schemathesis.openapi.from_dict(kept(name)).validate()


@every_api
def test_its_schemas_are_json_schemas(name: str) -> None:
    for schema in schemas(kept(name)):
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


@every_api
def test_every_reference_leads_somewhere(name: str) -> None:
    document = kept(name)
    for reference in {each["$ref"] for each in objects(document) if isinstance(each.get("$ref"), str)}:
        _, *steps = reference.split("/")
        found: Any = document
        for step in steps:
            assert step in found, reference
            found = found[step]


@every_api
def test_every_component_is_used(name: str) -> None:
    document = kept(name)
    referred = {each["$ref"] for each in objects(document) if "$ref" in each}
    there = {
        f"#/components/{kind}/{each}" for kind in ("schemas", "responses") for each in document["components"][kind]
    }
    assert there == referred


@every_api
def test_every_route_is_in_it_under_a_name_of_its_own(name: str) -> None:
    operations = {
        f"{method.upper()} {path}": each for path, item in kept(name)["paths"].items() for method, each in item.items()
    }
    assert set(operations) == {key for route in APIS[name].routes for key in route.keys}
    assert len({each["operationId"] for each in operations.values()}) == len(operations)


@every_api
def test_every_example_is_one(name: str) -> None:
    document = kept(name)
    examples = [(each, example) for each in objects(document) for example in each.get("examples", ()) if "type" in each]
    assert examples
    for schema, example in examples:
        validator(document, schema).validate(example)


@every_api
def test_every_link_leads_to_a_parameter_that_is_there(name: str) -> None:
    operations = {each["operationId"]: each for path in kept(name)["paths"].values() for each in path.values()}
    links = [link for each in objects(kept(name)["paths"]) for link in each.get("links", {}).values()]
    assert bool(links) == any(route.names for route in APIS[name].routes)
    for link in links:
        parameters = {f"{each['in']}.{each['name']}" for each in operations[link["operationId"]]["parameters"]}
        assert set(link["parameters"]) <= parameters


def test_a_pattern_allows_no_line_feed_after_what_it_describes() -> None:
    schemas = [each for name in APIS for each in objects(kept(name))]
    described = [each for each in schemas if isinstance(each.get("pattern"), str) and each.get("examples")]
    assert described
    for schema in described:
        assert not jsonschema_rs.is_valid(schema, f"{schema['examples'][0]}\n")
        assert (schema["pattern"][0], schema["pattern"][-1]) == ("^", "$")


@every_api
def test_who_needs_no_token_is_said(name: str) -> None:
    document = kept(name)

    def scopes(route: AnyRoute) -> list[list[str]]:
        operation = document["paths"][route.path][route.method.lower()]
        return [each["accessToken"] for each in operation["security"] if "accessToken" in each]

    for route in APIS[name].routes:
        assert scopes(route) == ([] if route.scopes is None else [list(route.scopes)])
