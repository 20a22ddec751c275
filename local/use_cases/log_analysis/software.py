"""What the software of the three log groups has to say: templates of log lines, some of which are errors.

The words that vary in them are of all kinds: numbers and ids, but names of people, hosts and topics as well, which
nothing tells from any other word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from local.use_cases.log_analysis import writers
from local.use_cases.log_analysis.writers import AGENTS, Frame, Moment, fill

Write = Callable[[Moment], list[str]]
"""The messages of one occurrence, which are events of a log stream one after the other: mostly a single one."""


@dataclass(frozen=True)
class Template:
    """One thing that software says."""

    label: str
    write: Write
    weight: float
    """How often, among those of its kind and log group."""


def line(label: str, frame: Frame, level: str, text: str, weight: float = 1.0) -> Template:
    """A template of one line."""
    return Template(label, lambda at: [frame(at, level, fill(text, at))], weight)


def python_trace(at: Moment) -> list[str]:
    """Lambda's report of an exception that nobody caught: one message."""
    frames = [
        f'  File "/var/task/checkout/handler.py", line {at.rng.choice([41, 57])}, in handler\n    charge(order)',
        f'  File "/var/task/checkout/charge.py", line {at.rng.choice([18, 19])}, in charge\n    card = cards[token]',
    ]
    return [fill("[ERROR] KeyError: '{token}'\nTraceback (most recent call last):\n", at) + "\n".join(frames) + "\n"]


def lambda_json_trace(at: Moment) -> list[str]:
    """The same with Lambda's JSON format."""
    order = fill("{order}", at)
    return [
        json.dumps(
            {
                "timestamp": f"{at.time:%Y-%m-%dT%H:%M:%SZ}",
                "level": "ERROR",
                "message": f"invalid literal for int() with base 10: '{order}'",
                "errorType": "ValueError",
                "stackTrace": [f'  File "/var/task/checkout/orders.py", line {at.rng.choice([7, 9])}, in number\n'],
                "requestId": at.uuid(),
            }
        )
    ]


def django_trace(at: Moment) -> list[str]:
    """A web application's, each line a message, as containers write to their standard output."""
    return [
        "Traceback (most recent call last):",
        '  File "/srv/storefront/views.py", line 212, in basket',
        "    return render(request, basket_of(request.user))",
        f'  File "/srv/storefront/models.py", line {at.rng.choice([88, 90])}, in basket_of',
        "    raise BasketLockedError(user)",
        fill("storefront.errors.BasketLockedError: basket of {user} is locked by session {hex8}", at),
    ]


def java_trace(at: Moment) -> list[str]:
    """A Java service's, each line a message."""
    return [
        fill("java.lang.IllegalStateException: Parcel {int} is in state LOST, expected SENT", at),
        f"\tat com.example.fulfilment.ParcelService.deliver(ParcelService.java:{at.rng.choice([118, 121])})",
        "\tat com.example.fulfilment.ParcelController.put(ParcelController.java:54)",
        f"\tat jdk.internal.reflect.GeneratedMethodAccessor{at.rng.randint(10, 99)}.invoke(Unknown Source)",
        "\t... 38 more",
    ]


def java_caused(at: Moment) -> list[str]:
    """A Java service's in one message, with a cause."""
    head = writers.spring(at, "ERROR", fill("Could not book carrier for {order}", at))
    return [
        head
        + fill("\njava.util.concurrent.CompletionException: java.net.SocketTimeoutException: Read timed out\n", at)
        + f"\tat com.example.carrier.Client.book(Client.java:{at.rng.choice([70, 71])})\n"
        + "Caused by: java.net.SocketTimeoutException: Read timed out\n\tat java.base/sun.nio.ch.Net.poll(Net.java)\n"
    ]


def node_trace(at: Moment) -> list[str]:
    """A Node.js function's, in one message."""
    fields = {
        "errorType": "TypeError",
        "errorMessage": "Cannot read properties of undefined (reading 'price')",
        "stack": [
            "TypeError: Cannot read properties of undefined (reading 'price')",
            f"    at total (/var/task/basket.js:{at.rng.choice([31, 32])}:17)",
            "    at Runtime.handler (/var/task/index.js:12:9)",
        ],
    }
    return [writers.lambda_node(at, "ERROR", "Invoke Error \t" + json.dumps(fields))]


