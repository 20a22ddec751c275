"""Visits of a shop: every visitor reads a few pages, in URLs that are spelt in many ways."""

from __future__ import annotations

from datetime import datetime
from random import Random

from tools.samples.base import Content, Fault, Made, Sample, Tally, encode, item, pick, untrimmed

_VISITORS = [f"v-{number:024x}" for number in range(300)]
_PAGES = [
    "shop.example/",
    *(f"shop.example/products/{name}-{size}" for name in ("boots", "tent", "stove", "rope") for size in range(8)),
    "shop.example/caf%C3%A9",
    "shop.example/basket",
]
_SITES = ["(direct)", "search.example", "news.example", "social.example:8443"]
_QUERIES = ["", "?colour=red", "?colour=red&size=42"]


_CANONICAL = 0.8
"""Share of URLs that are spelt in the canonical way."""


def _url(random: Random, page: str, query: str) -> str:
    """A URL, now and then in another spelling."""
    if random.random() < _CANONICAL:
        return f"https://{page}{query}"
    host, _, path = page.partition("/")
    path = path.replace("%C3%A9", random.choice(("%C3%A9", "%c3%a9"))).replace("-", random.choice(("-", "-", "%2D")))
    names = [*query.lstrip("?").split("&"), *random.sample(("utm_source=mail", "gclid=Cj0K", "fbclid=Iw"), 1)]
    if random.random() < 0.5:
        names.pop()
    random.shuffle(names)
    new_query = "&".join(name for name in names if name)
    host = random.choice((host, host, host.upper(), f"{host}:443"))
    fragment = random.choice(("", "", "#reviews"))
    return untrimmed(random, f"{random.choice(('https', 'https', 'HTTPS'))}://{host}/{path}?{new_query}{fragment}")


def _make(random: Random, time: datetime) -> Made:
    visitor, page, site = pick(random, _VISITORS), pick(random, _PAGES), pick(random, _SITES)
    action = "click" if random.random() < 0.2 else "view"
    path = random.choice(("", "/", "/search", f"/found?q={random.getrandbits(16)}"))
    content: Content = {
        "visitor": untrimmed(random, visitor),
        "session": untrimmed(random, f"s-{random.getrandbits(96):024x}"),
        "action": action,
        "url": _url(random, page, random.choice(_QUERIES)),
        "referrer": None if site == "(direct)" else f"https://{random.choice((site, site, site.title()))}{path}",
    }

    def tell(tally: Tally) -> None:
        tally.distinct[item("clickstream.unique_visitors", "", time)].add(visitor)
        if action == "click":
            tally.counts[item("clickstream.clicks", "", time)] += 1
            return
        tally.counts[item("clickstream.views", "", time)] += 1
        tally.top[item("clickstream.pages", "", time)][page] += 1
        tally.top[item("clickstream.referrers", "", time)][site] += 1

    return Made(visitor, content, tell)


SAMPLE = Sample(
    "clickstream",
    _make,
    faults=(
        Fault("wrong_schema", lambda content: encode(content | {"action": "hover"})),
        Fault("wrong_schema", lambda content: encode(content | {"url": f"https://shop.example/{'x' * 2048}"})),
    ),
)
