"""Access logs to measure with, in every format, packed where AWS packs them; the same on every run.

200 requests a second for about eight minutes. Paths are drawn from 3,000, the first most often (Pareto's law), a third
have a query of their own; one request in 200 is the start of a TLS handshake, as scanners send it to web servers.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Final

from bench.harness import BUILD

LINES: Final = 100_000
PER_SECOND: Final = 200
START: Final = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
FOLDER: Final = BUILD / "inputs" / "file_processing"
AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 Version/26.1 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "curl/8.17.0",
)
STATUSES: Final = ("200",) * 17 + ("304", "404", "503")
HEADER: Final = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    "cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol "
    "cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version "
    "fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type "
    "sc-content-len sc-range-start sc-range-end\n"
)


class Request:
    """What a line is made of."""

    def __init__(self, number: int, chance: random.Random) -> None:
        page = int(chance.paretovariate(1.0)) % 3000
        self.time = START + timedelta(seconds=number / PER_SECOND)
        self.path = f"/catalogue/shop-{page % 7}/article-{page:06d}"
        self.query = f"utm_source=mail&visitor={chance.randrange(10**6)}" if chance.random() < 0.3 else ""
        self.target = f"{self.path}?{self.query}" if self.query else self.path
        self.status = chance.choice(STATUSES)
        self.size = chance.randrange(100, 90_000)
        self.milliseconds = 1 + int(chance.expovariate(1 / 60))
        self.seconds = f"{self.milliseconds // 1000}.{self.milliseconds % 1000:03d}"
        self.agent = chance.choice(AGENTS)
        self.address = f"203.0.113.{number % 250}"
        self.number = number


def _combined(request: Request) -> str:
    time = request.time.astimezone(timezone(timedelta(hours=1)))
    line = f"GET {request.target} HTTP/1.1" if request.number % 200 else r"\x16\x03\x01\x02\x00\x01\x00"
    return (
        f'{request.address} - - [{time:%d/%b/%Y:%H:%M:%S %z}] "{line}" {request.status} {request.size} '
        f'"https://www.example.com/" "{request.agent}" {request.seconds}'
    )


def _s3(request: Request) -> str:
    return (
        f"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket "
        f"[{request.time:%d/%b/%Y:%H:%M:%S %z}] {request.address} arn:aws:iam::123456789012:user/reader "
        f'3E57427F3EXAMPLE REST.GET.OBJECT {request.path[1:]} "GET {request.target} HTTP/1.1" {request.status} - '
        f'{request.size} 90000 {request.milliseconds} {request.milliseconds // 2} "-" "{request.agent}" - '
        f"s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 "
        f"ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket.s3.us-west-1.amazonaws.com TLSv1.2 - -"
    )


def _alb(request: Request) -> str:
    return (
        f"https {request.time:%Y-%m-%dT%H:%M:%S.%fZ} app/my-loadbalancer/50dc6c495c0c9188 {request.address}:46532 "
        f"10.0.0.66:9000 0.000 {request.seconds} 0.000 {request.status} {request.status} 34 {request.size} "
        f'"GET https://www.example.com:443{request.target} HTTP/2.0" "{request.agent}" ECDHE-RSA-AES128-GCM-SHA256 '
        f"TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "
        f'"Root=1-58337364-23a8c76965a2ef7629b185e3" "www.example.com" '
        f'"arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 0 '
        f'{request.time:%Y-%m-%dT%H:%M:%S.%fZ} "forward" "-" "-" "10.0.0.66:9000" "{request.status}" "-" "-" '
        f"TID_1234abcd5678ef90"
    )


def _cloudfront(request: Request) -> str:
    return "\t".join(
        (
            f"{request.time:%Y-%m-%d}", f"{request.time:%H:%M:%S}", "FRA56-P3", str(request.size), request.address,
            "GET", "d111111abcdef8.cloudfront.net", request.path, request.status, "https://www.example.com/",
            request.agent.replace(" ", "%20"), request.query or "-", "-", "Hit",
            "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==", "www.example.com", "https", "23",
            request.seconds, "-", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "Hit", "HTTP/2.0", "-", "-", "11040", "0.001",
            "Hit", "text/html", "78", "-", "-",
        )
    )  # fmt: skip


FORMATS: Final[dict[str, Callable[[Request], str]]] = {
    "combined": _combined,
    "s3": _s3,
    "alb": _alb,
    "cloudfront": _cloudfront,
}
PACKED: Final = frozenset({"alb", "cloudfront"})


@cache
def log(name: str) -> Path:
    """A file of `LINES` lines in a format."""
    chance = random.Random(7)  # noqa: S311  nothing secret
    lines = "\n".join(FORMATS[name](Request(number, chance)) for number in range(LINES))
    content = f"{HEADER if name == 'cloudfront' else ''}{lines}\n".encode()
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.log{'.gz' if name in PACKED else ''}"
    path.write_bytes(gzip.compress(content, 6, mtime=0) if name in PACKED else content)
    return path
