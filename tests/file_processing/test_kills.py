"""A function is killed before or after one call of AWS, whichever it is, and what it left undone is done in the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.file_processing import model
from tests.file_processing.fakes import INDEX, FakeObjects
from tests.file_processing.truth import assert_all_is_as_the_bucket_says
from tests.file_processing.world import FailedError, World
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed

Act = Callable[[FakeObjects], None]
STORIES: dict[str, list[Act]] = {
    "versions": [
        lambda s3: s3.upload("docs/b", model.ROWS),
        lambda s3: s3.upload("docs/b", model.LOG),
        lambda s3: s3.upload("docs/b", model.TOO_BIG),
        lambda s3: s3.upload("docs/b", model.BAD),
        lambda s3: s3.delete_version("docs/b", -1),
        lambda s3: s3.delete_version("docs/b", -1),
        lambda s3: s3.delete("docs/b"),
    ],
    "archive": [
        lambda s3: s3.upload("a.zip", model.archive({"deep.zip": model.SMALL_ARCHIVE, "bad": model.BAD})),
        lambda s3: s3.upload("a.zip", model.TEXT),
    ],
}
"""Everything comes to rest after each act."""


def rest(world: World) -> None:
    """All messages are delivered, and those that were not answered again."""
    while waiting := [name for name, each in world.sqs.queues.items() if each and name != INDEX]:
        body = world.sqs.queues[waiting[0]].pop(0)
        try:
            world.deliver(waiting[0], body)
        except (Killed, FailedError):
            world.sqs.queues[waiting[0]].append(body)
    while world.sqs.queues[INDEX]:
        world.index()


def play(story: list[Act], fault: Fault, at: int) -> int:
    """A story with a fault at one call; how many calls it took."""
    world = World()
    world.outside.decide = lambda _: fault if len(world.outside.calls) == at else Fault.NONE
    for act in story:
        act(world.s3)
        rest(world)
    assert_all_is_as_the_bucket_says(world)
    return len(world.outside.calls)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_a_kill_at_any_call_changes_nothing_in_the_end(story: str, fault: Fault) -> None:
    calls = play(STORIES[story], Fault.NONE, 0)
    for at in range(1, calls + 1):
        play(STORIES[story], fault, at)
