"""Routes as the slices declare them: none contradicts another, or itself."""

from __future__ import annotations

import msgspec
import pytest

from lambdas.common.http.routes import AnyRoute, Route, allowed_methods
from lambdas.iot_backend.contract import routes as iot_backend
from lambdas.mobile_backend.contract import routes as mobile_backend
from lambdas.web_backend.contract import routes as web_backend

APIS = {
    "web_backend": web_backend.ROUTES,
    "mobile_backend": mobile_backend.ROUTES,
    "iot_backend": iot_backend.ROUTES,
}
every_api = pytest.mark.parametrize("routes", APIS.values(), ids=APIS)
every_route = pytest.mark.parametrize(
    "route", [pytest.param(route, id=f"{api}.{route.operation}") for api, routes in APIS.items() for route in routes]
)


@every_api
def test_no_two_routes_share_a_key_or_a_name(routes: tuple[AnyRoute, ...]) -> None:
    keys = [key for route in routes for key in route.keys]
    names = [route.operation for route in routes]
    assert (len(set(keys)), len(set(names))) == (len(keys), len(names))


@every_route
def test_what_stands_in_braces_is_what_the_model_of_the_path_has(route: AnyRoute) -> None:
    assert route.names == tuple(field.encode_name for field in msgspec.structs.fields(route.parameters))


@every_route
def test_fields_that_nobody_knows_are_refused(route: AnyRoute) -> None:
    assert all(model.__struct_config__.forbid_unknown_fields for model in (route.parameters, route.query, route.body))


@every_route
def test_an_answer_has_a_model_unless_it_is_empty(route: AnyRoute) -> None:
    assert (route.answer is None) == (route.status == 204)


@every_route
def test_reading_takes_no_body_and_needs_no_protection(route: AnyRoute) -> None:
    assert route.method != "GET" or not (route.takes_body or route.if_match or route.idempotent)


def test_a_get_is_a_head_as_well() -> None:
    route = Route(method="GET", path="/books", operation="list_books", summary="")
    assert route.keys == ("GET /books", "HEAD /books")


def test_allow_names_all_methods_of_a_path_in_a_fixed_order() -> None:
    routes: list[AnyRoute] = [
        Route(method="PUT", path="/a", operation="", summary=""),
        Route(method="GET", path="/a", operation="", summary=""),
        Route(method="DELETE", path="/a/{b}", operation="", summary=""),
    ]
    assert allowed_methods(tuple(routes)) == {"/a": "GET, HEAD, PUT", "/a/{b}": "DELETE"}
