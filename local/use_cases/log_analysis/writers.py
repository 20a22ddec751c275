"""How software of different kinds writes a log line: the frames around a text, and what varies within it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

PEOPLE = (
    *("alice", "bob", "carol", "dave", "erin", "farid", "grace", "heidi", "ivan", "judy", "kofi", "lena", "mallory"),
    *("nadia", "oscar", "peggy", "quentin", "rosa", "sybil", "trent", "ursula", "victor", "wendy", "xavier", "yara"),
)
SURNAMES = ("Adeyemi", "Brown", "Chen", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kumar")
HOSTS = ("kestrel", "heron", "osprey", "falcon", "merlin", "harrier", "condor", "buzzard", "kite", "eagle", "hobby")
SERVICES = ("inventory", "pricing", "search", "payments", "recommendations", "shipping")
TOPICS = ("orders.created", "orders.cancelled", "stock.moved", "invoices.issued", "parcels.sent", "returns.opened")
COLOURS = ("crimson", "teal", "amber", "violet", "ochre", "indigo", "scarlet")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15",
    "curl/8.5.0",
    "okhttp/4.12.0",
)
_POD_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_ALNUM = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Moment:
    """One line that is being written: when, and by which die."""

    rng: random.Random
    milliseconds: int
    """Unix time."""

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.milliseconds / 1000, UTC)

    def hex(self, digits: int) -> str:
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-a{self.hex(3)}-{self.hex(12)}"

    def letters(self, alphabet: str, number: int) -> str:
        return "".join(self.rng.choices(alphabet, k=number))

    def ip(self) -> str:
        return ".".join(str(self.rng.randint(1, 254)) for _ in range(4))

    def latency(self) -> float:
        """Milliseconds."""
        return self.rng.lognormvariate(4, 0.8)


FILLERS: dict[str, Callable[[Moment], str]] = {
    "user": lambda at: at.rng.choice(PEOPLE),
    "name": lambda at: f"{at.rng.choice(PEOPLE).title()} {at.rng.choice(SURNAMES)}",
    "host": lambda at: at.rng.choice(HOSTS),
    "fqdn": lambda at: f"{at.rng.choice(HOSTS)}.eu.shop.example.com",
    "service": lambda at: at.rng.choice(SERVICES),
    "topic": lambda at: at.rng.choice(TOPICS),
    "colour": lambda at: at.rng.choice(COLOURS),
    "int": lambda at: str(at.rng.randint(1, 9999)),
    "small": lambda at: str(at.rng.randint(1, 5)),
    "ms": lambda at: f"{at.latency():.0f}ms",
    "seconds": lambda at: f"{at.rng.uniform(0, 9):.3f}s",
    "money": lambda at: f"{at.rng.uniform(1, 900):.2f}",
    "percent": lambda at: f"{at.rng.uniform(80, 100):.1f}%",
    "size": lambda at: f"{at.rng.uniform(1, 64):.1f} MB",
    "uuid": Moment.uuid,
    "hex8": lambda at: at.hex(8),
    "hex40": lambda at: at.hex(40),
    "pointer": lambda at: f"0x{at.hex(12)}",
    "token": lambda at: at.letters(_ALNUM, 22),
    "pod": lambda at: f"checkout-{at.hex(10)}-{at.letters(_POD_LETTERS, 5)}",
    "instance": lambda at: f"i-{at.hex(17)}",
    "order": lambda at: f"ORD-{at.rng.randint(10_000, 999_999)}",
    "sku": lambda at: f"{at.letters('ABCDEFGHKLMN', 3)}-{at.rng.randint(100, 9999)}",
    "mail": lambda at: f"{at.rng.choice(PEOPLE)}.{at.rng.choice(SURNAMES).lower()}@example.com",
    "ip": Moment.ip,
    "ip6": lambda at: f"2001:db8:{at.hex(4)}:{at.hex(4)}::{at.hex(4)}",
    "socket": lambda at: f"{at.ip()}:{at.rng.randint(1024, 65535)}",
    "iso": lambda at: at.time.isoformat(),
    "date": lambda at: f"{at.time:%Y-%m-%d}",
    "file": lambda at: f"/var/spool/feeds/{at.rng.choice(SERVICES)}/{at.time:%Y%m%d}-{at.rng.randint(1, 99)}.csv",
    "url": lambda at: (
        f"https://api.carrier.example.net/v2/parcels/{at.rng.randint(10**9, 10**10)}?token={at.letters(_ALNUM, 12)}"
    ),
    "arn": lambda at: f"arn:aws:sqs:eu-west-1:{at.rng.randint(10**11, 10**12 - 1)}:orders-{at.rng.choice(COLOURS)}",
    "words": lambda at: " ".join(at.rng.choices([*PEOPLE, *COLOURS, *HOSTS], k=at.rng.randint(1, 4))),
}
"""What stands for ``{user}`` and the others in the texts of templates."""


_PLACE = re.compile(r"\{(\w+)\}")


def fill(text: str, at: Moment) -> str:
    """A text with all its places filled."""
    return _PLACE.sub(lambda place: FILLERS[place[1]](at), text)


# --- frames ---------------------------------------------------------------------------------------------------------

Frame = Callable[[Moment, str, str], str]
"""The line of a text of a level."""


def powertools(at: Moment, level: str, text: str) -> str:
    """A function's JSON line, as Powertools writes it."""
    fields = {
        "level": level,
        "location": f"handler:{at.rng.randint(10, 90)}",
        "message": text,
        "timestamp": at.time.isoformat(timespec="milliseconds"),
        "service": "checkout",
        "cold_start": at.rng.random() < 0.05,
        "function_request_id": at.uuid(),
        "xray_trace_id": f"1-{at.hex(8)}-{at.hex(24)}",
    }
    return json.dumps(fields)


