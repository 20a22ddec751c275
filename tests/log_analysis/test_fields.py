"""JSON log lines: which are errors, and what their templates are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.log_analysis.domain.found import Error
from lambdas.log_analysis.domain.messages import read

TRACE = 'Traceback (most recent call last):\n  File "/var/task/app.py", line 3, in pay\n    x()\nValueError: no card 17'
JAVA = "java.io.IOException: no disk 7\n\tat com.example.Disk.write(Disk.java:12)\n"
ERRORS: list[tuple[dict[str, Any], str]] = [
    ({"level": "ERROR", "message": "no order 17", "request_id": "7"}, "no order <num>"),
    (
        # Lambda's JSON format, an exception that nobody caught.
        {
            "timestamp": "2026-11-21T12:00:00Z",
            "level": "ERROR",
            "message": "no card '17'",
            "errorType": "ValueError",
            "stackTrace": ['  File "/var/task/app.py", line 3, in pay\n    x()\n'],
        },
        "ValueError: no card <str> @ pay (app.py)",
    ),
    (
        # Powertools for AWS Lambda.
        {"level": "ERROR", "message": "no luck", "exception": TRACE, "exception_name": "ValueError"},
        "ValueError: no luck: ValueError: no card <num> @ pay (app.py)",
    ),
    # python-json-logger, logback, pino, zap.
    (
        {"levelname": "CRITICAL", "message": "no luck", "exc_info": TRACE},
        "no luck: ValueError: no card <num> @ pay (app.py)",
    ),
    (
        {"level": "ERROR", "message": "no disk", "stack_trace": JAVA},
        "no disk: java.io.IOException: no disk <num> @ com.example.Disk.write (Disk.java)",
    ),
    ({"level": 50, "msg": "no luck", "err": {"type": "E", "message": "no card 17"}}, "no luck: no card <num>"),
    ({"level": "error", "msg": "no luck", "error": "dial tcp 10.0.0.1:80: refused"}, "no luck: dial tcp <ip>: refused"),
    ({"severity": "ERROR", "message": {"card": "x", "n": 7}}, "{<str>:<str>,<str>:<num>}"),
    (
        {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: 7 Error"},
        "Runtime.ExitError: RequestId: <num> Error",
    ),
    (
        {"time": "t", "type": "platform.report", "record": {"requestId": "7", "status": "timeout"}},
        "platform.report timeout",
    ),
]
HARMLESS: list[dict[str, Any]] = [
    {"level": "INFO", "message": "ERROR"},
    {"level": "WARNING", "message": "no luck", "exception": TRACE},
    {"level": 30, "msg": "error"},
    {"message": "no level"},
    {"time": "t", "type": "platform.report", "record": {"requestId": "7", "status": "success"}},
    {"time": "t", "type": "platform.report", "record": {"requestId": "7", "status": "failure"}},
    {"_aws": {"Timestamp": 1}, "service": "shop", "errors": 7},
]


@pytest.mark.parametrize(("fields", "template"), ERRORS)
def test_an_error_in_json_has_one_template(fields: dict[str, Any], template: str) -> None:
    found = read(json.dumps(fields, separators=(",", ":")))
    assert isinstance(found, Error)
    assert found.template == template


def test_of_errors_within_errors_the_first_few_are_told() -> None:
    deep = '{"message":"a","error":' * 400 + '"b"' + "}" * 400
    found = read(f'{{"level":"ERROR","message":"outer","err":{deep}}}')
    assert isinstance(found, Error)
    assert found.template == "outer: a"


@pytest.mark.parametrize("fields", HARMLESS)
def test_what_is_no_error_is_passed_over(fields: dict[str, Any]) -> None:
    assert read(json.dumps(fields)) is None


@pytest.mark.parametrize(
    "message", ['{"level": "ERROR", "message": "cut', "{ERROR", "{" * 10_000, '{"level": [], "a": 1}']
)
def test_what_only_looks_like_json_is_read_as_text(message: str) -> None:
    found = read(message)
    assert found is None or isinstance(found, Error)
    assert (found is not None) is ("ERROR" in message)
