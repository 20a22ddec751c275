"""What belongs to a user: preferences, views, and the feed that follows from both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from lambdas.common.http.exchange import Answer, Call, answer, quoted
from lambdas.common.http.routes import Nothing
from lambdas.common.ids import new_token
from lambdas.common.side_by_side import Together
from lambdas.web_backend.contract import UNSAID
from lambdas.web_backend.contract.models import Feed, FeedQuery, ItemPath, Preferences
from lambdas.web_backend.domain.feed import View, feed
from lambdas.web_backend.ports import Items, Likes, Revised, Views
from lambdas.web_backend.workflow.problems import if_seen, not_found

CONSIDERED = 200
"""Newest items, of which the feed shows the best."""


class MyOperations(Struct, frozen=True):
    """What can be done with what is the user's own."""

    items: Items
    likes: Likes
    views: Views
    together: Together
    now: Callable[[], datetime]

    def get_preferences(self, call: Call[Nothing, Nothing, Nothing]) -> Answer:
        """What the user likes."""
        found = self._likes(call.user_id)
        return answer(200, found.content, etag=quoted(found.revision))

    def set_preferences(self, call: Call[Nothing, Nothing, Preferences]) -> Answer:
        """Replaces what the user likes, if it is as the client has seen it."""
        revision = new_token()
        with if_seen("list of preferences"):
            self.likes.replace(call.user_id, call.body, revision, call.revisions)
        return answer(200, call.body, etag=quoted(revision))

    def record_view(self, call: Call[ItemPath, Nothing, Nothing]) -> Answer:
        """Remembers that the user looked at an item, with the tags that it has now."""
        item_id = call.parameters.item_id
        found = self.items.find(call.user_id, item_id)
        if found is None:
            raise not_found("item")
        self.views.record(call.user_id, item_id, View(found.content.tags, self.now()))
        return Answer(204)

    def get_feed(self, call: Call[Nothing, FeedQuery, Nothing]) -> Answer:
        """The user's newest items, the best match first."""
        user_id = call.user_id
        reads: Sequence[Callable[[], Any]] = (
            lambda: self.items.page(user_id, CONSIDERED, None),
            lambda: self.views.recent(user_id),
            lambda: self._likes(user_id),
        )
        page, views, likes = self.together(lambda read: read(), reads)
        found = feed(page.items, likes.content.tags, views, self.now(), call.query.limit)
        return answer(200, Feed(items=found))

    def _likes(self, user_id: str) -> Revised[Preferences]:
        return self.likes.find(user_id) or Revised(Preferences(tags={}), UNSAID)
