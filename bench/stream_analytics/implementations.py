"""The ways of counting clicks that are compared; each takes a Kinesis event and gives counts per minute.

All decode base64 and JSON, refuse what breaks the schema or comes too late or too early, bring times to UTC, trim
sessions, make URLs canonical and visitors pseudonyms, and count views, clicks, different visitors, pages and referrers.
The others are what one would write: urllib for URLs, and plain sets and dicts, which cost less than the sketches that
ours ends in, and do not merge. Ours alone refuses duplicate keys and counts what each cleansing rule changed.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from lambdas.stream_analytics.contract import Limits

KEY = bytes(range(32))
LIMITS = Limits()
LONGEST_NAME = 256
FIELDS = frozenset({"type", "time", "visitor", "session", "action", "url", "referrer"})


@dataclass
class Minute:
    """What the clicks of one minute come to."""

    views: int = 0
    clicks: int = 0
    visitors: set[str] = field(default_factory=set)
    pages: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    referrers: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Counts:
    """What a batch comes to, by minute since 1970."""

    minutes: dict[int, Minute] = field(default_factory=lambda: defaultdict(Minute))
    rejected: int = 0


def page(url: str) -> str:
    """Address without scheme and query."""
    return url.partition("://")[2].partition("?")[0][:LONGEST_NAME]


def site(referrer: str | None) -> str:
    """Host that the visitor came from."""
    return (referrer or "").partition("://")[2].partition("/")[0][:LONGEST_NAME] or "(direct)"


DEFAULT_PORTS = {"http": 80, "https": 443}


def pseudonym(text: str) -> str:
    """Keyed, as ours."""
    return hashlib.blake2b(text.strip().encode(), key=KEY, digest_size=16).hexdigest()


def trim(text: str) -> str:
    """Without superfluous white space."""
    return " ".join(text.split())


def tracks(pair: str) -> bool:
    """Whether a parameter of a query tells of campaigns alone."""
    return pair.startswith("utm_")


def canonical_url(text: str) -> str:
    """As one would write it with urllib: less thorough than ours, and the same for what is measured here."""
    parts = urlsplit(text.strip())
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    query = "&".join(sorted(pair for pair in parts.query.split("&") if not tracks(pair)))
    return urlunsplit((parts.scheme, f"{parts.hostname or ''}{port}", parts.path or "/", query, ""))


Count = Callable[[Mapping[str, Any]], Any]


def ours() -> Count:
    """The domain code of the function, with nothing left out; gives the tally."""
    from lambdas.stream_analytics.domain.analyzer import Analyzer
    from lambdas.stream_analytics.domain.pieces import pieces
    from lambdas.stream_analytics.domain.records import parse
    from lambdas.stream_analytics.recipes.clickstream import RECIPE

    analyzer = Analyzer([RECIPE], LIMITS, KEY)

    def count(event: Mapping[str, Any]) -> Any:
        return analyzer.analyze(pieces(parse(event), None, LIMITS)).whole

    return count


def powertools_pydantic() -> Count:
    """What a user would write today: BatchProcessor and a Pydantic model whose validators cleanse."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord
    from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

    name = StringConstraints(min_length=1, max_length=256)
    url = StringConstraints(min_length=1, max_length=2048)

    class Click(BaseModel):
        model_config = ConfigDict(extra="forbid")

        type: Literal["clickstream"]
        time: Annotated[AwareDatetime, AfterValidator(lambda time: time.astimezone(UTC))]
        visitor: Annotated[str, name, AfterValidator(pseudonym)]
        session: Annotated[str, name, AfterValidator(trim)]
        action: Literal["view", "click"]
        url: Annotated[str, url, AfterValidator(canonical_url)]
        referrer: Annotated[str, url, AfterValidator(canonical_url)] | None

    Click.model_rebuild(_types_namespace=locals() | globals())
    processor = BatchProcessor(event_type=EventType.KinesisDataStreams, raise_on_entire_batch_failure=False)
    earliest, latest = -LIMITS.max_late_seconds, LIMITS.max_early_seconds

    def count(event: Mapping[str, Any]) -> Any:
        counts = Counts()
        minutes = counts.minutes

        def record_handler(record: KinesisStreamRecord) -> None:
            kinesis = record.kinesis
            click = Click.model_validate_json(kinesis.data_as_bytes())
            happened = click.time.timestamp()
            if not earliest <= happened - kinesis.approximate_arrival_timestamp <= latest:
                raise ValueError("too late, or in the future")
            minute = minutes[int(happened) // 60]
            minute.visitors.add(click.visitor)
            if click.action == "view":
                minute.views += 1
                minute.pages[page(click.url)] += 1
                minute.referrers[site(click.referrer)] += 1
            else:
                minute.clicks += 1

        answer = process_partial_response(dict(event), record_handler, processor)
        counts.rejected = len(answer["batchItemFailures"])
        return counts

    return count


def check_text(value: object, longest: int) -> str:
    """The value, if it is text and neither empty nor too long; for `stdlib`."""
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise ValueError(f"no text of 1 to {longest} characters")
    return value


def utc(text: object) -> datetime:
    """A time with an offset, in UTC; for `stdlib`."""
    time = datetime.fromisoformat(check_text(text, 64))
    if time.tzinfo is None:
        raise ValueError("a time needs an offset")
    return time.astimezone(UTC)


def click_of(data: str | bytes) -> dict[str, Any]:
    """A record's click, checked and cleansed; for `stdlib`."""
    click = json.loads(b64decode(data).decode())
    if not isinstance(click, dict) or click.keys() != FIELDS or click["type"] != "clickstream":
        raise ValueError("no click, or one with fields missing or unknown")
    if click["action"] not in ("view", "click"):
        raise ValueError("an action is view or click")
    click["time"] = utc(click["time"])
    click["visitor"] = pseudonym(check_text(click["visitor"], 256))
    click["session"] = trim(check_text(click["session"], 256))
    click["url"] = canonical_url(check_text(click["url"], 2048))
    if click["referrer"] is not None:
        click["referrer"] = canonical_url(check_text(click["referrer"], 2048))
    return click


def stdlib() -> Count:
    """The standard library: json, checks by hand, dicts."""
    earliest, latest = -LIMITS.max_late_seconds, LIMITS.max_early_seconds

    def add(kinesis: Mapping[str, Any], minutes: dict[int, Minute]) -> None:
        click = click_of(kinesis["data"])
        happened = click["time"].timestamp()
        if not earliest <= happened - kinesis["approximateArrivalTimestamp"] <= latest:
            raise ValueError("too late, or in the future")
        minute = minutes[int(happened) // 60]
        minute.visitors.add(click["visitor"])
        if click["action"] == "view":
            minute.views += 1
            minute.pages[page(click["url"])] += 1
            minute.referrers[site(click["referrer"])] += 1
        else:
            minute.clicks += 1

    def count(event: Mapping[str, Any]) -> Any:
        counts = Counts()
        for record in event["Records"]:
            try:
                add(record["kinesis"], counts.minutes)
            except ValueError:
                counts.rejected += 1
        return counts

    return count


def floor() -> Count:
    """Decodes base64, and that is all."""

    def count(event: Mapping[str, Any]) -> Any:
        for record in event["Records"]:
            b64decode(record["kinesis"]["data"])

    return count


IMPLEMENTATIONS: dict[str, Callable[[], Count]] = {
    "ours": ours,
    "powertools-pydantic": powertools_pydantic,
    "stdlib": stdlib,
    "floor": floor,
}
