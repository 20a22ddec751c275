"""The schedules bite: each of these deliberate faults is found by them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from lambdas.common.http import api as http
from lambdas.web_backend.adapters import entries
from lambdas.web_backend.adapters.entries import Entries
from lambdas.web_backend.adapters.items import DynamoItems
from lambdas.web_backend.ports import ChangedError, Reply
from lambdas.web_backend.workflow import items, me
from tests.support.fake_aws import FakeDynamoDB
from tests.support.schedules import Patch, expect_to_find
from tests.web_backend import test_exactness, test_repeats

IF_SEEN, TRANSACT, REMEMBERING, PUT = Entries._if_seen, Entries.transact, Entries._remembering, FakeDynamoDB.put_item


def any_version(self: Entries, call: Any, request: Any, _: Any, revision: Any, *, or_new: bool) -> None:
    """If-Match is heard, and not heeded."""
    IF_SEEN(self, call, request, None, revision, or_new=or_new)


def refusals_swallowed(self: Entries, *arguments: Any, **others: Any) -> None:
    """What was not changed is told as changed."""
    with suppress(ChangedError):
        IF_SEEN(self, *arguments, **others)


def own_write_unknown(self: Entries, call: Any, request: Any, seen: Any, _: Any, *, or_new: bool) -> None:
    """A repeated call takes what it wrote itself for somebody else's."""
    IF_SEEN(self, call, request, seen, None, or_new=or_new)


def read_and_compare(self: Entries, attributes: Any, seen: Any, *, or_new: bool = False) -> None:
    """The revision is looked at first, and the write has no condition."""
    found = self.get(attributes["user_id"]["S"], attributes["entry"]["S"])
    present = found["revision"]["S"] if found else "0"
    if seen is not None and present not in seen and not (or_new and found is None):
        raise ChangedError
    self.put(attributes)


def added_over(self: Entries, attributes: Any) -> None:
    """A new item is written whatever is there."""
    self.put(attributes)


def one_after_the_other(self: Entries, user_id: str, actions: Sequence[Any], reply: Reply | None) -> Reply | None:
    """The thing first, and then what is remembered of it."""
    TRANSACT(self, user_id, actions, None)
    return TRANSACT(self, user_id, [], reply)


def remembered_first(self: Entries, user_id: str, actions: Sequence[Any], reply: Reply | None) -> Reply | None:
    """What is remembered first, and then the thing."""
    found = TRANSACT(self, user_id, [], reply)
    return found or TRANSACT(self, user_id, actions, None)


def looked_up_before(self: Entries, user_id: str, actions: Sequence[Any], reply: Reply | None) -> Reply | None:
    """Whether a key is known is read first, and not held."""
    if reply and (found := self.get(user_id, entries._reply_entry(reply.key))):
        return entries._reply(reply, found)
    return TRANSACT(self, user_id, [*actions, unconditional(self, user_id, reply)], None)


def unconditional(self: Entries, user_id: str, reply: Any) -> Any:
    """What is remembered replaces what was remembered before."""
    [(kind, write)] = REMEMBERING(self, user_id, reply).items()
    return {kind: {name: write[name] for name in ("TableName", "Item")}}


LOST: dict[str, list[Patch]] = {
    "If-Match not heeded": [(Entries, "_if_seen", any_version)],
    "refusals swallowed": [(Entries, "_if_seen", refusals_swallowed)],
    "own write taken for another's": [(Entries, "_if_seen", own_write_unknown)],
    "read, compared, written": [(Entries, "replace", read_and_compare)],
    "one revision for all": [(items, "new_token", lambda: "5a" * 10), (me, "new_token", lambda: "5a" * 10)],
    "new item over what is there": [(Entries, "add", added_over)],
    "If-Match ignored": [(http, "_revisions", lambda *_, **__: None)],
}
TWICE: dict[str, list[Patch]] = {
    "thing before its key": [(Entries, "transact", one_after_the_other)],
    "key before its thing": [(Entries, "transact", remembered_first)],
    "key looked up and not held": [(Entries, "transact", looked_up_before)],
    "key not held": [(Entries, "_remembering", unconditional)],
    "key ignored": [(http, "_idempotency", lambda *_: None)],
    "new answer for an old key": [(entries, "_reply", lambda asked, _: asked)],
    "key with every item alone": [(DynamoItems, "add", lambda self, user_id, item, revision, _: self.entries.add(
        {**entries.key(user_id, f"item#{item.item_id}"), "revision": {"S": revision}}
    ))],
}  # fmt: skip


@pytest.mark.parametrize("fault", LOST)
def test_a_deliberate_fault_that_loses_edits_is_found(fault: str) -> None:
    expect_to_find(LOST[fault], test_exactness.schedules, test_exactness.check)


@pytest.mark.parametrize("fault", TWICE)
def test_a_deliberate_fault_that_makes_things_twice_is_found(fault: str) -> None:
    expect_to_find(TWICE[fault], test_repeats.schedules, test_repeats.check)
