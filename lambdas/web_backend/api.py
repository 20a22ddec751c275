"""Lambda function behind the web backend's HTTP API: every request is checked against the contract and answered."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from lambdas.common import clients
from lambdas.common.http.api import Api, Bound, bind
from lambdas.common.http.gateway import http_api_request, response
from lambdas.common.http.serving import serve
from lambdas.common.observability import InvocationContext, Observability
from lambdas.common.side_by_side import side_by_side
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.common.tables.pictures.reader import PicturesReader
from lambdas.common.tables.read_model.reader import ReadModelReader
from lambdas.web_backend.adapters.document import DocumentFile
from lambdas.web_backend.adapters.entries import Entries
from lambdas.web_backend.adapters.items import DynamoItems
from lambdas.web_backend.adapters.me import DynamoLikes, DynamoViews
from lambdas.web_backend.adapters.metrics import StreamMetrics
from lambdas.web_backend.adapters.pictures import ProcessedPictures
from lambdas.web_backend.adapters.shop import ShopOrders
from lambdas.web_backend.adapters.uploads import BrowserUploads
from lambdas.web_backend.contract import ApiSettings, Limits, Pictures, routes
from lambdas.web_backend.workflow.images import ImageOperations
from lambdas.web_backend.workflow.items import ItemOperations
from lambdas.web_backend.workflow.me import MyOperations
from lambdas.web_backend.workflow.orders import OrderOperations
from lambdas.web_backend.workflow.series import SeriesOperations
from lambdas.web_backend.workflow.service import ServiceOperations
from lambdas.web_backend.workflow.uploads import UploadOperations

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DOCUMENT = Path(__file__).with_name("openapi.json")

SIGNING = clients.QUICK.merge(
    Config(
        # By itself boto3 signs forms for us-east-1 by version 2, which buckets made since June 2020 refuse.
        signature_version="s3v4",
        # The address of a bucket in its own Region: the global one answers elsewhere with a redirect, and browsers
        # follow none when they send a form to another origin. It also is the one that the page may talk to.
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
)
"""For S3, whose forms go to browsers."""


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    api: Api


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = ApiSettings.from_env(os.environ)
    return Runtime(Observability(settings), make_api(settings))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Answers one request."""
    observability, api = runtime().observability, runtime().api
    with observability.invocation(context):
        request = http_api_request(event)
        return response(serve(api, observability, request), request.request_id)


def make_api(settings: ApiSettings) -> Api:
    """The routes for which this stage wires what they need, with what answers them."""
    entries = Entries(clients.client("dynamodb", clients.QUICK), settings.items_table_name, time.sleep)
    wiring, limits = settings.wiring, settings.limits
    bound = [*_own(entries)]
    if wiring.pictures:
        bound += _of_pictures(entries, wiring.pictures, limits)
    if wiring.shop_table_name and wiring.read_model_table_name:
        bound += _of_shop(entries, wiring.shop_table_name, wiring.read_model_table_name)
    if wiring.metrics_table_name:
        reader = MetricsReader(entries.client, wiring.metrics_table_name, limits.max_series_megabytes)
        bound.append(bind(routes.GET_SERIES, SeriesOperations(StreamMetrics(reader), limits.max_points).get))
    return Api(bound, max_body_bytes=limits.max_body_bytes)


def _own(entries: Entries) -> Iterator[Bound]:
    service = ServiceOperations(DocumentFile(DOCUMENT))
    yield bind(routes.HEALTH, service.health)
    yield bind(routes.OPENAPI, service.openapi)
    items = ItemOperations(DynamoItems(entries), _now)
    yield bind(routes.LIST_ITEMS, items.list)
    yield bind(routes.CREATE_ITEM, items.create)
    yield bind(routes.GET_ITEM, items.get)
    yield bind(routes.UPDATE_ITEM, items.update)
    yield bind(routes.DELETE_ITEM, items.delete)
    mine = MyOperations(items.items, DynamoLikes(entries), DynamoViews(entries, _now), side_by_side, _now)
    yield bind(routes.GET_PREFERENCES, mine.get_preferences)
    yield bind(routes.SET_PREFERENCES, mine.set_preferences)
    yield bind(routes.RECORD_VIEW, mine.record_view)
    yield bind(routes.GET_FEED, mine.get_feed)


def _of_pictures(entries: Entries, wired: Pictures, limits: Limits) -> Iterator[Bound]:
    # Most requests need no S3: its client is made for the first that does.
    @cache
    def s3() -> S3Client:
        client: S3Client = clients.client("s3", SIGNING)
        return client

    def reader() -> PicturesReader:
        return PicturesReader(entries.client, wired.catalog_table_name, s3(), wired.renditions_bucket_name)

    uploads = BrowserUploads(entries, s3, wired.uploads_bucket_name, limits, _now)
    yield bind(routes.CREATE_UPLOAD, UploadOperations(uploads, _now).create)
    pictures = ProcessedPictures(reader, wired.uploads_bucket_name)
    yield bind(routes.GET_IMAGE, ImageOperations(pictures, uploads).get)


def _of_shop(entries: Entries, table_name: str, read_model_table_name: str) -> Iterator[Bound]:
    orders = ShopOrders(entries, table_name, ReadModelReader(entries.client, read_model_table_name))
    operations = OrderOperations(orders, _now)
    yield bind(routes.LIST_PRODUCTS, operations.products)
    yield bind(routes.LIST_ORDERS, operations.list)
    yield bind(routes.CREATE_ORDER, operations.create)
    yield bind(routes.GET_ORDER, operations.get)


def _now() -> datetime:
    """In whole milliseconds, as ids tell it."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)
