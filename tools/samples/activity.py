"""Users of an application, signed in by e-mail addresses that they spell as they like."""

from __future__ import annotations

from datetime import datetime
from random import Random

from tools.samples.base import Content, Fault, Made, Sample, Tally, encode, item, pick, untrimmed

_USERS = [f"user.{number}@mail.example" for number in range(300)]
_FEATURES = ["search", "export", "share", "dark mode", "comments", "révisions"]
_VERSIONS = ["5.1.0", "5.0.3", "4.9.9"]


def _make(random: Random, time: datetime) -> Made:
    user, feature = pick(random, _USERS), pick(random, _FEATURES)
    content: Content = {
        "user": untrimmed(random, random.choice((user, user, user.title(), user.upper()))),
        "feature": untrimmed(random, feature.replace(" ", random.choice((" ", "  ", "\t")))),
        "version": untrimmed(random, pick(random, _VERSIONS)),
    }

    def tell(tally: Tally) -> None:
        tally.distinct[item("activity.active_users", "", time)].add(user)
        tally.counts[item("activity.feature_use", feature, time)] += 1

    return Made(user, content, tell)


SAMPLE = Sample(
    "activity",
    _make,
    faults=(
        Fault("wrong_schema", lambda content: encode(content | {"feature": ""})),
        Fault("wrong_schema", lambda content: encode(content | {"version": 5})),
    ),
)
