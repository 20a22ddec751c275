"""Activity in an application: active users and feature use per minute."""

from __future__ import annotations

from operator import attrgetter

from lambdas.stream_analytics.domain.cleansing import PERSONAL_EMAIL, TRIM
from lambdas.stream_analytics.domain.events import Event, Name
from lambdas.stream_analytics.domain.recipe import Recipe, count, distinct


class Activity(Event, tag="activity"):
    """Somebody used a feature of the application."""

    user: Name
    """The e-mail address that they signed in with; kept as a pseudonym, the same as a customer's in ``orders``."""
    feature: Name
    version: Name
    """Of the application."""


RECIPE = Recipe(
    event=Activity,
    cleanse={"user": PERSONAL_EMAIL, "feature": TRIM, "version": TRIM},
    measures=(
        distinct("active_users", attrgetter("user")),
        count("feature_use", by=attrgetter("feature")),
    ),
    entities={"user": lambda activity: (activity.user,)},
)
