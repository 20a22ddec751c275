"""What every construct is told about the stage it stands in."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs


@dataclass(frozen=True, kw_only=True)
class LambdaTarget:
    """Python version and machine that layers are built for and functions run on."""

    python: str = "3.13"
    machine: str = "aarch64"
    """``aarch64`` or ``x86_64``."""
    this_computer: bool = False
    """Take wheels for this computer's operating system, not for Lambda's."""

    @staticmethod
    def host() -> LambdaTarget:
        """This computer and interpreter, for an emulator that runs functions as local processes."""
        machine = "aarch64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return LambdaTarget(python=python, machine=machine, this_computer=True)

    @property
    def platform(self) -> str | None:
        """Of wheels, as uv names it; None for this computer's. Lambda's Python 3.13 runs on glibc 2.34."""
        return None if self.this_computer else f"{self.machine}-manylinux_2_28"

    @property
    def runtime(self) -> lambda_.Runtime:
        """Lambda runtime of the Python version."""
        return lambda_.Runtime(f"python{self.python}", lambda_.RuntimeFamily.PYTHON)

    @property
    def architecture(self) -> lambda_.Architecture:
        """Lambda architecture of the machine."""
        return lambda_.Architecture.ARM_64 if self.machine == "aarch64" else lambda_.Architecture.X86_64


@dataclass(frozen=True, kw_only=True)
class SharedPolicy:
    """What holds for every resource of a stage."""

    retain_data: bool
    """Keep buckets and tables when their stack is deleted, and protect tables from deletion."""
    log_retention: logs.RetentionDays
    alarm_email: str | None = None
    """Where alarms are sent; without it they only show in CloudWatch."""
    target: LambdaTarget = LambdaTarget()

    @property
    def removal_policy(self) -> RemovalPolicy:
        """What happens to data when its stack is deleted."""
        return RemovalPolicy.RETAIN if self.retain_data else RemovalPolicy.DESTROY
