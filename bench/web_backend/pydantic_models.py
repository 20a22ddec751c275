"""What both peers share: the models of an item, by Pydantic, and how one is written into the items table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from lambdas.common.ids import new_id

MAX_BODY_BYTES = 64 * 1024

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=4000)]
Tag = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Tags = Annotated[tuple[Tag, ...], Field(max_length=20)]


class ItemDraft(BaseModel):
    """What a user says of an item."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    description: Text = ""
    tags: Tags = ()
    image_id: Id | None = None


class Item(BaseModel):
    """Something in a user's gallery."""

    model_config = ConfigDict(frozen=True)

    item_id: Id
    title: Title
    description: Text
    tags: Tags
    image_id: Id | None
    created_at: datetime
    updated_at: datetime


def new_item(draft: ItemDraft) -> Item:
    """The item that a draft becomes."""
    now = datetime.now(UTC)
    return Item(
        item_id=new_id(now),
        title=draft.title,
        description=draft.description,
        tags=draft.tags,
        image_id=draft.image_id,
        created_at=now,
        updated_at=now,
    )


def put_request(table_name: str, user_id: str, item: Item, revision: str) -> dict[str, Any]:
    """Arguments of PutItem, for an item of a new id."""
    return {
        "TableName": table_name,
        "Item": {
            "user_id": {"S": user_id},
            "entry": {"S": f"item#{item.item_id}"},
            "revision": {"S": revision},
            "title": {"S": item.title},
            "description": {"S": item.description},
            "tags": {"L": [{"S": tag} for tag in item.tags]},
            "image_id": {"S": item.image_id} if item.image_id else {"NULL": True},
            "updated_at": {"S": item.updated_at.isoformat()},
        },
        "ConditionExpression": "attribute_not_exists(#entry)",
        "ExpressionAttributeNames": {"#entry": "entry"},
    }
