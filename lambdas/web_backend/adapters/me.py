"""What belongs to a user alone, as entries of the items table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from lambdas.common.http.exchange import encode
from lambdas.web_backend.adapters.entries import Entries, expiry, has_expired, key, time_text
from lambdas.web_backend.contract import EXPIRES_AT, PREFERENCES, REVISION, UNSAID, VIEW, VIEW_DAYS
from lambdas.web_backend.contract.models import Preferences
from lambdas.web_backend.domain.feed import View
from lambdas.web_backend.ports import ChangedError, NoEntryError, Revised, Seen

_LIKES, _TAGS, _VIEWED_AT = "likes", "tags", "viewed_at"


class DynamoLikes(msgspec.Struct, frozen=True):
    """`Likes`. They are kept as JSON: numbers of DynamoDB are not those of JSON, and end at 1E-130."""

    entries: Entries

    def find(self, user_id: str) -> Revised[Preferences] | None:
        """A consistent read."""
        found = self.entries.get(user_id, PREFERENCES)
        if found is None:
            return None
        tags = msgspec.json.decode(found[_LIKES]["S"], type=dict[str, float])
        return Revised(Preferences(tags=tags), found[REVISION]["S"])

    def replace(self, user_id: str, preferences: Preferences, revision: str, seen: Seen) -> None:
        """Raises ChangedError, also where there are none: of those there is a revision, too."""
        attributes = {
            **key(user_id, PREFERENCES),
            REVISION: {"S": revision},
            _LIKES: {"S": encode(preferences.tags).decode()},
        }
        try:
            self.entries.replace(attributes, seen, or_new=seen is None or UNSAID in seen)
        except NoEntryError as error:
            raise ChangedError from error


class DynamoViews(msgspec.Struct, frozen=True):
    """`Views`."""

    entries: Entries
    now: Callable[[], datetime]

    def record(self, user_id: str, item_id: str, view: View) -> None:
        """One entry per item, which expires."""
        attributes = {
            **key(user_id, VIEW + item_id),
            _TAGS: {"L": [{"S": tag} for tag in view.tags]},
            _VIEWED_AT: {"S": time_text(view.viewed_at)},
            EXPIRES_AT: expiry(view.viewed_at + timedelta(days=VIEW_DAYS)),
        }
        self.entries.put(attributes)

    def recent(self, user_id: str) -> list[View]:
        """Of more than fit into one answer of DynamoDB, some thousands, those of the newest items."""
        found, _ = self.entries.newest(user_id, VIEW, None, None)
        now = self.now()
        return [
            View(tuple(tag["S"] for tag in each[_TAGS]["L"]), datetime.fromisoformat(each[_VIEWED_AT]["S"]))
            for each in found
            if not has_expired(each, now)
        ]
