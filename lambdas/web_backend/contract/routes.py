"""Every route of the web backend."""

from __future__ import annotations

from typing import Any

from lambdas.common.http.routes import AnyRoute, Route, Throttle
from lambdas.web_backend.contract import Need
from lambdas.web_backend.contract.models import (
    Feed,
    FeedQuery,
    Health,
    Image,
    ImagePath,
    Item,
    ItemDraft,
    ItemPage,
    ItemPath,
    MetricPath,
    Order,
    OrderDraft,
    OrderList,
    OrderPath,
    OrdersQuery,
    PageQuery,
    Preferences,
    PriceList,
    Series,
    SeriesQuery,
    Upload,
    UploadDraft,
)

HEALTH = Route(
    method="GET", path="/health", operation="get_health", summary="Whether it runs", answer=Health, scopes=None
)
OPENAPI = Route(
    method="GET",
    path="/openapi.json",
    operation="get_openapi",
    summary="This document",
    answer=dict[str, Any],
    scopes=None,
    etag=True,
)

LIST_ITEMS = Route(
    method="GET",
    path="/items",
    operation="list_items",
    summary="Your items, newest first",
    query=PageQuery,
    answer=ItemPage,
)
CREATE_ITEM = Route(
    method="POST",
    path="/items",
    operation="create_item",
    summary="Make an item",
    body=ItemDraft,
    status=201,
    answer=Item,
    idempotent=True,
    etag=True,
    location=True,
)
GET_ITEM = Route(
    method="GET",
    path="/items/{item_id}",
    operation="get_item",
    summary="One item",
    parameters=ItemPath,
    answer=Item,
    etag=True,
    problems=(404,),
)
UPDATE_ITEM = Route(
    method="PUT",
    path="/items/{item_id}",
    operation="update_item",
    summary="Replace what is said of an item, unless somebody else has meanwhile",
    parameters=ItemPath,
    body=ItemDraft,
    answer=Item,
    if_match="required",
    etag=True,
    problems=(404,),
)
DELETE_ITEM = Route(
    method="DELETE",
    path="/items/{item_id}",
    operation="delete_item",
    summary="Delete an item",
    parameters=ItemPath,
    status=204,
    if_match="heard",
    problems=(404,),
)

GET_PREFERENCES = Route(
    method="GET",
    path="/me/preferences",
    operation="get_preferences",
    summary="What you like; nothing in particular until you say so",
    answer=Preferences,
    etag=True,
)
SET_PREFERENCES = Route(
    method="PUT",
    path="/me/preferences",
    operation="set_preferences",
    summary="Say what you like",
    body=Preferences,
    answer=Preferences,
    if_match="required",
    etag=True,
)
RECORD_VIEW = Route(
    method="PUT",
    path="/me/views/{item_id}",
    operation="record_view",
    summary="Tell that you looked at an item, for your feed",
    parameters=ItemPath,
    status=204,
    problems=(404,),
)
GET_FEED = Route(
    method="GET",
    path="/me/feed",
    operation="get_feed",
    summary="Your items by what you like and what you looked at lately",
    query=FeedQuery,
    answer=Feed,
)

CREATE_UPLOAD = Route(
    method="POST",
    path="/uploads",
    operation="create_upload",
    summary="Get a form to upload a picture with",
    body=UploadDraft,
    status=201,
    answer=Upload,
    idempotent=True,
    location=True,
    throttle=Throttle(rate=20, burst=40),
    needs=Need.PICTURES,
)
GET_IMAGE = Route(
    method="GET",
    path="/images/{image_id}",
    operation="get_image",
    summary="What image processing made of an upload",
    parameters=ImagePath,
    answer=Image,
    problems=(404,),
    needs=Need.PICTURES,
)

LIST_PRODUCTS = Route(
    method="GET",
    path="/products",
    operation="list_products",
    summary="What items can be printed as, and prices",
    answer=PriceList,
    needs=Need.SHOP,
)
LIST_ORDERS = Route(
    method="GET",
    path="/orders",
    operation="list_orders",
    summary="Your newest orders, and totals by day",
    query=OrdersQuery,
    answer=OrderList,
    needs=Need.SHOP,
)
CREATE_ORDER = Route(
    method="POST",
    path="/orders",
    operation="create_order",
    summary="Order prints of your items",
    body=OrderDraft,
    status=201,
    answer=Order,
    idempotent=True,
    location=True,
    throttle=Throttle(rate=10, burst=20),
    needs=Need.SHOP,
)
GET_ORDER = Route(
    method="GET",
    path="/orders/{order_id}",
    operation="get_order",
    summary="One order",
    parameters=OrderPath,
    answer=Order,
    problems=(404,),
    needs=Need.SHOP,
)

GET_SERIES = Route(
    method="GET",
    path="/metrics/{metric}",
    operation="get_series",
    summary="A metric of the event stream over time",
    parameters=MetricPath,
    query=SeriesQuery,
    answer=Series,
    problems=(400,),
    throttle=Throttle(rate=20, burst=40),
    needs=Need.METRICS,
)

ROUTES: tuple[AnyRoute, ...] = (
    HEALTH,
    OPENAPI,
    LIST_ITEMS,
    CREATE_ITEM,
    GET_ITEM,
    UPDATE_ITEM,
    DELETE_ITEM,
    GET_PREFERENCES,
    SET_PREFERENCES,
    RECORD_VIEW,
    GET_FEED,
    CREATE_UPLOAD,
    GET_IMAGE,
    LIST_PRODUCTS,
    LIST_ORDERS,
    CREATE_ORDER,
    GET_ORDER,
    GET_SERIES,
)


def wired(needs_met: frozenset[str]) -> tuple[AnyRoute, ...]:
    """Routes that are there when these needs are met."""
    return tuple(each for each in ROUTES if each.needs is None or each.needs in needs_met)