def go_panic(at: Moment) -> list[str]:
    """A Go service's, in one message."""
    head = f"panic: runtime error: index out of range [{at.rng.randint(3, 9)}] with length {at.rng.randint(1, 3)}\n\n"
    return [
        head
        + f"goroutine {at.rng.randint(20, 900)} [running]:\nmain.route(0xc{at.hex(9)}, 0x5)\n"
        + f"\t/src/router/route.go:{at.rng.choice([64, 66])} +0x1d\nmain.main()\n\t/src/main.go:22 +0x58\nexit status 2"
    ]


def timed_out(at: Moment) -> list[str]:
    """Lambda's own line about a function that took too long."""
    clock = f"{at.time:%Y-%m-%dT%H:%M:%S}.{at.milliseconds % 1000:03d}Z"
    return [f"{clock} {at.uuid()} Task timed out after 30.0{at.rng.randint(0, 9)} seconds\n\n"]


# --- requests -------------------------------------------------------------------------------------------------------

PATHS: Final = (
    ("GET", "/api/items", 8.0),
    ("GET", "/api/items/{int}", 12.0),
    ("POST", "/api/orders", 4.0),
    ("GET", "/api/orders/{uuid}", 3.0),
    ("GET", "/api/me", 3.0),
)


def gateway_access(method: str, path: str, status: int) -> Write:
    """A line of an HTTP API's access log, as this project's own APIs write it."""

    def write(at: Moment) -> list[str]:
        latency = at.latency() * (20 if status == 504 else 1)
        fields = {
            "request_id": at.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 15) + "=",
            "time": f"{at.time:%d/%b/%Y:%H:%M:%S +0000}",
            "ip": at.ip(),
            "route_key": f"{method} {path.replace('int', 'id').replace('uuid', 'id')}",
            "path": fill(path, at),
            "status": str(status),
            "response_bytes": str(at.rng.randint(60, 9000)),
            "latency_ms": f"{latency:.0f}",
            "integration_latency_ms": f"{latency * 0.9:.0f}",
        }
        return [json.dumps(fields)]

    return write


def combined_access(method: str, path: str, status: int) -> Write:
    """A line of nginx's access log in the combined format, with the request's time behind it."""

    def write(at: Moment) -> list[str]:
        asked = f'"{method} {fill(path, at)} HTTP/1.1" {status} {at.rng.randint(100, 60_000)}'
        who = at.rng.choice(["-", "-", "-", fill("{user}", at)])
        clock = f"{at.time:%d/%b/%Y:%H:%M:%S +0000}"
        return [f'{at.ip()} - {who} [{clock}] {asked} "-" "{at.rng.choice(AGENTS)}" {at.latency() / 1000:.3f}']

    return write


SITE: Final = (
    ("GET", "/", 6.0),
    ("GET", "/products/{sku}", 9.0),
    ("GET", "/static/app.css", 5.0),
    ("POST", "/basket/{int}/items", 3.0),
)


def requests(frame: Callable[[str, str, int], Write], paths: Sequence[tuple[str, str, float]]) -> list[Template]:
    """Templates of requests that went well, or in which the client was wrong."""
    return [
        Template(f"{method} {path} {status}", frame(method, path, status), weight * share)
        for method, path, weight in paths
        for status, share in ((200, 0.94), (404, 0.05), (400, 0.01))
    ]


def failing(frame: Callable[[str, str, int], Write], method: str, path: str, status: int, weight: float) -> Template:
    """A request that the server failed at."""
    return Template(f"{method} {path} {status}", frame(method, path, status), weight)


@dataclass(frozen=True)
class Software:
    """All that one log group's software has to say."""

    chatter: Sequence[Template]
    requests: Sequence[Template]
    errors: Sequence[Template]
    """That happen all the time; weights are means of a minute."""
    new: Sequence[Template]
    """That are to appear only when the learning period is over."""
    rising: Mapping[str, float]
    """Labels of errors that are to rise to so many a minute for a while."""
