"""Which part of a file a request asks for, and whether it means this file (RFC 9110, 13 and 14).

One range is answered with its part. Of several none is: the whole file is a right answer, and nobody
pays twice for it.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from http import HTTPStatus

from django.http import HttpRequest
from django.utils.http import parse_etags, parse_http_date_safe
from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal

_single = re.compile(
    r"bytes=[ \t]*(?P<first>[0-9]*)-(?P<last>[0-9]*)[ \t]*", re.ASCII | re.IGNORECASE
)
# No file is as long as a number of so many digits; longer ones are not read as numbers.
DIGITS_MAX = 18
BEYOND = 10**DIGITS_MAX


class RangeNotSatisfiable(Refusal):
    """The range begins after the end of the file; `size_bytes` says where that is."""

    code = "range_not_satisfiable"
    http_status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


class PreconditionFailed(Refusal):
    """The request was for another version of the file than the one that is there."""

    code = "precondition_failed"
    http_status = HTTPStatus.PRECONDITION_FAILED


class Outcome(Enum):
    """What the conditions of a request come to."""

    SEND = "send"
    KNOWN = "known"
    FAILED = "failed"


@dataclass(frozen=True)
class Validators:
    """By what a client names the file that it has: its strong tag, and since when it is there. The
    date is as strong as the tag, since the file never changes."""

    etag: str
    stored_at: datetime

    def judge(self, request: HttpRequest) -> Outcome:
        """The conditions in the order of RFC 9110, 13.2.2: a tag goes before a date."""
        headers = request.headers
        if "If-Match" in headers:
            if not self._is_named(headers["If-Match"], weakly=False):
                return Outcome.FAILED
        elif self._stored_by(headers.get("If-Unmodified-Since", "")) is False:
            return Outcome.FAILED
        if "If-None-Match" in headers:
            is_known = self._is_named(headers["If-None-Match"], weakly=True)
        else:
            is_known = self._stored_by(headers.get("If-Modified-Since", "")) is True
        return Outcome.KNOWN if is_known else Outcome.SEND

    def is_current(self, if_range: str) -> bool:
        """Whether an `If-Range` names this file: by its strong tag, or by exactly its date."""
        if if_range.startswith(('"', "W/")):
            return if_range == self.etag
        return parse_http_date_safe(if_range) == int(self.stored_at.timestamp())

    def _is_named(self, header: str, *, weakly: bool) -> bool:
        if header.strip() == "*":
            return True
        tags = parse_etags(header)
        return self.etag in ([tag.removeprefix("W/") for tag in tags] if weakly else tags)

    def _stored_by(self, date: str) -> bool | None:
        """Whether the file was there at that date; None where it is no date."""
        seconds = parse_http_date_safe(date) if date else None
        return None if seconds is None else int(self.stored_at.timestamp()) <= seconds


@dataclass(frozen=True)
class Part:
    """`length` bytes from `start` on, of a file of `size_bytes`. `is_whole` when nobody asked for less."""

    start: int
    length: int
    size_bytes: int
    is_whole: bool

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size_bytes}"


def part_asked(request: HttpRequest, *, size_bytes: int, validators: Validators) -> Part:
    """The one range of a GET; the whole where it names none, several, or none we understand, and for
    every other method.

    With `If-Range` the range counts only while the file is still the one that the client has begun.
    Raises RangeNotSatisfiable.
    """
    whole = Part(start=0, length=size_bytes, size_bytes=size_bytes, is_whole=True)
    asked = _single.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or request.method != "GET":
        return whole
    if_range = request.headers.get("If-Range", "").strip()
    if if_range and not validators.is_current(if_range):
        return whole
    first, last = _number(asked["first"]), _number(asked["last"])
    if first is None and last is None:
        return whole
    if first is None:  # the last so many bytes
        length = min(last or 0, size_bytes)
        start, end = size_bytes - length, size_bytes
    else:
        start, end = first, size_bytes if last is None else min(last + 1, size_bytes)
        if last is not None and last < start:
            return whole  # such a header is invalid and counts as absent
    if start >= end:
        raise RangeNotSatisfiable(
            _("The file ends at byte %(size)d.") % {"size": size_bytes}, size_bytes=size_bytes
        )
    return Part(start=start, length=end - start, size_bytes=size_bytes, is_whole=False)


def _number(digits: str) -> int | None:
    if not digits:
        return None
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= DIGITS_MAX else BEYOND
