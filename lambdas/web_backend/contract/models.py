"""Models of requests and answers.

Times are RFC 3339 in UTC. Money is a decimal in a string, since numbers of JSON round.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, field

from lambdas.common.http.models import Id, Model, Moment

Title = Annotated[str, Meta(min_length=1, max_length=200, examples=["Harbour at dusk"])]
Text = Annotated[str, Meta(max_length=4_000)]
Tag = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,39}\Z", examples=["harbour", "35-mm"])]
Tags = Annotated[tuple[Tag, ...], Meta(max_length=20)]
Cursor = Annotated[str, Meta(max_length=200)]


# --- items ----------------------------------------------------------------------------------------------------------


class ItemPath(Model, frozen=True):
    """Of one item."""

    item_id: Id


class ItemDraft(Model, frozen=True):
    """What a user says of an item."""

    title: Title
    description: Text = ""
    tags: Tags = ()
    image_id: Id | None = None
    """Of an upload."""


class Item(Model, frozen=True):
    """Something in a user's gallery."""

    item_id: Id
    title: Title
    description: Text
    tags: Tags
    image_id: Id | None
    created_at: Moment
    updated_at: datetime


class PageQuery(Model, frozen=True):
    """Which part of a list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    cursor: Cursor | None = None
    """`next_cursor` of the page before."""


class ItemPage(Model, frozen=True):
    """Items, newest first."""

    items: tuple[Item, ...]
    next_cursor: Cursor | None
    """None on the last page."""


# --- the user -------------------------------------------------------------------------------------------------------

Weight = Annotated[float, Meta(ge=-1, le=1)]


class Preferences(Model, frozen=True):
    """What a user likes (up to 1) and dislikes (down to -1), by tag."""

    tags: Annotated[dict[Tag, Weight], Meta(max_length=50)]


class FeedQuery(Model, frozen=True):
    """How much of the feed."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25


class FeedItem(Model, frozen=True):
    """An item with what speaks for it."""

    item: Item
    score: float
    because: tuple[Tag, ...]
    """Tags that spoke for it, the strongest first."""


class Feed(Model, frozen=True):
    """Items, the best match first."""

    items: tuple[FeedItem, ...]


# --- uploads and images ---------------------------------------------------------------------------------------------


class UploadDraft(Model, frozen=True):
    """A picture about to be uploaded."""

    content_type: Literal[
        "image/avif", "image/bmp", "image/gif", "image/heic", "image/jpeg", "image/png", "image/tiff", "image/webp"
    ]


class Upload(Model, frozen=True):
    """A form to be sent as multipart/form-data to ``url``: its fields first, then the file as ``file``."""

    upload_id: Id
    url: str
    fields: dict[str, str]
    max_bytes: int
    expires_at: Moment


class ImagePath(Model, frozen=True):
    """Of one image, whose id is its upload's."""

    image_id: Id


class ImageStatus(StrEnum):
    """How far image processing is."""

    PENDING = "pending"
    """Not uploaded yet, or not yet processed."""
    READY = "ready"
    REJECTED = "rejected"
    BLOCKED = "blocked"


class Image(Model, frozen=True):
    """What image processing made of an upload. Sizes are in pixels; all but id and status come with READY alone."""

    image_id: Id
    status: ImageStatus
    reason: str | None = None
    """Why it was rejected or blocked."""
    width: int | None = None
    height: int | None = None
    dominant_color: str | None = None
    src: str | None = None
    """The largest rendition that every browser shows; a path of the website."""
    srcset: dict[str, str] = field(default_factory=dict)
    """Ready ``srcset`` attribute by content type; paths of the website."""


# --- orders ---------------------------------------------------------------------------------------------------------


class Product(StrEnum):
    """What an item can be printed as."""

    POSTCARD = "postcard"
    A4 = "a4"
    POSTER = "poster"


class Price(Model, frozen=True):
    """What one print costs."""

    product: Product
    price: Decimal
    currency: Literal["EUR"]


class PriceList(Model, frozen=True):
    """All products."""

    products: tuple[Price, ...]


class LineDraft(Model, frozen=True):
    """Some prints of one item."""

    item_id: Id
    product: Product
    quantity: Annotated[int, Meta(ge=1, le=1_000)] = 1


class OrderDraft(Model, frozen=True):
    """Prints to be ordered, at the price of the day."""

    lines: Annotated[tuple[LineDraft, ...], Meta(min_length=1, max_length=50)]


class OrderLine(Model, frozen=True):
    """Some prints of one item, with their price."""

    sku: str
    """``<product>:<item id>``"""
    quantity: int
    unit_price: Decimal


class OrderPath(Model, frozen=True):
    """Of one order."""

    order_id: Id


class Order(Model, frozen=True):
    """An order as the shop keeps it."""

    order_id: str
    placed_at: Moment
    status: Literal["draft", "placed", "shipped", "cancelled"]
    currency: str
    total: Decimal
    lines: tuple[OrderLine, ...]


class OrdersQuery(Model, frozen=True):
    """How many orders."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25


class DayTotal(Model, frozen=True):
    """What a user ordered on a day (UTC)."""

    day: str
    currency: str
    orders: int
    revenue: Decimal


class OrderList(Model, frozen=True):
    """The newest orders, and totals by day, out of the read model: what was ordered a second ago may be missing."""

    orders: tuple[Order, ...]
    totals: tuple[DayTotal, ...]


# --- metrics --------------------------------------------------------------------------------------------------------


class MetricPath(Model, frozen=True):
    """Of one metric."""

    metric: Annotated[
        str, Meta(pattern=r"\A[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z", max_length=200, examples=["orders.revenue"])
    ]
    """``<recipe>.<measure>``"""


class SeriesQuery(Model, frozen=True):
    """Which time: from ``start`` on, up to but without ``end``."""

    start: Moment
    end: Annotated[Moment, Meta(examples=["2026-11-21T11:00:00Z"])]
    step_minutes: Annotated[int, Meta(ge=1, le=60 * 24 * 31)] = 1
    dimension: Annotated[str, Meta(max_length=500)] = ""


class Named(Model, frozen=True):
    """One of the most frequent names; the true count is at most this."""

    name: str
    count: int


class Point(Model, frozen=True):
    """A metric over one step; which fields there are depends on its kind."""

    start: Moment
    kind: Literal["count", "sum", "stats", "distinct", "quantiles", "top"]
    value: Decimal
    """Number to draw: count, sum, mean, distinct count, median, or weight of all names."""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    p95: Decimal | None = None
    top: tuple[Named, ...] = ()


class Series(Model, frozen=True):
    """A metric over time, oldest first; steps without data are absent."""

    metric: str
    dimension: str
    points: tuple[Point, ...]


# --- the service ----------------------------------------------------------------------------------------------------


class Health(Model, frozen=True):
    """That the function runs."""

    status: Literal["ok"]
