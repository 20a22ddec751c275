"""What the web backend promises: settings, the items table, object keys; `routes` and their `models` stand beside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from lambdas.common.settings import Settings

Positive = Annotated[int, msgspec.Meta(ge=1)]

# --- settings -------------------------------------------------------------------------------------------------------


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken of clients."""

    max_body_bytes: Positive = 64 * 1024
    max_upload_bytes: Positive = 32 * 1024 * 1024
    """Image processing takes no larger pictures by default."""
    upload_minutes: Positive = 15
    """That the form of an upload can be used."""
    max_points: Positive = 1_500
    """Of a time series in one answer."""
    max_series_megabytes: Positive = 32
    """Of values that are read for a time series, whatever its steps are: a month of minutes of a metric that counts."""


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """Image processing, when it is wired."""

    uploads_bucket_name: str
    renditions_bucket_name: str
    catalog_table_name: str


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """What of other use cases this stage wires; routes that need what is not there are left out."""

    pictures: Pictures | None = None
    metrics_table_name: str | None = None
    """Of stream analytics."""
    shop_table_name: str | None = None
    """Source of table ETL."""
    read_model_table_name: str | None = None
    """Of table ETL; goes with the shop's table."""

    @property
    def needs_met(self) -> frozenset[str]:
        """What routes may need, see `Need`."""
        met = {
            Need.PICTURES: self.pictures,
            Need.METRICS: self.metrics_table_name,
            Need.SHOP: self.shop_table_name and self.read_model_table_name,
        }
        return frozenset(need for need, wired in met.items() if wired)


class Need(StrEnum):
    """What a route may need of other use cases."""

    PICTURES = "pictures"
    METRICS = "metrics"
    SHOP = "shop"


@dataclass(frozen=True, kw_only=True)
class ApiSettings(Settings):
    """Environment of the Api function."""

    items_table_name: str
    limits: Limits
    wiring: Wiring


# --- items table ----------------------------------------------------------------------------------------------------

USER_ID = "user_id"
"""Partition key: subject of the user's token. Nobody reaches another one's partition."""
ENTRY = "entry"
"""Sort key: what it is, and its id."""
EXPIRES_AT = "expires_at"
"""Time to live, in Unix seconds, of entries that are not kept for good."""

ITEM = "item#"
"""Sort keys of items begin with it; ids follow, which sort by the time at which they were made."""
UPLOAD = "upload#"
VIEW = "view#"
PREFERENCES = "preferences"
IDEMPOTENCY = "idempotency#"
"""Operation and key follow."""

IDEMPOTENCY_HOURS = 24
UPLOAD_DAYS = 7
"""That an upload is waited for."""
VIEW_DAYS = 30

REVISION = "revision"
"""Attribute that changes with every change of an entry; its ETag."""
UNSAID = "0"
"""Revision of preferences while a user has not said any."""


# --- objects --------------------------------------------------------------------------------------------------------

UPLOADS_PREFIX = "users/"


def upload_key(user_id: str, upload_id: str) -> str:
    """Object key of an upload: in its user's own prefix, and never used twice."""
    return f"{UPLOADS_PREFIX}{user_id}/{upload_id}"
