"""Which part of a file a request asks for (RFC 9110, section 14)."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest
from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal

DIGITS_MAX = 18
_single = re.compile(
    rf"bytes=(?P<first>\d{{0,{DIGITS_MAX}}})-(?P<last>\d{{0,{DIGITS_MAX}}})", re.ASCII
)


class RangeNotSatisfiable(Refusal):
    """The range begins after the end of the file; `size_bytes` says where that is."""

    code = "range_not_satisfiable"
    http_status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


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


def part_asked(request: HttpRequest, *, size_bytes: int, etag: str) -> Part:
    """The one range of the request; the whole where it names none, several, or none we understand.

    With `If-Range` the range counts only while the file is still the one that the client has begun.
    Raises RangeNotSatisfiable.
    """
    whole = Part(start=0, length=size_bytes, size_bytes=size_bytes, is_whole=True)
    asked = _single.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or request.headers.get("If-Range", etag) != etag:
        return whole
    first, last = asked["first"], asked["last"]
    if not first and not last:
        return whole
    if not first:  # the last so many bytes
        length = min(int(last), size_bytes)
        start, end = size_bytes - length, size_bytes
    else:
        start = int(first)
        end = min(int(last) + 1, size_bytes) if last else size_bytes
        if last and int(last) < start:
            return whole  # such a header is invalid and counts as absent
    if start >= end:
        raise RangeNotSatisfiable(
            _("The file ends at byte %(size)d.") % {"size": size_bytes}, size_bytes=size_bytes
        )
    return Part(start=start, length=end - start, size_bytes=size_bytes, is_whole=False)
