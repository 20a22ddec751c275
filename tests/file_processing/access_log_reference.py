"""Access logs read the slow way, one character after the other, as their documentation describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DIGITS = frozenset("0123456789")


class UnreadableError(Exception):
    """The line is none of the format."""


@dataclass(frozen=True)
class Request:
    """What one line tells."""

    start: int
    status: str
    size: int
    milliseconds: float | None
    path: str


class Cursor:
    """Where one is in a line; characters are bytes, as Latin-1 shows them."""

    def __init__(self, line: bytes) -> None:
        self.text = line.decode("latin-1")
        self.at = 0

    @property
    def ended(self) -> bool:
        return self.at == len(self.text)

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def next(self) -> str:
        if self.ended:
            raise UnreadableError
        self.at += 1
        return self.text[self.at - 1]

    def expect(self, wanted: str) -> None:
        for character in wanted:
            if self.next() != character:
                raise UnreadableError

    def word(self, without: str = " ") -> str:
        """At least one character, up to one of those."""
        word = ""
        while not self.ended and self.peek() not in without:
            word += self.next()
        if not word:
            raise UnreadableError
        return word

    def take(self, count: int) -> str:
        return "".join(self.next() for _ in range(count))

    def escaped(self) -> str:
        """What is between quotes, where a backslash keeps the next character from being one."""
        self.expect('"')
        inside = ""
        while (character := self.next()) != '"':
            inside += character
            if character == "\\":
                inside += self.next()
        return inside


def number(text: str, most: int) -> int:
    if not 1 <= len(text) <= most or set(text) - DIGITS:
        raise UnreadableError
    return int(text)


def status_of(text: str) -> str:
    if text != "-" and len(str(number(text, 3)).rjust(3, "0")) != len(text):
        raise UnreadableError
    return text


def size_of(text: str) -> int:
    return 0 if text == "-" else number(text, 15)


def seconds(text: str, *, whole: bool = True) -> Decimal:
    """Cut after microseconds."""
    before, point, after = text.partition(".")
    number(before, 9)
    if point:
        number(after, 9)
    elif not whole:
        raise UnreadableError
    return Decimal(before) + (Decimal(int(after[:6].ljust(6, "0"))) / 1_000_000 if point else 0)


def minute(moment: datetime) -> int:
    start = int(moment.astimezone(UTC).timestamp())
    if not 0 <= start < datetime(3000, 1, 1, tzinfo=UTC).timestamp():
        raise UnreadableError
    return start - start % 60


def common_time(text: str) -> int:
    """``06/Feb/2026:00:00:38 +0100``; 60 is a leap second."""
    day, month, year, hour, minutes, second = text[:2], text[3:6], text[7:11], text[12:14], text[15:17], text[18:20]
    if len(text) != 26 or text[2] + text[6] + text[11] + text[14] + text[17] + text[20] != "//::: ":
        raise UnreadableError
    sign, zone_hours, zone_minutes = text[21], text[22:24], text[24:26]
    if month not in MONTHS or number(second, 2) > 60 or sign not in "+-" or number(zone_minutes, 2) > 59:
        raise UnreadableError
    offset = timedelta(hours=number(zone_hours, 2), minutes=int(zone_minutes))
    try:
        zone = timezone(offset if sign == "+" else -offset)
        values = (number(year, 4), MONTHS.index(month) + 1, number(day, 2), number(hour, 2), number(minutes, 2))
        return minute(datetime(*values, tzinfo=zone))
    except (ValueError, OverflowError) as error:
        raise UnreadableError from error


def iso_time(date: str, time: str) -> int:
    if len(date) != 10 or date[4] + date[7] != "--" or len(time) != 8 or time[2] + time[5] != "::":
        raise UnreadableError
    if number(time[6:], 2) > 60:
        raise UnreadableError
    year, month, day, hour, minutes = (number(each, 4) for each in (date[:4], date[5:7], date[8:], time[:2], time[3:5]))
    try:
        return minute(datetime(year, month, day, hour, minutes, tzinfo=UTC))
    except ValueError as error:
        raise UnreadableError from error


def path_of(request: str) -> str:
    method, _, rest = request.partition(" ")
    letters = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if not method or method[0] not in letters or set(method) - letters - {"-", "_"}:
        return "-"
    target = rest.partition(" ")[0]
    scheme, colons, after = target.partition("://")
    if colons and scheme and all("a" <= character <= "z" for character in scheme):
        ends = [at for at in map(after.find, "/?") if at >= 0]
        target = after[min(ends) :] if ends else ""
        return target.partition("?")[0] or "/"
    return target.partition("?")[0] or "-"


def common(line: bytes) -> Request:
    """``host ident user [time] "request" status bytes``, and more fields."""
    cursor = Cursor(line)
    for _ in range(2):
        cursor.word()
        cursor.expect(" ")
    user = cursor.word("[")
    if len(user) < 2 or user[-1] != " ":
        raise UnreadableError
    cursor.expect("[")
    time = cursor.take(26)
    cursor.expect("] ")
    request = cursor.escaped()
    cursor.expect(" ")
    status = status_of(cursor.word())
    cursor.expect(" ")
    size = size_of(cursor.word())
    milliseconds, seen = None, False
    while cursor.text[cursor.at :].strip(" "):
        cursor.expect(" ")
        if cursor.peek() == '"':
            cursor.escaped()
            continue
        field = cursor.word(' "')
        if not seen:
            seen = True
            try:
                milliseconds = float(seconds(field, whole=False) * 1000)
            except UnreadableError:
                milliseconds = None
    return Request(common_time(time), status, size, milliseconds, path_of(request))


def s3(line: bytes) -> Request:
    """``owner bucket [time] ip requester id operation key "request" status error bytes size total …``"""
    cursor = Cursor(line)
    for _ in range(2):
        cursor.word()
        cursor.expect(" ")
    cursor.expect("[")
    time = cursor.take(26)
    cursor.expect("] ")
    for _ in range(5):
        cursor.word()
        cursor.expect(" ")
    request = ""
    if cursor.peek() == "-":
        cursor.expect("-")
    else:
        cursor.expect('"')
        while not (cursor.peek() == '"' and status_follows(cursor.text[cursor.at + 1 :])):
            request += cursor.next()
        cursor.expect('"')
    cursor.expect(" ")
    status = status_of(cursor.word())
    cursor.expect(" ")
    cursor.word()
    cursor.expect(" ")
    size = size_of(cursor.word())
    cursor.expect(" ")
    cursor.word()
    cursor.expect(" ")
    total = cursor.word()
    cursor.expect(" ")
    milliseconds = None if total == "-" else float(number(total, 12))
    return Request(common_time(time), status, size, milliseconds, path_of(request))


def status_follows(text: str) -> bool:
    if text.startswith(" - "):
        return True
    return len(text) > 4 and text[0] == text[4] == " " and not set(text[1:4]) - DIGITS


def alb(line: bytes) -> Request:
    """``type time elb client target t t t status status received sent "request" …``"""
    cursor = Cursor(line)
    if set(cursor.word()) - set("abcdefghijklmnopqrstuvwxyz0123456789"):
        raise UnreadableError
    cursor.expect(" ")
    date = cursor.take(10)
    cursor.expect("T")
    time = cursor.take(8)
    if cursor.peek() == ".":
        cursor.expect(".")
        number(cursor.word(" Z"), 1000)
    cursor.expect("Z ")
    for _ in range(3):
        cursor.word()
        cursor.expect(" ")
    steps = []
    for _ in range(3):
        word = cursor.word()
        cursor.expect(" ")
        steps.append(-1 if word[0] == "-" and seconds(word[1:]) >= 0 else seconds(word))
    status = status_of(cursor.word())
    cursor.expect(" ")
    for _ in range(2):
        cursor.word()
        cursor.expect(" ")
    size = size_of(cursor.word())
    cursor.expect(' "')
    request = ""
    while not cursor.text.startswith('" ', cursor.at):
        request += cursor.next()
    milliseconds = None if -1 in steps else float(sum(steps, Decimal(0)) * 1000)
    return Request(iso_time(date, time), status, size, milliseconds, path_of(request))


def cloudfront(line: bytes, fields: list[str]) -> Request:
    """Fields between tabs, as the header names them."""
    values = line.decode("latin-1").split("\t")
    if len(values) != len(fields):
        raise UnreadableError
    named = dict(zip(fields, values, strict=True))
    taken = named.get("time-taken", "-")
    path = named.get("cs-uri-stem", "-").partition("?")[0]
    if not path:
        raise UnreadableError
    return Request(
        iso_time(named["date"], named["time"]),
        status_of(named["sc-status"]),
        size_of(named.get("sc-bytes", "-")),
        None if taken == "-" else float(seconds(taken) * 1000),
        path,
    )
