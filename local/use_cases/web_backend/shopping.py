"""The feed by what its owner likes, and an order that comes back out of the read model."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal

from lambdas.web_backend.contract.models import Feed, Order, OrderList, Preferences, PriceList
from local.use_cases.chapters import Shown
from local.use_cases.clients import Reply, Transcript
from local.use_cases.outcome import Listing
from local.use_cases.waiting import wait_until_done
from local.use_cases.web_backend.pictures import Hung
from local.use_cases.web_backend.visit import Visit

_LIKES = {"cats": 1.0, "sea": 0.5, "space": -0.8}
_LINES = (("poster", 2), ("postcard", 12))


def feed(visit: Visit, transcript: Transcript, gallery: Sequence[Hung]) -> Shown:
    """Without a word the newest comes first; then what was looked at; then what is liked."""
    ask, owner = transcript.ask, visit.owner
    newest = [each.item.item_id for each in reversed(gallery)]
    before = ask("nothing is known: the newest first", owner, "GET /me/feed", expect=200).read(Feed)
    transcript.check([each.item.item_id for each in before.items] == newest, "the feed is not sorted by age")
    said = ask("what is liked: nothing yet", owner, "GET /me/preferences", expect=200)
    seen = {"if-match": said.headers.get("etag", "")}
    likes = ask("cats, please", owner, "PUT /me/preferences", expect=200, sends={"tags": _LIKES}, headers=seen)
    transcript.check(likes.read(Preferences).tags == _LIKES, "the preferences are not what was said")
    coffee = next(each.item.item_id for each in gallery if "coffee" in each.item.tags)
    ask("coffee was looked at", owner, f"PUT /me/views/{coffee}", expect=204)
    after = ask("what is liked and looked at comes first", owner, "GET /me/feed", expect=200).read(Feed)
    order = [each.item.tags[-1] for each in after.items]
    transcript.check(order[-1] == "space", f"what is disliked is not the last: {order}")
    transcript.check(sorted(order[:2]) == ["cats", "coffee"], f"what is liked and looked at is not first: {order}")
    rows = tuple((each.item.title, f"{each.score:.2f}", ", ".join(each.because)) for each in after.items)
    listing = Listing(title="The feed", heads=("Item", "Score", "Because of"), rows=rows, numbers=(1,))
    return Shown(listings=(listing,), facts=(("Likes", ", ".join(f"{tag} {like:+}" for tag, like in _LIKES.items())),))


def order(visit: Visit, transcript: Transcript, gallery: Sequence[Hung]) -> Shown:
    """Placed once though it was sent twice; table ETL brings it, and the day's total, into the list."""
    ask, owner = transcript.ask, visit.owner
    listed = ask("what prints cost", owner, "GET /products", expect=200).read(PriceList)
    prices = {str(each.product): each.price for each in listed.products}
    lines = [
        {"item_id": hung.item.item_id, "product": product, "quantity": quantity}
        for hung, (product, quantity) in zip(gallery, _LINES, strict=False)
    ]
    draft, once = {"lines": lines}, {"idempotency-key": str(uuid.uuid4())}
    placed = ask("an order is placed", owner, "POST /orders", expect=201, sends=draft, headers=once)
    again = ask("sent again, it is the same one", owner, "POST /orders", expect=201, sends=draft, headers=once)
    transcript.check(again.body == placed.body, "the second answer to an Idempotency-Key is not the first one")
    ask("of another one's items", visit.stranger, "POST /orders", expect=422, sends=draft)
    made = placed.read(Order)
    total = sum((prices[product] * quantity for product, quantity in _LINES), Decimal(0))
    transcript.check(made.total == total, f"the order's total is {made.total}, not {total}")
    path = f"/orders/{made.order_id}"
    found = ask("it is read", owner, f"GET {path}", expect=200).read(Order)
    transcript.check(found == made, "the order that is read is not the one that was placed")
    shown = _listed(visit, transcript)
    transcript.check(shown.orders == (made,), f"the list holds {shown.orders}, not the order alone")
    told = [(each.orders, each.revenue) for each in shown.totals]
    transcript.check(told == [(1, total)], f"the totals are {told}, not one order of {total}")
    return Shown(listings=(_receipt(made),), facts=(("Total of the day, of the read model", f"{total} EUR"),))


def _listed(visit: Visit, transcript: Transcript) -> OrderList:
    """The list, as soon as the order is in it."""
    replies: list[Reply] = []

    def left() -> tuple[str, ...]:
        replies.append(visit.owner.send("GET", "/orders"))
        found = replies[-1].read(OrderList)
        return () if found.orders and found.totals else ("no order is listed",)

    wait_until_done(left, "the order does not come out of table ETL")
    transcript.note("table ETL has brought it into the list", "GET /orders", replies[-1], expect=200)
    return replies[-1].read(OrderList)


def _receipt(made: Order) -> Listing:
    rows = tuple(
        (each.sku.partition(":")[0], f"{each.quantity}", f"{each.unit_price}", f"{each.quantity * each.unit_price}")
        for each in made.lines
    )
    heads = ("Print", "Pieces", "Each", "EUR")
    return Listing(title="The order", heads=heads, rows=(*rows, ("", "", "Total", f"{made.total}")), numbers=(1, 2, 3))
