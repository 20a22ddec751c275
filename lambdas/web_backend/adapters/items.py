"""Items as entries of the items table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from lambdas.common.ids import made_at
from lambdas.web_backend.adapters.entries import Attributes, Entries, time_text
from lambdas.web_backend.contract import ENTRY, ITEM, REVISION, USER_ID
from lambdas.web_backend.contract.models import Item
from lambdas.web_backend.ports import Page, Reply, Revised, Seen

_TITLE, _DESCRIPTION, _TAGS, _IMAGE_ID, _UPDATED_AT = "title", "description", "tags", "image_id", "updated_at"


class DynamoItems(Struct, frozen=True):
    """`Items`."""

    entries: Entries

    def add(self, user_id: str, item: Item, revision: str, reply: Reply | None) -> Reply | None:
        """Adds a new item."""
        attributes = _attributes(user_id, item, revision)
        if reply is None:
            self.entries.add(attributes)
            return None
        return self.entries.transact(user_id, [self.entries.putting(attributes)], reply)

    def find(self, user_id: str, item_id: str) -> Revised[Item] | None:
        """A consistent read: clients see what they have written."""
        found = self.entries.get(user_id, ITEM + item_id)
        return Revised(_item(found), found[REVISION]["S"]) if found else None

    def page(self, user_id: str, limit: int, before: str | None) -> Page:
        """A consistent read, by ids, which sort by time. Ends early where an answer of DynamoDB is full."""
        found, more = self.entries.newest(user_id, ITEM, limit, ITEM + before if before else None)
        return Page([_item(each) for each in found], more)

    def replace(self, user_id: str, item: Item, revision: str, seen: Seen) -> None:
        """Raises NoEntryError and ChangedError."""
        self.entries.replace(_attributes(user_id, item, revision), seen)

    def delete(self, user_id: str, item_id: str, seen: Seen) -> None:
        """Raises NoEntryError and ChangedError."""
        self.entries.delete(user_id, ITEM + item_id, seen)


def _attributes(user_id: str, item: Item, revision: str) -> dict[str, Any]:
    """When an item was made stands in its id."""
    return {
        USER_ID: {"S": user_id},
        ENTRY: {"S": ITEM + item.item_id},
        REVISION: {"S": revision},
        _TITLE: {"S": item.title},
        _DESCRIPTION: {"S": item.description},
        _TAGS: {"L": [{"S": tag} for tag in item.tags]},
        _IMAGE_ID: {"S": item.image_id} if item.image_id else {"NULL": True},
        _UPDATED_AT: {"S": time_text(item.updated_at)},
    }


def _item(attributes: Attributes) -> Item:
    item_id = attributes[ENTRY]["S"].removeprefix(ITEM)
    return Item(
        item_id=item_id,
        title=attributes[_TITLE]["S"],
        description=attributes[_DESCRIPTION]["S"],
        tags=tuple([tag["S"] for tag in attributes[_TAGS]["L"]]),
        image_id=attributes[_IMAGE_ID].get("S"),
        created_at=made_at(item_id),
        updated_at=datetime.fromisoformat(attributes[_UPDATED_AT]["S"]),
    )