def lambda_text(at: Moment, level: str, text: str) -> str:
    """A function's line in Lambda's text format for Python."""
    return f"[{level}]\t{at.time:%Y-%m-%dT%H:%M:%S}.{at.milliseconds % 1000:03d}Z\t{at.uuid()}\t{text}\n"


def lambda_node(at: Moment, level: str, text: str) -> str:
    """A function's line in Lambda's text format for Node.js."""
    return f"{at.time:%Y-%m-%dT%H:%M:%S}.{at.milliseconds % 1000:03d}Z\t{at.uuid()}\t{level}\t{text}\n"


def spring(at: Moment, level: str, text: str) -> str:
    """Spring Boot's default."""
    thread = f"nio-8080-exec-{at.rng.randint(1, 40)}"
    clock = f"{at.time:%Y-%m-%dT%H:%M:%S}.{at.milliseconds % 1000:03d}Z"
    return f"{clock} {level:>5} 1 --- [fulfilment] [{thread:>17}] c.e.fulfilment.ParcelService : {text}"


def python_text(at: Moment, level: str, text: str) -> str:
    """Python's logging with a usual format."""
    return f"{at.time:%Y-%m-%d %H:%M:%S},{at.milliseconds % 1000:03d} - storefront.views - {level} - {text}"


def klog(at: Moment, level: str, text: str) -> str:
    """Of Kubernetes components."""
    return f"{level[0]}{at.time:%m%d %H:%M:%S.%f}       1 reflector.go:{at.rng.choice([138, 140])}] {text}"


def zap(at: Moment, level: str, text: str) -> str:
    """A Go service's JSON line."""
    fields = {
        "level": level.lower(),
        "ts": at.milliseconds / 1000,
        "caller": "router/carrier.go:88",
        "msg": text,
        "parcel": at.rng.randint(1, 10**9),
    }
    return json.dumps(fields)


def logfmt(at: Moment, level: str, text: str) -> str:
    """A Go service's line of keys and values."""
    clock = f"{at.time:%Y-%m-%dT%H:%M:%SZ}"
    return f'time="{clock}" level={level.lower()} msg="{text}" component=dispatcher attempt={at.rng.randint(1, 5)}'


def postgres(at: Moment, level: str, text: str) -> str:
    """A line of the database's."""
    return (
        f"{at.time:%Y-%m-%d %H:%M:%S}.{at.milliseconds % 1000:03d} UTC [{at.rng.randint(100, 9999)}] {level}:  {text}"
    )


def syslog(at: Moment, level: str, text: str) -> str:
    """A line of a daemon, which names its level in the text or not at all."""
    named = f"{level.lower()}: " if level != "INFO" else ""
    return f"{at.time:%b %d %H:%M:%S} {at.rng.choice(HOSTS)} dispatchd[{at.rng.randint(100, 32000)}]: {named}{text}"


def nginx_error(at: Moment, level: str, text: str) -> str:
    """A line of nginx's error log."""
    process = at.rng.randint(7, 40)
    return f"{at.time:%Y/%m/%d %H:%M:%S} [{level.lower()}] {process}#{process}: *{at.rng.randint(1, 10**6)} {text}"


def bare(_: Moment, __: str, text: str) -> str:
    """Only the text."""
    return text
