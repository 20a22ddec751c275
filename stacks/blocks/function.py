"""One Lambda function: its module says everything that can be derived, its config says the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from aws_cdk import Duration, IgnoreMode, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.common.settings import Settings
from stacks.blocks.fields import Positive
from stacks.blocks.layer import layer
from stacks.blocks.nag import acknowledge, acknowledge_wildcards
from stacks.blocks.policy import LambdaTarget, SharedPolicy

ROOT = Path(__file__).parents[2]

GrantTo = Callable[[iam.IGrantable], object]

_CHOSEN_RUNTIME = (
    "the stage's target names the runtime, and layers are built for it: a newer one is taken on purpose, together with "
    "its layers, not by an update of the CDK"
)
_FUNCTION_FINDINGS = {
    "AwsSolutions-L1": _CHOSEN_RUNTIME,
    "Serverless-LambdaLatestVersion": _CHOSEN_RUNTIME,
}
_NO_DEAD_LETTER_QUEUE = {
    "Serverless-LambdaDLQ": "the on-failure destination keeps the whole event and the error; a dead-letter queue "
    "beside it would keep the event twice",
}

INCLUDED_STORAGE_MB = 512
"""What every function has as temporary directory without being paid for."""


@dataclass(frozen=True, kw_only=True)
class FunctionConfig:
    """How a function runs; 1769 MB is the memory at which Lambda gives one whole vCPU."""

    memory_mb: Annotated[int, msgspec.Meta(ge=128, le=10_240)] = 1769
    timeout_seconds: Annotated[int, msgspec.Meta(ge=1, le=900)] = 120
    max_concurrency: Positive | None = None
    """Invocations at a time; further asynchronous events wait in Lambda, for up to 6 hours, and use up no retry."""
    storage_mb: Annotated[int, msgspec.Meta(ge=512, le=10_240)] = INCLUDED_STORAGE_MB
    """Of the temporary directory; more than the default is paid for by the second."""


class HandlerFunction(Construct):
    """Function of one handler module under ``lambdas/<slice>/``.

    The module gives the asset (its slice and ``lambdas/common``), the handler's path, and a layer of its own where
    ``requirements-<module>.txt`` stands beside it; the settings are the environment; the grants are made to its role.

    Asynchronous sources need ``on_failure``, which gets the events that nothing could handle. Streams and queues have
    destinations of their own, see `StreamSource` and `QueueSource`; cdk-nag speaks up where a function has none.

    ``log_group`` is for functions that have to know where they write; others get one of their own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        module: str,
        description: str,
        settings: Settings,
        grants: Sequence[GrantTo],
        config: FunctionConfig,
        shared: SharedPolicy,
        on_failure: sqs.IQueue | None = None,
        log_group: logs.LogGroup | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.log_group = log_group or log_group_of(self, "Logs", shared)
        self.role = self._role()
        self.function = self._function(module, description, settings, config, shared.target)
        if on_failure:
            self._keep_failed_events(on_failure)
        for grant in grants:
            grant(self.function)

    def _function(
        self, module: str, description: str, settings: Settings, config: FunctionConfig, target: LambdaTarget
    ) -> lambda_.Function:
        source = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        if not source.is_file():
            raise FileNotFoundError(f"{self.node.id}: there is no module {module}; it would stand in {source}")
        function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=target.runtime,
            architecture=target.architecture,
            handler=f"{module}.handler",
            code=_slice_code(source.parent.name),
            layers=[layer(Stack.of(self), path, target) for path in _requirements(source)],
            environment=settings.to_env(),
            memory_size=config.memory_mb,
            timeout=Duration.seconds(config.timeout_seconds),
            ephemeral_storage_size=Size.mebibytes(config.storage_mb)
            if config.storage_mb > INCLUDED_STORAGE_MB
            else None,
            role=self.role,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            reserved_concurrent_executions=config.max_concurrency,
        )
        acknowledge(function, _FUNCTION_FINDINGS)
        return function

    def _keep_failed_events(self, queue: sqs.IQueue) -> None:
        """Retries as often and as long as Lambda does at the most, then puts the whole event into ``queue``."""
        self.function.configure_async_invoke(
            retry_attempts=2, max_event_age=Duration.hours(6), on_failure=destinations.SqsDestination(queue)
        )
        acknowledge(self.function, _NO_DEAD_LETTER_QUEUE)

    def _role(self) -> iam.Role:
        """A role that may write to its own log group; AWS's managed policy would open every log group."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant(role, "logs:CreateLogStream", "logs:PutLogEvents")
        acknowledge_wildcards(role, ["*"], "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources")
        return role


def log_group_of(scope: Construct, construct_id: str, shared: SharedPolicy) -> logs.LogGroup:
    """A log group that forgets when the stage says so."""
    return logs.LogGroup(scope, construct_id, retention=shared.log_retention, removal_policy=shared.removal_policy)


def _slice_code(slice_name: str) -> lambda_.AssetCode:
    """The slice and the common library, nothing else, so that a change in one slice leaves the others as they are."""
    kept = ("lambdas", "lambdas/__init__.py", "lambdas/common", f"lambdas/{slice_name}")
    return lambda_.Code.from_asset(
        str(ROOT),
        ignore_mode=IgnoreMode.GIT,
        exclude=[
            "/*",
            "!/lambdas",
            "/lambdas/*",
            *(f"!/{path}" for path in kept[1:]),
            "requirements*",
            "__pycache__",
            "*.pyc",
        ],
    )


def _requirements(source: Path) -> list[Path]:
    """The common layer's requirements, then the function's own where it has any."""
    own = source.with_name(f"requirements-{source.stem}.txt")
    return [ROOT / "lambdas" / "requirements.txt", *([own] if own.is_file() else [])]


Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]
"""Of a statement: ``{"StringEquals": {"aws:ResourceTag/team": "shop"}}``."""


def allow(*actions: str, on: Sequence[str], wildcard: str = "", only_if: Conditions | None = None) -> GrantTo:
    """A grant of exactly these actions; for resources whose L2 grants would bring wildcard actions.

    ``wildcard`` says why those of ``on`` that hold a ``*`` cannot be narrower.
    """

    def grant(grantee: iam.IGrantable) -> None:
        iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=list(on), conditions=only_if)
        role = grantee.grant_principal
        if wildcard and isinstance(role, iam.Role):
            acknowledge_wildcards(role, on, wildcard)

    return grant
