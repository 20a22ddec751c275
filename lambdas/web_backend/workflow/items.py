"""Users' galleries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from msgspec import Struct

from lambdas.common.http.exchange import Answer, Call, answer, encode, quoted
from lambdas.common.http.problems import ProblemError
from lambdas.common.http.routes import Nothing
from lambdas.common.ids import made_at, new_id, new_token
from lambdas.web_backend.contract.models import Item, ItemDraft, ItemPage, ItemPath, PageQuery
from lambdas.web_backend.domain.cursors import cursor_after, item_before
from lambdas.web_backend.ports import Items
from lambdas.web_backend.workflow.problems import if_seen, not_found
from lambdas.web_backend.workflow.replies import reply, settled


class ItemOperations(Struct, frozen=True):
    """What can be done with items. ``now`` is the time in whole milliseconds."""

    items: Items
    now: Callable[[], datetime]

    def create(self, call: Call[Nothing, Nothing, ItemDraft]) -> Answer:
        """Makes an item."""
        now = self.now()
        item = _item(new_id(now), call.body, now, now)
        revision = new_token()
        headers = {"location": f"items/{item.item_id}", "etag": quoted(revision)}
        made = Answer(201, encode(item).decode(), headers)
        if call.idempotency is None:
            self.items.add(call.user_id, item, revision, None)
            return made
        remembered = self.items.add(call.user_id, item, revision, reply(call.idempotency, made, now))
        return settled(made, call.idempotency, remembered)

    def get(self, call: Call[ItemPath, Nothing, Nothing]) -> Answer:
        """One item."""
        found = self.items.find(call.user_id, call.parameters.item_id)
        if found is None:
            raise not_found("item")
        return answer(200, found.content, etag=quoted(found.revision))

    def list(self, call: Call[Nothing, PageQuery, Nothing]) -> Answer:
        """A page of items."""
        try:
            before = item_before(call.query.cursor) if call.query.cursor is not None else None
        except ValueError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"cursor: {error}") from error
        page = self.items.page(call.user_id, call.query.limit, before)
        following = cursor_after(page.items[-1].item_id) if page.more and page.items else None
        return answer(200, ItemPage(items=tuple(page.items), next_cursor=following))

    def update(self, call: Call[ItemPath, Nothing, ItemDraft]) -> Answer:
        """Replaces what is said of an item, if it is as the client has seen it."""
        item_id = call.parameters.item_id
        item, revision = _item(item_id, call.body, made_at(item_id), self.now()), new_token()
        with if_seen("item"):
            self.items.replace(call.user_id, item, revision, call.revisions)
        return answer(200, item, etag=quoted(revision))

    def delete(self, call: Call[ItemPath, Nothing, Nothing]) -> Answer:
        """Deletes an item."""
        with if_seen("item"):
            self.items.delete(call.user_id, call.parameters.item_id, call.revisions)
        return Answer(204)


def _item(item_id: str, draft: ItemDraft, created_at: datetime, updated_at: datetime) -> Item:
    return Item(
        item_id=item_id,
        title=draft.title,
        description=draft.description,
        tags=draft.tags,
        image_id=draft.image_id,
        created_at=created_at,
        updated_at=updated_at,
    )
