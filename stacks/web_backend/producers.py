"""What other use cases give to the web backend."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3

from lambdas.common.tables.pictures.layout import RENDITIONS_PREFIX
from lambdas.common.tables.read_model.layout import VIEW_INDEX
from lambdas.web_backend.contract import UPLOADS_PREFIX, Pictures, Wiring
from stacks.blocks.function import GrantTo, allow


@dataclass(frozen=True, kw_only=True)
class PictureProducer:
    """Image processing, which lets CloudFront read its renditions."""

    uploads: s3.IBucket
    renditions: s3.IBucket
    catalog: dynamodb.ITable


@dataclass(frozen=True, kw_only=True)
class ShopProducer:
    """Table ETL, whose source is the shop's table."""

    orders: dynamodb.ITable
    read_model: dynamodb.ITable


@dataclass(frozen=True, kw_only=True)
class Producers:
    """Those that are wired; routes that need others are not there."""

    pictures: PictureProducer | None = None
    metrics: dynamodb.ITable | None = None
    """Of stream analytics."""
    shop: ShopProducer | None = None

    @property
    def wiring(self) -> Wiring:
        """Where the function finds them."""
        pictures, shop = self.pictures, self.shop
        return Wiring(
            pictures=Pictures(
                uploads_bucket_name=pictures.uploads.bucket_name,
                renditions_bucket_name=pictures.renditions.bucket_name,
                catalog_table_name=pictures.catalog.table_name,
            )
            if pictures
            else None,
            metrics_table_name=self.metrics.table_name if self.metrics else None,
            shop_table_name=shop.orders.table_name if shop else None,
            read_model_table_name=shop.read_model.table_name if shop else None,
        )

    @property
    def grants(self) -> list[GrantTo]:
        """Exactly the calls of ``lambdas/web_backend/adapters`` to what is wired."""
        return [*_pictures(self.pictures), *_metrics(self.metrics), *_shop(self.shop)]


def _pictures(pictures: PictureProducer | None) -> list[GrantTo]:
    """A signed form lets its holder do what its signer may."""
    if not pictures:
        return []
    uploads = pictures.uploads.arn_for_objects(f"{UPLOADS_PREFIX}*")
    renditions = pictures.renditions.arn_for_objects(f"{RENDITIONS_PREFIX}*")
    return [
        allow("s3:PutObject", on=[uploads], wildcard="uploads are named by users and ids: any key of this prefix"),
        allow("s3:GetObject", on=[renditions], wildcard="renditions are named by digests: any key of this prefix"),
        # Who may list a bucket is told that an object is gone, others that they may not see it.
        allow("s3:ListBucket", on=[pictures.renditions.bucket_arn]),
        allow("dynamodb:GetItem", on=[pictures.catalog.table_arn]),
    ]


def _metrics(metrics: dynamodb.ITable | None) -> list[GrantTo]:
    return [allow("dynamodb:Query", on=[metrics.table_arn])] if metrics else []


def _shop(shop: ShopProducer | None) -> list[GrantTo]:
    if not shop:
        return []
    index = f"{shop.read_model.table_arn}/index/{VIEW_INDEX}"
    return [
        allow("dynamodb:GetItem", "dynamodb:PutItem", on=[shop.orders.table_arn]),
        allow("dynamodb:Query", on=[shop.read_model.table_arn, index]),
    ]
