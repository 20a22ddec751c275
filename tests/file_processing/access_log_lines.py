"""Lines of access logs for Hypothesis: such as servers write, such as attackers make them write, and damaged ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

CLOUDFRONT_FIELDS = re.findall(
    r"\S+",
    """
    date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)
    cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken
    x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status
    fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len
    sc-range-start sc-range-end
    """,
)

WORDS = st.sampled_from(["-", "203.0.113.7", "2001:db8::1", "a", "x.y", "-1", "0"]) | st.text("ab-:[]0%", min_size=1)
PATHS = st.sampled_from(
    [
        "/",
        "/a",
        "/a/b?c=d&e",
        "/caf%C3%A9",
        "*",
        "example.com:443",
        "http://h/x?y",
        "https://h:443",
        "ws://h?q",
        "//h/a",
    ]
)
METHODS = st.sampled_from(["GET", "POST", "M-SEARCH", "PROPFIND", "get", "-", "GET ", "G3T"])
PLAIN = st.builds("{} {} {}".format, METHODS, PATHS, st.sampled_from(["HTTP/1.1", "HTTP/2.0", "H2", "-", "a b"]))
REQUESTS = PLAIN | st.sampled_from(
    ["-", "", " ", "GET", "GET /only", r"\x16\x03\x01\x00", "\x16\x03\x01", r"GET /\"quoted\" HTTP/1.1", "\\\\", "é"]
)
AGENTS = st.sampled_from(
    ["-", "", "curl/8.4.0", "Mozilla/5.0 (X11; Linux) like Gecko", r"a \"b\" c", r"end\\", "[x]", '" 200 - 7 "']
)
STATUSES = st.sampled_from(["200", "301", "404", "500", "503", "000", "999", "-"])
SIZES = st.integers(0, 10**15 - 1).map(str) | st.just("-")
SECONDS = st.sampled_from(["0.000", "0.1", "12.345678", "0.0000009", "123456789.5", "-", "7", "1.", "1e3", "x"])
STEPS = st.sampled_from(["-1", "0.000", "0.001", "1.5", "-0.5", "3", "86.345678"])
HOURS, MINUTES, TWO = st.integers(0, 25), st.integers(0, 61), "{:02d}".format
ZONES = st.sampled_from(["+0000", "+0100", "-0330", "+1400", "-1200", "+0060", "+2400", "0000 "])
MONTHS = st.sampled_from(["Jan", "Feb", "Mar", "Oct", "Dec", "Mai", "feb"])
DAYS, YEARS = st.integers(0, 32).map(TWO), st.sampled_from(["2026", "1970", "1969", "2999", "3000", "0001"])


def often(usual: str, others: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Mostly the usual value: lines with one oddity tell more than those with many."""
    return st.one_of(st.just(usual), st.just(usual), others)


TIMES = often(
    "06/Feb/2026:00:00:38 +0000",
    st.builds(
        "{}/{}/{}:{}:{}:{} {}".format, DAYS, MONTHS, YEARS, HOURS.map(TWO), MINUTES.map(TWO), MINUTES.map(TWO), ZONES
    ),
)
DATES = often("2026-02-06", st.builds("{}-{}-{}".format, YEARS, st.integers(0, 13).map(TWO), DAYS))
CLOCKS = often("23:59:59", st.builds("{}:{}:{}".format, HOURS.map(TWO), MINUTES.map(TWO), MINUTES.map(TWO)))
QUOTED = AGENTS.map('"{}"'.format)


def _line(form: str) -> Callable[..., str]:
    return form.format


COMMON = st.builds(
    _line('{} {} {} [{}] "{}" {} {}{}'),
    often("203.0.113.7", WORDS),
    often("-", WORDS),
    often("-", st.sampled_from(["frank", "john smith", "a]b", "", " "])),
    TIMES,
    often("GET /a HTTP/1.1", REQUESTS),
    often("200", STATUSES),
    often("2326", SIZES),
    st.lists(QUOTED | SECONDS | st.just("rt=0.1"), max_size=4).map(
        lambda fields: "".join(f" {each}" for each in fields)
    ),
)
S3 = st.builds(
    _line("owner bucket [{}] {} requester ID REST.GET.OBJECT {} {} {} {} {} 5000 {} 28 {} - hostid= SigV4"),
    TIMES,
    often("203.0.113.7", WORDS),
    often("a.png", WORDS),
    often(
        '"GET /a HTTP/1.1"',
        REQUESTS.map('"{}"'.format) | st.sampled_from(["-", '"GET /a"b HTTP/1.1"', '"GET /a" 200 x y HTTP/1.1"']),
    ),
    often("200", STATUSES),
    often("-", st.just("NoSuchKey")),
    often("113", SIZES),
    often("41", st.sampled_from(["-", "0", "999999999999", "1.5", "-1"])),
    st.lists(QUOTED, max_size=3).map(" ".join),
)
ALB = st.builds(
    _line('{} {}T{}{}Z app/lb/1 {} {} {} {} {} {} 200 34 {} "{}" {} TLSv1.2 arn:aws:x "Root=1-2-3"'),
    often("https", st.sampled_from(["http", "h2", "wss", "HTTP", "grpcs"])),
    DATES,
    CLOCKS,
    often(".186641", st.sampled_from(["", ".", ".1", "x"])),
    often("192.168.131.39:2817", st.sampled_from(["[2001:db8::1]:2817", "-"])),
    often("10.0.0.1:80", st.just("-")),
    STEPS,
    STEPS,
    STEPS,
    often("200", STATUSES),
    often("366", SIZES),
    often("GET https://www.example.com:443/a HTTP/1.1", REQUESTS | st.just("- http://www.example.com:80- -")),
    QUOTED,
)


@st.composite
def _cloudfront(draw: st.DrawFn) -> str:
    values = dict.fromkeys(CLOUDFRONT_FIELDS, "-")
    values["date"], values["time"] = draw(DATES), draw(CLOCKS)
    values["cs-uri-stem"] = draw(often("/a%20b", PATHS | st.sampled_from(["-", "", "?"])))
    values["sc-status"], values["sc-bytes"] = draw(often("200", STATUSES)), draw(often("2326", SIZES))
    values["time-taken"] = draw(often("0.002", SECONDS))
    values["cs(User-Agent)"] = draw(st.sampled_from(["Mozilla/5.0%20(X11)", "-", "a#b", "%2522"]))
    return "\t".join(values.values())


CLOUDFRONT = _cloudfront()


@st.composite
def damaged(draw: st.DrawFn, lines: st.SearchStrategy[str]) -> bytes:
    """A line that was cut, or in which bytes were lost, doubled or replaced."""
    line = draw(lines).encode()
    if draw(st.booleans()):
        return line
    start = draw(st.integers(0, len(line)))
    end = draw(st.integers(start, min(len(line), start + 5)) | st.just(len(line)))
    new = draw(
        st.sampled_from([b"", b" ", b'"', b"\\", b"\t", b"[", b"\x00", b"\xff", b"#", b"-", line[start:end] * 2])
    )
    return line[:start] + new + line[end:]


def logs(lines: st.SearchStrategy[str]) -> st.SearchStrategy[Sequence[bytes]]:
    """Lines of a file; most are in order."""
    return st.lists(lines.map(str.encode) | damaged(lines) | st.sampled_from([b"", b"# comment"]), max_size=12)
