"""Lambda function behind the queue of documents: their text is taken out, so that they are found by it."""

from __future__ import annotations

import logging
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
    # A line for each oddity of each file; what matters is in the catalog, as what could not be read.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    return lane_runtime(LaneSettings.from_env(os.environ))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Looks at each message of a batch; the answer names those that are to come again."""
    return consume(event, context, runtime())
