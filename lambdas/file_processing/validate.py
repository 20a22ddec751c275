"""Lambda function behind the queue of tables: good rows are parted from bad ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from lambdas.common.observability import InvocationContext
from lambdas.file_processing.contract import LaneSettings
from lambdas.file_processing.runtime.lanes import LaneRuntime, consume, lane_runtime


@cache
def runtime() -> LaneRuntime:
    """Wires the function once, out of its environment."""
    return lane_runtime(LaneSettings.from_env(os.environ))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Looks at each message of a batch; the answer names those that are to come again."""
    return consume(event, context, runtime())
