"""How the tools call functions, and wait for what they answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_LONGEST_INVOCATION = 900
"""Seconds; Lambda allows no more, and boto3 alone would give up after 60 and ask again."""


class FunctionFailedError(Exception):
    """A function raised an error, or ran out of time or memory."""


def client() -> LambdaClient:
    """As patient as functions are slow."""
    made: LambdaClient = boto3.client("lambda", config=Config(read_timeout=_LONGEST_INVOCATION + 10))
    return made


def invoke(functions: LambdaClient, function: str, event: bytes) -> Any:
    """What a function answers. Raises FunctionFailedError with what the function says."""
    answer = functions.invoke(FunctionName=function, Payload=event)
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise FunctionFailedError(f"{function} failed: {said.get('errorType', '')}: {said.get('errorMessage')}")
    return said
