"""Holds answers against the OpenAPI document that the API serves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from tools.openapi.document import path_of


def check_documented(route_key: str, status: int, headers: Mapping[str, str], body: str) -> None:
    """Fails unless the document has this answer: status, headers, content type, and body."""
    method, _, path = route_key.partition(" ")
    operation = _document()["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return  # no such method, or no such path: documents cannot say more of those
    answer = operation["responses"].get(str(status))
    assert answer, f"{route_key} answers {status}, which the OpenAPI document does not have"
    answer = _shared(answer)
    missing = [name for name, each in answer["headers"].items() if each["required"] and name not in headers]
    assert not missing, f"{route_key} answers {status} without {missing}"
    if "content" not in answer:
        assert body == "", f"{route_key} answers {status} with a body, which the OpenAPI document does not have"
        return
    content = answer["content"].get(headers["content-type"])
    assert content, f"{route_key} answers {status} as {headers['content-type']}, not {[*answer['content']]}"
    _validator(json.dumps(content["schema"])).validate(json.loads(body))


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path_of("web_backend").read_text())
    return found


def _shared(answer: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in answer:
        return answer
    found: dict[str, Any] = _document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return found


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    whole = {**json.loads(schema), "components": _document()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
