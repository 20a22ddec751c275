"""The APIs that have an OpenAPI document, and what their gateways answer by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.common.http.problems import PROBLEM_JSON
from lambdas.common.http.routes import AnyRoute
from lambdas.file_processing.contract import search as file_processing
from lambdas.iot_backend.contract import routes as iot_backend
from lambdas.mobile_backend.contract import routes as mobile_backend
from lambdas.web_backend.contract import routes as web_backend

MESSAGE = "GatewayMessage"


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Statuses that a gateway answers instead of the function, and in which words."""

    always: tuple[int, ...]
    with_token: tuple[int, ...] = (401, 403)
    """Where a route needs a token: for one that does not hold, and for one without the scope."""
    with_parameters: tuple[int, ...] = (404,)
    """Where a path has parameters: an empty one makes it another path."""
    with_needs: tuple[int, ...] = (404,)
    """Where a route is there only if a stage wires what it needs."""
    with_body: tuple[int, ...]
    content_type: str
    model: str


HTTP_API = Gateway(always=(429, 500, 503), with_body=(413,), content_type="application/json", model=MESSAGE)
"""API Gateway Developer Guide: "Control access to HTTP APIs with JWT authorizers", "Throttle requests to your HTTP
APIs", "Quotas for HTTP APIs", "Troubleshooting issues with HTTP API Lambda integrations"."""

REST_API = Gateway(
    always=(403, 429, 500, 502, 504), with_body=(400, 413, 415), content_type=PROBLEM_JSON, model="Problem"
)
"""API Gateway Developer Guide, "Gateway response types"; the stack puts them as the function would."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """An API that has a document."""

    title: str
    about: str
    routes: tuple[AnyRoute, ...]
    server: str
    """Where paths begin: the stage of its gateway."""
    gateway: Gateway
    api_key: bool = False
    """Whether each request carries the app's own key."""


APIS = {
    "web_backend": Described(
        title="Web backend",
        about="A gallery, and a shop for prints of what is in it. Paths of use cases that are not deployed beside it "
        "are answered 404 by the gateway.",
        routes=web_backend.ROUTES,
        server="/api",
        gateway=HTTP_API,
    ),
    "mobile_backend": Described(
        title="Mobile backend",
        about="Devices, and notifications to the people who carry them.",
        routes=mobile_backend.ROUTES,
        server="/v1",
        gateway=REST_API,
        api_key=True,
    ),
    "iot_backend": Described(
        title="IoT backend",
        about="Devices and what they told last, and releases of a function, started and taken back by people of the "
        "group `releasers`. Paths stand on the web backend's own API.",
        routes=iot_backend.ROUTES,
        server="/api",
        gateway=HTTP_API,
    ),
    "file_processing": Described(
        title="File processing",
        about="Full-text search over everything that was uploaded, for people of the group `file-readers`. The path "
        "stands on the web backend's own API.",
        routes=file_processing.ROUTES,
        server="/api",
        gateway=HTTP_API,
    ),
}
"""By slice."""
