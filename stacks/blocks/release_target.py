"""Functions that a deployment publishes and a release controller puts into use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.blocks.alarms import Alarms
from stacks.blocks.fields import check_fields
from stacks.blocks.policy import SharedPolicy

_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class ReleaseTargetConfig:
    """How a function is released.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    alias_name: Annotated[str, msgspec.Meta(pattern=r"\A(?![0-9]+\Z)[a-zA-Z0-9_-]{1,128}\Z")] = "live"
    first_version: Annotated[str, msgspec.Meta(pattern=r"\A[1-9][0-9]*\Z")] = "1"
    """What the alias stands on until somebody moves it. Numbers begin at 1 and are never used again: for a function
    that has published versions before name the one that serves now, or the next; its callers would get the very first.
    Once deployed leave it as it is: a change would move the alias."""
    alarm_minutes: Annotated[int, msgspec.Meta(ge=1, le=_DAY_MINUTES)] = 15
    """How long an error is held against the alias: as long as a canary at least, who would else forget an error of its
    first minutes until it is asked."""

    def __post_init__(self) -> None:
        check_fields(self)


class ReleaseTarget(Construct):
    """Lets a function be released by moving ``alias``; deployments publish versions, and never move it.

    CloudFormation makes the alias on a version whose number is text in the template. It updates resources that differ
    from the template before, so that what others make of the alias stays; for that it has no property that anybody
    could want to change. The number cannot be taken from a resource: the current version is another one after each
    deployment, and Lambda publishes the same code once only, so that a second resource, for the first version, would
    fail.

    Versions stay when their resource goes; Lambda counts the code of all of them, 75 GB for an account. What a
    deployment published before it failed goes with it, though: nobody should release that, and Lambda would not publish
    the same code for the next attempt.

    Whatever calls the function has to call ``alias``, with permissions and retries of its own: those of the function
    are those of its unpublished code.

    A release is taken back by ``alarm``, which `watch` makes.

    Attributes are L2 constructs: ``function``, ``alias``, ``alarm``, and ``alarms``, which holds it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.Function,
        config: ReleaseTargetConfig,
        shared: SharedPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = function
        newest = function.current_version
        newest.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.alias = lambda_.Alias(
            self,
            "Alias",
            alias_name=config.alias_name,
            version=lambda_.Version.from_version_attributes(
                self, "First", lambda_=function, version=config.first_version
            ),
        )
        # The first deployment publishes what the alias begins with.
        self.alias.node.add_dependency(newest)
        self.alarms = Alarms(self, "Alarms", shared)
        self._alarm_minutes = config.alarm_minutes
        self.alarm: cloudwatch.Alarm

    def watch(self, errors: cloudwatch.Metric) -> None:
        """Has a release that is under way taken back, and none begun, once there are ``errors``.

        Of the alias they are invocations that failed. What a function answers for itself, 503 for one, is none of them:
        behind an API take the gateway's, which count both.
        """
        self.alarm = self.alarms.above(
            "Errors",
            errors.with_(period=Duration.minutes(1), statistic="Sum"),
            0,
            "what is released failed: a release that is under way is taken back",
            periods=self._alarm_minutes,
        )
