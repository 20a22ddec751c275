"""Posts with tags, handles and moods in four languages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random

from tools.samples.base import Content, Fault, Made, Sample, Tally, encode, item, pick, untrimmed

_TAGS = ["aurora", "coffee", "python", "straße", "日本", "हिन्दी", *(f"topic{number}" for number in range(30))]
_SPELT = {"straße": "STRASSE", "aurora": "Aurora", "python": "PYTHON", "coffee": "coFFee"}
_COUNTED = {"straße": "strasse"}
_HANDLES = ["ada", "grace", "linus_t", "zoë"]
_MOODS = {
    "I love it, works great": 3,
    "terrible, it crashes": -2,
    "good news and bad news": 0,
    "we shall see": 0,
    "the best, simply perfect, wonderful, brilliant, amazing, awesome": 5,
}
_FOREIGN = {"de": "ich war auch da", "pt-BR": "bom dia", "zh-Hant-TW": "你好"}


def _make(random: Random, time: datetime) -> Made:
    tags = {pick(random, _TAGS) for _ in range(random.randrange(4))}
    handles = {pick(random, _HANDLES) for _ in range(random.randrange(3))}
    language = pick(random, ["en", "en-GB", *_FOREIGN])
    words = _FOREIGN.get(language) or random.choice(list(_MOODS))
    marks = [f"#{random.choice((tag, _SPELT.get(tag, tag)))}" for tag in tags]
    marks += [f"#{tag}" for tag in tags if random.random() < 0.1]  # a tag twice in a post is one post with the tag
    marks += [f"@{random.choice((name, name.title()))}" for name in handles]
    text = f"{words}: {' '.join(marks)} #1 mail@post.example https://post.example/a#top"
    author = f"author_{random.randrange(500)}"
    content: Content = {"author": untrimmed(random, author), "text": untrimmed(random, text), "language": language}

    def tell(tally: Tally) -> None:
        tally.counts[item("social.posts", language, time)] += 1
        if tags:
            tally.top[item("social.hashtags", "", time)].update(_COUNTED.get(tag, tag) for tag in tags)
        if handles:
            tally.top[item("social.mentions", "", time)].update(handles)
        if language not in _FOREIGN:
            tally.stats[item("social.sentiment", "", time)].append(Decimal(_MOODS[words]))

    return Made(author, content, tell)


SAMPLE = Sample(
    "social",
    _make,
    faults=(
        Fault("wrong_schema", lambda content: encode(content | {"language": "English"})),
        Fault("wrong_schema", lambda content: encode(content | {"text": "x" * 8193})),
    ),
)
