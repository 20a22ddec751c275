"""Lines as the documentation of each format shows them, and what is measured of each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lambdas.file_processing.domain.access_logs.formats import format_of
from tests.file_processing.access_log_files import Measured, bad_lines, by_minute, measure

S3 = (
    b"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 "
    b"[06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be "
    b'3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" '
    b'"S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 '
    b"ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 "
    b"arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes us-east-1"
)
EXPIRED = (
    b"79a5 bucket [06/Feb/2019:00:00:38 +0000] - AmazonS3 3E57427F3EXAMPLE S3.EXPIRE.OBJECT a.png - - - - 4406 - - - - "
    b"version"
)
ALB = (
    b"https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 "
    b'0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 '
    b"TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "
    b'"Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/1" '
    b'1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_123456'
)
NOT_DISPATCHED = (
    b"http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 -1 -1 502 - 34 "
    b'366 "GET http://www.example.com:80/a?b HTTP/1.1" "curl/7.46.0" - - -'
)
CLOUDFRONT = (
    b"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    b"cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header "
    b"cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type "
    b"cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type "
    b"sc-content-type sc-content-len sc-range-start sc-range-end\n"
    b"2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index%20a.html\t200\t-\t"
    b"Mozilla/5.0%20(Windows%20NT%2010.0)\tb=c\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\t"
    b"d111111abcdef8.cloudfront.net\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t"
    b"11040\t0.001\tHit\ttext/html\t78\t-\t-"
)
COMMON = b'127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
COMBINED = COMMON + b' "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"'
GARBAGE = rb'2001:db8::7 - - [10/Oct/2000:13:55:36 -0700] "\x16\x03\x01" 400 157 "-" "a \"quoted\" agent" 0.250'


def only(line: bytes) -> tuple[str, Measured]:
    """The minute of a file's only request, and its values."""
    processed = measure(line)
    assert processed.facts["lines"] == 1
    ((start, measured),) = by_minute(processed.measurements).items()
    return f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%M}", measured


@pytest.mark.parametrize(
    ("line", "minute", "status", "size", "milliseconds", "path"),
    [
        pytest.param(S3, "2019-02-06T00:00", "2xx", 113, 7, "/amzn-s3-demo-bucket1", id="s3"),
        pytest.param(EXPIRED, "2019-02-06T00:00", "other", 0, None, "-", id="s3-expired"),
        pytest.param(ALB, "2018-07-02T22:23", "2xx", 57, 171, "/", id="alb"),
        pytest.param(NOT_DISPATCHED, "2018-11-30T22:23", "5xx", 366, None, "/a", id="alb-not-dispatched"),
        pytest.param(CLOUDFRONT, "2019-12-04T21:02", "2xx", 392, 1, "/index%20a.html", id="cloudfront"),
        pytest.param(COMMON, "2000-10-10T20:55", "2xx", 2326, None, "/apache_pb.gif", id="common"),
        pytest.param(COMBINED, "2000-10-10T20:55", "2xx", 2326, None, "/apache_pb.gif", id="combined"),
        pytest.param(COMBINED + b" 1.500", "2000-10-10T20:55", "2xx", 2326, 1500, "/apache_pb.gif", id="with-time"),
        pytest.param(COMBINED + b"  ", "2000-10-10T20:55", "2xx", 2326, None, "/apache_pb.gif", id="blanks-at-the-end"),
        pytest.param(COMBINED + b" 1500", "2000-10-10T20:55", "2xx", 2326, None, "/apache_pb.gif", id="integer"),
        pytest.param(GARBAGE, "2000-10-10T20:55", "4xx", 157, 250, "-", id="tls-to-a-plain-port"),
    ],
)
def test_a_documented_line_gives(
    line: bytes, minute: str, status: str, size: int, milliseconds: float | None, path: str
) -> None:
    found, measured = only(line)
    assert (found, measured.size, list(measured.statuses), list(measured.paths)) == (minute, size, [status], [path])
    if milliseconds is None:
        assert measured.latency.count == 0
    else:
        assert measured.latency.quantile(1) == pytest.approx(milliseconds, rel=0.01)


@pytest.mark.parametrize(
    ("time", "minute"),
    [
        ("29/Mar/2026:03:30:00 +0200", "2026-03-29T01:30"),
        ("29/Mar/2026:01:59:59 +0100", "2026-03-29T00:59"),
        ("01/Jan/2026:00:15:00 +0545", "2025-12-31T18:30"),
        ("31/Dec/2026:23:59:60 -0330", "2027-01-01T03:29"),
    ],
)
def test_local_times_count_in_their_minute_in_utc(time: str, minute: str) -> None:
    assert only(f'h - - [{time}] "GET / HTTP/1.1" 200 1'.encode())[0] == minute


def test_a_quote_inside_of_quotes_ends_nothing() -> None:
    _, measured = only(rb'h - - [10/Oct/2000:13:55:36 +0000] "GET /a\" 500 9 HTTP/1.1" 200 1 "-" "\" 503 7"')
    assert (measured.paths, measured.statuses) == ({r"/a\"": 1}, {"2xx": 1})


def test_fields_of_cloudfront_are_found_by_its_header_wherever_they_stand() -> None:
    header = b"#Version: 1.0\n#Fields: sc-status time-taken cs-uri-stem time date sc-bytes\n"
    _, measured = only(header + b"503\t0.250\t/a\t21:02:31\t2019-12-04\t392")
    assert (measured.size, measured.failing) == (392, {"/a": 1})


def test_a_second_header_of_cloudfront_rules_from_there_on() -> None:
    first = b"#Version: 1.0\n#Fields: date time sc-status\n2019-12-04\t21:02:31\t200\n"
    second = b"#Version: 1.0\n#Fields: sc-status date time\n404\t2019-12-04\t21:02:32\n2019-12-04\t21:02:33\t200\n"
    processed = measure(first + second)
    (measured,) = by_minute(processed.measurements).values()
    assert measured.statuses == {"2xx": 1, "4xx": 1}
    assert [each["line"] for each in bad_lines(processed)] == [7]


def test_a_header_of_cloudfront_without_times_says_what_to_do() -> None:
    content = b"#Fields: date time sc-status\n2019-12-04\t21:02:31\t200\n#Fields: time sc-status\n21:02:31\t200\n"
    (bad,) = bad_lines(measure(content))
    assert "has not once date: have these fields logged, too" in bad["message"]


@pytest.mark.parametrize("line", [S3, ALB, COMMON])
def test_a_head_that_was_cut_is_recognised_by_its_whole_lines(line: bytes) -> None:
    assert format_of(line + b"\n" + line[:40]) is not None


def test_text_is_no_access_log() -> None:
    assert format_of(b"Dear reader,\n\n200 years ago [10/Oct/2000:13:55:36 -0700] was far away.\n") is None
