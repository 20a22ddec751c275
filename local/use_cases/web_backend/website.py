"""The website as CloudFront serves it: page, API and pictures of one origin, with headers that keep others out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lambdas.web_backend.contract.models import Health
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.web_backend.visit import Visit

_REQUIRED = {
    "content-security-policy": "default-src 'none'",
    "strict-transport-security": "max-age=",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin",
    "permissions-policy": "camera=()",
}
"""Header to a part of its value."""
_SCRIPT = re.compile(rb'src="(/assets/[^"]+\.js)"')


def served(visit: Visit, transcript: Transcript) -> Shown:
    """The page, under any address of its own; what it is made of; the API beside it."""
    ask, site = transcript.ask, visit.site
    page = ask("the page", site, "GET /", expect=200)
    transcript.check("text/html" in page.headers.get("content-type", ""), "the page is no HTML")
    for name, part in _REQUIRED.items():
        transcript.check(part in page.headers.get(name, ""), f"header {name} is {page.headers.get(name)!r}")
    deep = ask("an address of the page's own", site, "GET /items/some-id/edit", expect=200)
    transcript.check(deep.body == page.body, "a deep link is not answered with the page")
    config = ask("what the page has to know", site, "GET /config.json", expect=200).read(dict)
    script = _SCRIPT.search(page.body)
    transcript.check(script is not None, "the page has no script")
    if script:
        answer = ask("its script, for good", site, f"GET {script[1].decode()}", expect=200)
        transcript.check("immutable" in answer.headers.get("cache-control", ""), "the script is not cached for good")
    health = ask("the API, of the same origin", site, f"GET {config.get('apiUrl')}/health", expect=200)
    transcript.check(health.read(Health) == Health(status="ok"), "the API is not well")
    ask("and asks for a token there, too", site, f"GET {config.get('apiUrl')}/items", expect=401)
    return Shown(facts=tuple(_told(page.headers)))


def _told(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, headers[name]) for name in _REQUIRED if name in headers]
