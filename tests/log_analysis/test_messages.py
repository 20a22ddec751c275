"""Which messages are errors, and what their templates are, for what software really writes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.log_analysis.domain.found import Access, Error
from lambdas.log_analysis.domain.messages import error_of, read

ID = "c793869b-ee49-415b-a5b6-4fd21e8dedac"
UNCAUGHT = (
    "[ERROR] KeyError: 'a7'\r"
    "Traceback (most recent call last):\r"
    '  File "/var/task/app.py", line 12, in handler\r    charge(event)\r'
    '  File "/var/task/charge.py", line 3, in charge\r    return cards[key]\r'
)
LOGGED = (
    "2026-11-21 12:00:00,123 - shop - ERROR - Could not charge order 17\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/app.py", line 12, in handle\n    charge(order)\n'
    "ValueError: order 17\n\n"
    "During handling of the above exception, another exception occurred:\n\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/app.py", line 14, in handle\n    refund(order)\n'
    "shop.errors.RefundError: no card 'x'"
)
JAVA = (
    "2026-11-21T12:00:00.123Z ERROR 1 --- [shop] [nio-8080-exec-3] c.e.Orders : Could not book 17\n"
    "java.util.concurrent.CompletionException: java.net.SocketTimeoutException: Read timed out\n"
    "\tat com.example.Client.book(Client.java:70)\n"
    "Caused by: java.net.SocketTimeoutException: Read timed out\n"
    "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:288)\n\t... 38 more"
)
GO = (
    "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 18 [running]:\n"
    "main.route(0xc000012345, 0x5)\n\t/src/router/route.go:64 +0x1d\nmain.main()\n\t/src/main.go:22 +0x58"
)
NODE = "2026-11-21T12:00:00.123Z\t{ID}\tERROR\tInvoke Error \t" + json.dumps(
    {
        "errorType": "TypeError",
        "errorMessage": "x is not a function",
        "stack": ["TypeError: x is not a function", "    at total (/var/task/basket.js:31:17)"],
    }
)
TEXTS = [
    (f"[ERROR]\t2026-11-21T12:00:00.123Z\t{ID}\tno order 7\n", "[ERROR] <time> <num> no order <num>"),
    ("ERROR:root:no order 7", "ERROR:root:no order <num>"),
    (
        f"2026-11-21T12:00:00Z {ID} Task timed out after 3.01 seconds\n\n",
        "<time> <num> Task timed out after <num> seconds",
    ),
    (
        f"RequestId: {ID} Error: Runtime exited with error: exit status 1",
        "RequestId: <num> Error: Runtime exited with error: exit status <num>",
    ),
    (
        "2026/11/21 12:00:00 [error] 31#31: *7 upstream timed out",
        "<time> <time> [error] <num>#<num>: *<num> upstream timed out",
    ),
    (
        'time="2026-11-21T12:00:00Z" level=error msg="no order 7" error="dial tcp 10.0.0.1:80: refused" n=1',
        "no order <num>: dial tcp <ip>: refused",
    ),
    (
        "E1121 12:00:00.123456       1 reflector.go:138] failed to list secrets",
        "<num> <time> <num> reflector.go:<num>] failed to list secrets",
    ),
    ("Nov 21 12:00:00 kestrel sshd[812]: error: no key for bob", "sshd[<num>]: error: no key for bob"),
    (UNCAUGHT, "[ERROR] KeyError: <str> @ charge (charge.py)"),
    (
        LOGGED,
        (
            "<time> <time> - shop - ERROR - Could not charge order <num> "
            "shop.errors.RefundError: no card <str> @ handle (app.py)"
        ),
    ),
    (
        JAVA,
        (
            "<time> ERROR <num> --- [shop] [<num>] c.e.Orders : Could not book <num> "
            "java.net.SocketTimeoutException: Read timed out "
            "@ java.base/sun.nio.ch.NioSocketImpl.timedRead (NioSocketImpl.java)"
        ),
    ),
    (GO, "panic: runtime error: index out of range [<num>] with length <num> @ main.route (route.go)"),
    (NODE, "Invoke Error: TypeError: x is not a function @ total (basket.js)"),
    ("shop.errors.RefundError: no card 17", "shop.errors.RefundError: no card <num>"),
    ("google.api_core.exceptions.NotFound: 404 no topic", "google.api_core.exceptions.NotFound: <num> no topic"),
    ("java.lang.IllegalStateException: parcel 7 is LOST", "java.lang.IllegalStateException: parcel <num> is LOST"),
    (
        'Exception in thread "main" java.lang.NullPointerException',
        "Exception in thread <str> java.lang.NullPointerException",
    ),
    ("KeyboardInterrupt", "KeyboardInterrupt"),
    ("\x1b[31mERROR\x1b[0m no order 7", "ERROR no order <num>"),
    ('{"level":"\\u001b[31merror\\u001B[39m","message":"no order 7"}', "no order <num>"),
]
HARMLESS = [
    "",
    f"START RequestId: {ID} Version: $LATEST\n",
    "[INFO]\t2026-11-21T12:00:00.123Z\tid\tthe ERROR page was shown",
    "2026-11-21 12:00:00,123 - shop - WARNING - KeyError in cache, ERROR ignored",
    'time="2026-11-21T12:00:00Z" level=info msg="no error"',
    "I1121 12:00:00.123456       1 main.go:7] ERROR budget is fine",
    "2026/11/21 12:00:00 [notice] 1#1: signal 29",
    "TERRORIST is no level, nor is ERRORS",
    "Traceback (most recent call last):",
    '  File "/srv/app.py", line 12, in handle',
    '    raise ValueError("ERROR")',
    "\tat com.example.ErrorHandler.ERROR(ErrorHandler.java:70)",
    "\t... 38 more",
    "Caused by: java.net.SocketTimeoutException: Read timed out",
    "goroutine 18 [running]:",
    "Error handling is set up",
    f"REPORT RequestId: {ID}\tDuration: 3.00 ms\tStatus: error\tError Type: Runtime.ExitError\n",
    "INIT_REPORT Init Duration: 9.50 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\n",
]


@pytest.mark.parametrize(("message", "template"), TEXTS)
def test_an_error_in_text_has_one_template(message: str, template: str) -> None:
    found = read(message)
    assert isinstance(found, Error)
    assert found.template == template


@pytest.mark.parametrize("message", HARMLESS)
def test_what_is_no_error_is_passed_over(message: str) -> None:
    assert read(message) is None


def test_the_level_is_that_of_the_line() -> None:
    levels = [read(f"2026 {level} x") for level in ("FATAL", "CRITICAL", "ERROR")]
    assert [each.level for each in levels if isinstance(each, Error)] == ["FATAL", "CRITICAL", "ERROR"]


def test_an_error_on_another_day_at_another_line_has_the_same_template() -> None:
    later = UNCAUGHT.replace("line 3", "line 5").replace("a7", "b9")
    assert read(later) == read(UNCAUGHT)


def test_a_request_that_the_server_failed_at_is_an_error_of_its_route() -> None:
    failed = error_of(Access("GET", "/items/7", 503))
    assert failed is not None
    assert failed.template == "GET /items/<num> 503"
    assert error_of(Access("GET", "/items/7", 404)) is None


@settings(max_examples=2_000, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from([*"aA0 /\\\"'`=:.@{}[]()<>?\n\t-_", "ERROR", "\tat ", "://", "arn:"])).map("".join),
    )
)
def test_no_message_at_all_is_too_strange_to_be_read(text: str) -> None:
    assert read(f"ERROR {text}") is not None
    read(text)
