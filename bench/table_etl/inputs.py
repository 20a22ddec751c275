"""Events of the sample's table: what stands in the read model already, and a thousand changes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.harness import BUILD, ROOT
from lambdas.common.tables.shop import layout

CHANGES: Final = 1000
CUSTOMERS: Final = 250
DAYS: Final = 3
START: Final = datetime(2026, 11, 23, tzinfo=UTC)
ARN: Final = "arn:aws:dynamodb:us-east-1:123456789012:table/shop/stream/2026-11-23T00:00:00.000"
DIRECTORY: Final = BUILD / "table_etl"

Image = dict[str, dict[str, Any]]


def events() -> tuple[Path, Path]:
    """Files with the event that loaded what is there, and with the one that is measured: 650 new orders, 300 that are
    shipped, 50 that are deleted.
    """
    random = Random(20261125)  # noqa: S311  sample orders
    orders = [_order(random, number) for number in range(CHANGES)]
    old, new = orders[:350], orders[350:]
    changed = [_shipped(image) for image in old[:300]]
    records = [
        *((None, image) for image in new),
        *zip(old[:300], changed, strict=True),
        *((image, None) for image in old[300:]),
    ]
    random.shuffle(records)
    before = [_record(number, None, image) for number, image in enumerate(old)]
    after = [_record(CHANGES + number, *images) for number, images in enumerate(records)]
    return _written("before", before), _written("changes", after)


def small_batches(size: int, number: int) -> list[Path]:
    """Files with the first changes of those that are measured, so many in each."""
    records = json.loads((ROOT / events()[1]).read_text())["Records"]
    return [_written(f"small-{at}", records[at * size : (at + 1) * size]) for at in range(number)]


def _order(random: Random, number: int) -> Image:
    moment = START + timedelta(seconds=random.randrange(DAYS * 24 * 3600), milliseconds=number % 1000)
    lines = [(f"sku-{random.randrange(500)}", random.randrange(1, 5), random.randrange(100, 20_000)) for _ in range(2)]
    key = layout.order_key(f"c-{random.randrange(CUSTOMERS)}", moment, f"o-{number}")
    cents = sum(quantity * price for _, quantity, price in lines)
    return {name: {"S": text} for name, text in key.items()} | {
        "schema_version": {"N": "3"},
        "order_id": {"S": f"o-{number}"},
        "placed_at": {"S": layout.format_time(moment)},
        "status": {"S": "placed"},
        "currency": {"S": "EUR"},
        "total": {"N": f"{cents / 100:.2f}"},
        "channel": {"S": random.choice(["web", "mobile", "shop"])},
        "tags": {"SS": ["gift", "new"]},
        "lines": {"L": list(_lines(lines))},
    }


def _lines(lines: list[tuple[str, int, int]]) -> Iterator[dict[str, Any]]:
    for sku, quantity, cents in lines:
        line = {"sku": {"S": sku}, "quantity": {"N": str(quantity)}, "unit_price": {"N": f"{cents / 100:.2f}"}}
        yield {"M": line}


def _shipped(image: Image) -> Image:
    return image | {"status": {"S": "shipped"}}


def _record(number: int, old: Image | None, new: Image | None) -> dict[str, Any]:
    """As AWS documents it ("Using AWS Lambda with Amazon DynamoDB", example event)."""
    images = {name: image for name, image in (("NewImage", new), ("OldImage", old)) if image is not None}
    image = new or old or {}
    change = {
        "ApproximateCreationDateTime": (START + timedelta(days=DAYS)).timestamp(),
        "Keys": {name: image[name] for name in (layout.PARTITION_KEY, layout.SORT_KEY)},
        **images,
        "SequenceNumber": str(800_000_000_003_126_276_362 + number),
        "SizeBytes": 600,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    return {
        "eventID": f"{number:032x}",
        "eventName": "REMOVE" if new is None else "INSERT" if old is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": change,
        "eventSourceARN": ARN,
    }


def _written(name: str, records: list[dict[str, Any]]) -> Path:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    path = DIRECTORY / f"{name}.json"
    path.write_text(json.dumps({"Records": records}))
    return path.relative_to(ROOT)
