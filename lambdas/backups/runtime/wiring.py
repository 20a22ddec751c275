"""Wires the Backup function out of its settings and clients of AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambdas.backups.adapters.buckets import S3Buckets
from lambdas.backups.adapters.copying import Copier
from lambdas.backups.adapters.exports import DynamoExports, ScanExports
from lambdas.backups.adapters.locks import Locks
from lambdas.backups.adapters.multipart import MultipartCopy
from lambdas.backups.adapters.reports import SnsReports
from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.adapters.tables import DynamoBackups, DynamoTables
from lambdas.backups.adapters.vault import S3Vault
from lambdas.backups.adapters.volumes import Ec2Snapshots, Ec2Volumes
from lambdas.backups.contract import BackupSettings
from lambdas.backups.contract.records import Kind
from lambdas.backups.ports import Resources, TableExports
from lambdas.backups.workflow.advancing import Advancer
from lambdas.backups.workflow.beginning import Beginner
from lambdas.backups.workflow.buckets import BucketRoute
from lambdas.backups.workflow.leases import Leases
from lambdas.backups.workflow.outcome import Outcome
from lambdas.backups.workflow.retaining import Retainer, Route
from lambdas.backups.workflow.running import Runner
from lambdas.backups.workflow.tables import Tables
from lambdas.backups.workflow.volumes import Volumes
from lambdas.backups.workflow.working import Worker
from lambdas.common.side_by_side import Together

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Clients of AWS; those of the name ``once`` repeat no call by themselves."""

    dynamodb: DynamoDBClient
    dynamodb_once: DynamoDBClient
    s3: S3Client
    ec2: EC2Client
    ec2_once: EC2Client
    sns: SNSClient


def advancer(
    settings: BackupSettings,
    clients: Clients,
    now: Callable[[], datetime],
    together: Together,
    told: Callable[[Outcome], None],
) -> Advancer:
    """The whole of the function's workflow."""
    status = DynamoStatus(clients.dynamodb, settings.status_table_name)
    leases = Leases(status, timedelta(seconds=settings.lease_seconds), now)
    buckets = _buckets(settings, clients, together)
    lock = timedelta(days=settings.lock.days) if settings.lock else None
    vault = S3Vault(clients.s3, settings.vault_bucket_name, _locks(settings, clients), together)
    bucket_route = BucketRoute(buckets, vault, lock, now)
    routes: Mapping[Kind, Route] = {
        Kind.TABLE: Tables(
            DynamoBackups(clients.dynamodb, clients.dynamodb_once), _exports(settings, clients), vault, lock, now
        ),
        Kind.BUCKET: bucket_route,
        Kind.VOLUME: Volumes(Ec2Snapshots(clients.ec2, clients.ec2_once), now),
    }
    resources: Mapping[Kind, Resources] = {
        Kind.TABLE: DynamoTables(clients.dynamodb),
        Kind.BUCKET: buckets,
        Kind.VOLUME: Ec2Volumes(clients.ec2, settings.volume_arn_prefix),
    }
    policies = {policy.name: policy for policy in settings.policies}
    return Advancer(
        status=status,
        beginner=Beginner(status, now),
        runner=Runner(status, leases, resources, SnsReports(clients.sns, settings.reports_topic_arn)),
        worker=Worker(status, leases, routes, bucket_route, Retainer(status, routes, policies, now), lock),
        policies=settings.policies,
        now=now,
        told=told,
    )


def _locks(settings: BackupSettings, clients: Clients) -> Locks:
    return Locks(clients.s3, settings.vault_bucket_name, settings.lock.mode if settings.lock else "GOVERNANCE")


def _buckets(settings: BackupSettings, clients: Clients, together: Together) -> S3Buckets:
    vault, locks = settings.vault_bucket_name, _locks(settings, clients)
    copier = Copier(clients.s3, vault, locks, MultipartCopy(clients.s3, vault, locks, together))
    return S3Buckets(clients.s3, vault, copier, together)


def _exports(settings: BackupSettings, clients: Clients) -> TableExports:
    if settings.exporter == "dynamodb":
        return DynamoExports(clients.dynamodb, settings.vault_bucket_name)
    return ScanExports(clients.dynamodb, clients.s3, settings.vault_bucket_name)
