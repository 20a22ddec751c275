"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with fakes.

Everything here may raise `UnavailableError`: what was asked is done, or not, and is to be asked again. ``user_id`` is
whose entries these are; nothing here reaches another one's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from lambdas.common.http.exchange import Answer, IdempotencyKey
from lambdas.common.tables.metrics.reader import Point
from lambdas.common.tables.pictures.reader import Picture
from lambdas.web_backend.contract.models import DayTotal, Item, Order, Preferences, SeriesQuery, Upload, UploadDraft
from lambdas.web_backend.domain.feed import View

T = TypeVar("T")

Seen = tuple[str, ...] | None
"""Revisions of which one has to be the current for a change to be made; None lets any pass."""


class NoEntryError(Exception):
    """What was to be changed is not there."""


class ChangedError(Exception):
    """What was to be changed has another revision than those that were seen."""


class Revised(Struct, Generic[T], frozen=True):
    """Something, as it is in one revision."""

    content: T
    revision: str


class Reply(Struct, frozen=True):
    """What a request is answered, remembered until ``expires_at`` in case that it comes again.

    Whatever takes one keeps it in one step with what it adds, and returns None; if the key has been used before,
    nothing is added, and what was remembered then comes back.
    """

    key: IdempotencyKey
    answer: Answer
    now: datetime
    expires_at: datetime


class Page(Struct, frozen=True):
    """Items, newest first; ``more`` follow."""

    items: list[Item]
    more: bool


class Items(Protocol):
    """Users' galleries."""

    def add(self, user_id: str, item: Item, revision: str, reply: Reply | None) -> Reply | None:
        """Adds a new item."""

    def find(self, user_id: str, item_id: str) -> Revised[Item] | None:
        """The item as it is now."""

    def page(self, user_id: str, limit: int, before: str | None) -> Page:
        """At most ``limit`` items that are older than the one of this id, which need not be there."""

    def replace(self, user_id: str, item: Item, revision: str, seen: Seen) -> None:
        """Raises NoEntryError and ChangedError."""

    def delete(self, user_id: str, item_id: str, seen: Seen) -> None:
        """Raises NoEntryError and ChangedError."""


class Likes(Protocol):
    """Users' preferences."""

    def find(self, user_id: str) -> Revised[Preferences] | None:
        """What the user said last."""

    def replace(self, user_id: str, preferences: Preferences, revision: str, seen: Seen) -> None:
        """Of preferences that were never said, `contract.UNSAID` is the revision. Raises ChangedError."""


class Views(Protocol):
    """What users looked at, the last time each."""

    def record(self, user_id: str, item_id: str, view: View) -> None:
        """Replaces the view of this item, if there is one."""

    def recent(self, user_id: str) -> list[View]:
        """Those that are not yet too old to matter."""


class Uploads(Protocol):
    """Uploads that were announced."""

    def form(self, user_id: str, upload_id: str, draft: UploadDraft, now: datetime) -> Upload:
        """A form that lets a browser upload one object, under the key that this upload has."""

    def add(self, user_id: str, upload_id: str, now: datetime, reply: Reply | None) -> Reply | None:
        """Remembers that there may be an upload."""

    def is_known(self, user_id: str, upload_id: str) -> bool:
        """Whether one was announced in the last days."""


class Pictures(Protocol):
    """What image processing made of uploads."""

    def find(self, user_id: str, upload_id: str) -> Picture | None:
        """None before an upload is processed."""


class MissingItemsError(Exception):
    """Items that are not there, or are another one's."""

    def __init__(self, item_ids: Collection[str]) -> None:
        super().__init__(", ".join(item_ids))
        self.item_ids = item_ids


class Orders(Protocol):
    """Orders of the shop."""

    def place(self, user_id: str, order: Order, item_ids: Sequence[str], reply: Reply | None) -> Reply | None:
        """Adds an order, if all of these items are there. Raises MissingItemsError."""

    def find(self, user_id: str, order_id: str) -> Order | None:
        """The order as it is now."""

    def newest(self, user_id: str, limit: int) -> list[Order]:
        """Out of the read model, a moment behind."""

    def totals(self, user_id: str, first: str, last: str) -> list[DayTotal]:
        """Of days from ``first`` to ``last``, both included; out of the read model."""


class Metrics(Protocol):
    """Time series of the event stream."""

    def series(self, metric: str, query: SeriesQuery) -> list[Point]:
        """One point per step, oldest first; steps without data are absent. Raises TooMuchError."""


class Document(Protocol):
    """The OpenAPI document."""

    def read(self) -> Revised[str]:
        """Its text."""
