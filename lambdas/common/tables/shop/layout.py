"""Layout of the shop's table: customers, their orders and returns, in one table.

One partition holds a customer with all that is theirs. Sort keys of orders and returns begin with the time at which
they came about, so that they sort by it, and so that the day of an item stands in its key, which never changes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

PARTITION_KEY = "pk"
SORT_KEY = "sk"

CUSTOMER = "customer#"
"""Partition keys begin with it."""
PROFILE = "profile"
"""Sort key of the customer themself."""
ORDER = "order#"
RETURN = "return#"
"""Sort keys of orders and returns begin with these; time and id follow: ``order#2026-11-25T10:00:00.000Z#o-1``."""

_SEPARATOR = "#"


def customer_key(customer_id: str) -> dict[str, str]:
    """Key of a customer's profile."""
    return {PARTITION_KEY: f"{CUSTOMER}{customer_id}", SORT_KEY: PROFILE}


def order_key(customer_id: str, placed_at: datetime, order_id: str) -> dict[str, str]:
    """Key of an order, by the time at which it was placed."""
    return {PARTITION_KEY: f"{CUSTOMER}{customer_id}", SORT_KEY: _timed(ORDER, placed_at, order_id)}


def return_key(customer_id: str, returned_at: datetime, return_id: str) -> dict[str, str]:
    """Key of a return, by the time at which it came in."""
    return {PARTITION_KEY: f"{CUSTOMER}{customer_id}", SORT_KEY: _timed(RETURN, returned_at, return_id)}


def day_of(sort_key: str) -> date:
    """Day (UTC) of an order or a return.

    Raises:
        ValueError: the sort key holds no time, or one without a zone.
    """
    _, _, rest = sort_key.partition(_SEPARATOR)
    moment = datetime.fromisoformat(rest.partition(_SEPARATOR)[0])
    if moment.tzinfo is None:
        raise ValueError(f"the time in {sort_key!r} has no zone")
    return moment.astimezone(UTC).date()


def _timed(prefix: str, moment: datetime, identity: str) -> str:
    return f"{prefix}{format_time(moment)}{_SEPARATOR}{identity}"


def format_time(moment: datetime) -> str:
    """UTC with milliseconds and ``Z``; sorts as time does.

    Raises:
        ValueError: in UTC it is in none of the years 1 to 9999.
    """
    try:
        utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
        return f"{utc.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
    except OverflowError as error:
        raise ValueError(f"{moment.isoformat()} is beyond the years 1 to 9999 in UTC") from error
