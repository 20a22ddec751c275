"""Prints of items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from msgspec import Struct

from lambdas.common.http.exchange import Answer, Call, answer
from lambdas.common.http.problems import Fault, ProblemError
from lambdas.common.http.routes import Nothing
from lambdas.common.ids import new_id
from lambdas.web_backend.contract.models import OrderDraft, OrderList, OrderPath, OrdersQuery
from lambdas.web_backend.domain.prices import PRICE_LIST, priced
from lambdas.web_backend.ports import MissingItemsError, Orders
from lambdas.web_backend.workflow.problems import not_found
from lambdas.web_backend.workflow.replies import reply, settled

DAYS = 31
"""Of totals in a list of orders, today included."""


class OrderOperations(Struct, frozen=True):
    """What can be done with orders. ``now`` is the time in whole milliseconds, which is in an order's id, too."""

    orders: Orders
    now: Callable[[], datetime]

    def products(self, _: Call[Nothing, Nothing, Nothing]) -> Answer:
        """What there is to be ordered."""
        return answer(200, PRICE_LIST)

    def create(self, call: Call[Nothing, Nothing, OrderDraft]) -> Answer:
        """Places an order of the user's own items."""
        now = self.now()
        order = priced(call.body, new_id(now), now)
        made = answer(201, order, location=f"orders/{order.order_id}")
        item_ids = sorted({line.item_id for line in call.body.lines})
        try:
            remembered = self.orders.place(call.user_id, order, item_ids, reply(call.idempotency, made, now))
        except MissingItemsError as error:
            raise _without(call.body, error) from error
        return settled(made, call.idempotency, remembered)

    def get(self, call: Call[OrderPath, Nothing, Nothing]) -> Answer:
        """One order."""
        found = self.orders.find(call.user_id, call.parameters.order_id)
        if found is None:
            raise not_found("order")
        return answer(200, found)

    def list(self, call: Call[Nothing, OrdersQuery, Nothing]) -> Answer:
        """The newest orders, and totals of the last days."""
        today = self.now().date()
        totals = self.orders.totals(call.user_id, str(today - timedelta(days=DAYS - 1)), str(today))
        orders = self.orders.newest(call.user_id, call.query.limit)
        return answer(200, OrderList(orders=tuple(orders), totals=tuple(totals)))


def _without(draft: OrderDraft, error: MissingItemsError) -> ProblemError:
    faults = tuple(
        Fault(f"#/lines/{at}/item_id", "you have no such item")
        for at, line in enumerate(draft.lines)
        if line.item_id in error.item_ids
    )
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "the body is not as it should be: you can order your own items", errors=faults
    )
