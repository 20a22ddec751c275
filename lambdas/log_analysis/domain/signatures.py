"""A signature and its episodes: each is told once, and whoever is to tell claims it first."""

from __future__ import annotations

import msgspec

from lambdas.log_analysis.contract import Kind

MOST_EPISODES = 10
"""That a signature keeps; those that have been told of go first."""
SAMPLE_CHARACTERS = 500
CLAIM_SECONDS = 45
"""For which a claim keeps others from telling, too. Longer than publishing takes; and shorter than the minute that
Lambda waits before it repeats an invocation that was killed ("How Lambda handles errors and retries with asynchronous
invocation"): its own claim must not be in its way."""


_UNDER_WAY_MINUTES = 15
"""Which no invocation takes."""


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes in which something was out of the ordinary."""

    kind: Kind
    first: int
    """Minute since 1970."""
    last: int
    count: int
    """Of the minute with the most, as it was when it was last looked at."""
    expected: float | None = None
    """Mean of the minutes before; None of a new signature."""
    sample: str
    claimed_by: str = ""
    claimed_until: float = 0.0
    """Unix time until which this invocation is about to tell of it."""
    told_at: float | None = None
    """Unix time at which the alert was published; None while it is not known to be."""

    def includes(self, minute: int) -> bool:
        """Whether the minute is part of it, be it only between two that are out of the ordinary."""
        return self.first <= minute <= self.last


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the errors of one template."""

    id: str
    template: str
    level: str
    first: int
    """Minute since 1970 in which it, or one of its members, was first seen."""
    registered: int
    """Minute since 1970 from which on it is counted itself."""
    last_day: int
    """Day since 1970 on which it was last seen; it expires after that."""
    sample: str
    """The first message."""
    latest: str
    """The first message of the last day."""
    same_as: str = ""
    """Id of the more general signature that it is counted under."""
    members: tuple[str, ...] = ()
    """Ids of the signatures that were found to be this one; their counts are older than its own."""
    episodes: tuple[Episode, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all counts that are its own."""
        return self.id, *self.members

    def ids_since(self, minute: int) -> tuple[str, ...]:
        """Of counts from a minute on; invocations that were under way may have counted members a little longer."""
        return self.ids if minute < self.registered + _UNDER_WAY_MINUTES else (self.id,)

    def is_usual(self, minute: int) -> bool:
        """Whether a minute is part of no episode of a high rate."""
        return not any(each.kind is Kind.RATE and each.includes(minute) for each in self.episodes)


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A minute that is out of the ordinary."""

    kind: Kind
    minute: int
    count: int
    expected: float | None = None
    sample: str


def sighted(signature: Signature, sighting: Sighting, quiet: int) -> Signature:
    """The signature after a sighting, which belongs to a near episode of its kind or begins one."""
    for at, episode in enumerate(signature.episodes):
        near = episode.first - quiet <= sighting.minute <= episode.last + quiet
        if near and episode.kind is sighting.kind:
            longer = msgspec.structs.replace(
                episode,
                first=min(episode.first, sighting.minute),
                last=max(episode.last, sighting.minute),
                count=max(episode.count, sighting.count),
            )
            return _with(signature, at, longer)
    begun = Episode(
        kind=sighting.kind,
        first=sighting.minute,
        last=sighting.minute,
        count=sighting.count,
        expected=sighting.expected,
        sample=sighting.sample[:SAMPLE_CHARACTERS],
    )
    return msgspec.structs.replace(signature, episodes=_kept((*signature.episodes, begun)))


def claimed(signature: Signature, owner: str, now: float) -> tuple[Signature, tuple[Episode, ...]]:
    """The signature with those episodes claimed that nobody else has told of or is about to, and these episodes.

    Of claims that are the owner's already, the writing had no answer.
    """
    mine: list[Episode] = []
    for at, episode in enumerate(signature.episodes):
        free = episode.claimed_until < now or episode.claimed_by == owner
        if episode.told_at is None and free:
            claim = msgspec.structs.replace(episode, claimed_by=owner, claimed_until=now + CLAIM_SECONDS)
            signature = _with(signature, at, claim)
            mine.append(claim)
    return signature, tuple(mine)


def told(signature: Signature, episode: Episode, now: float) -> Signature:
    """The signature after an episode, which may have grown meanwhile, was told of."""
    for at, each in enumerate(signature.episodes):
        if each.kind is episode.kind and each.told_at is None and each.includes(episode.first):
            return _with(signature, at, msgspec.structs.replace(each, told_at=now))
    return signature


def seen_on(signature: Signature, day: int, message: str) -> Signature:
    """The signature after an error of a day."""
    if day <= signature.last_day:
        return signature
    return msgspec.structs.replace(signature, last_day=day, latest=message[:SAMPLE_CHARACTERS])


def _with(signature: Signature, at: int, episode: Episode) -> Signature:
    episodes = signature.episodes
    return msgspec.structs.replace(signature, episodes=(*episodes[:at], episode, *episodes[at + 1 :]))


def _kept(episodes: tuple[Episode, ...]) -> tuple[Episode, ...]:
    """The newest; what nobody has been told of stays in any case."""
    told_of = [each for each in episodes if each.told_at is not None]
    dropped = told_of[: max(0, len(episodes) - MOST_EPISODES)]
    return tuple(each for each in episodes if each not in dropped)
