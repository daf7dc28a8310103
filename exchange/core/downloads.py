"""Files that doors answer with: lines of CSV, long downloads, files of tables."""

import base64
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import IO, cast

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext as _

from exchange.core.csv_cells import inert
from exchange.core.problems import title_of
from exchange.core.ranges import (
    Outcome,
    Part,
    PreconditionFailed,
    RangeNotSatisfiable,
    Validators,
    part_asked,
)
from exchange.core.refusals import Refusal
from exchange.core.sending import FileResponse

LINES_PER_STEP = 500


class Download(StreamingHttpResponse):
    """A file of lines, some hundred at a time, however slowly the reader takes them.

    No database connection is held between two steps, so `lines` must not keep a cursor open.
    """

    def __init__(self, lines: Iterator[str], *, name: str, content_type: str) -> None:
        super().__init__(_steps(lines), content_type=content_type)
        self["Content-Disposition"] = f'attachment; filename="{name}"'

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Django would first make a list of all steps. Each step is one call into the request's
        # thread, where its connection lives; in between, that thread is at rest.
        steps = cast("Iterator[bytes]", self.streaming_content)
        take = sync_to_async(lambda: next(steps, None), thread_sensitive=True)
        while (step := await take()) is not None:
            yield step


def _steps(lines: Iterator[str]) -> Iterator[str]:
    while step := "".join(islice(lines, LINES_PER_STEP)):
        _let_go()
        yield step


def _let_go() -> None:
    """Close connections that are past their time, but for those in a transaction, which is somebody's work."""
    for one in connections.all(initialized_only=True):
        if not one.in_atomic_block:
            one.close_if_unusable_or_obsolete()


def csv_line(cells: Iterable[object]) -> str:
    """One line with its end. Text that a spreadsheet would run is quoted away; numbers stay."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(inert(c) if isinstance(c, str) else c for c in cells)
    return buffer.getvalue()


@dataclass(frozen=True)
class Source:
    """A file that never changes since `stored_at`. `internal_path` is where a proxy in front finds
    it, if it may."""

    open: Callable[[], IO[bytes]]
    size_bytes: int
    sha256: str
    name: str
    media_type: str
    stored_at: datetime
    internal_path: str = ""

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'

    @property
    def last_modified(self) -> str:
        return http_date(self.stored_at.timestamp())


def answer(
    request: HttpRequest,
    source: Source,
    *,
    on_begin: Callable[[], None],
    on_sent: Callable[[int], None],
) -> HttpResponseBase:
    """200 or 206 with the content, 304 for one that is known, 412 for another than the one that was
    meant, 416 for a range beyond the end. HEAD is answered as a GET without a range, and no body.

    `on_begin` is called when content is about to be sent, and may refuse; `on_sent` is told how many
    bytes went out, now and then.
    """
    validators = Validators(etag=source.etag, stored_at=source.stored_at)
    outcome = validators.judge(request)
    if outcome is Outcome.FAILED:
        failed = refused(PreconditionFailed(_("The file is not the one that was meant.")))
        failed["ETag"] = source.etag
        return failed
    if outcome is Outcome.KNOWN:
        return _described(HttpResponse(status=HTTPStatus.NOT_MODIFIED), source)
    try:
        part = part_asked(request, size_bytes=source.size_bytes, validators=validators)
    except RangeNotSatisfiable as refusal:
        beyond = refused(refusal)
        beyond["Content-Range"] = f"bytes */{source.size_bytes}"
        beyond["Accept-Ranges"] = "bytes"
        return beyond
    if request.method == "HEAD":
        return _in_part(_described(HttpResponse(content_type=source.media_type), source), part)
    on_begin()
    if source.internal_path:
        on_sent(part.length)
        passed_on = _described(HttpResponse(content_type=source.media_type), source)
        passed_on["X-Accel-Redirect"] = source.internal_path
        return passed_on
    sending = FileResponse(
        source.open(),
        part=part,
        request=request,
        on_sent=on_sent,
        content_type=source.media_type,
    )
    return _in_part(_described(sending, source), part)


def refused(refusal: Refusal) -> HttpResponse:
    """A refusal as a problem document (RFC 9457), for the programs that files are given to."""
    status = int(refusal.http_status)
    members = {
        **refusal.facts,
        "type": f"/problems/{refusal.code}",
        "title": title_of(refusal.code),
        "status": status,
        "detail": str(refusal.message),
        "code": refusal.code,
    }
    return JsonResponse(members, status=status, content_type="application/problem+json")


def _described(response: HttpResponseBase, source: Source) -> HttpResponseBase:
    digest = base64.b64encode(bytes.fromhex(source.sha256)).decode()
    response["ETag"] = source.etag
    response["Last-Modified"] = source.last_modified
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store, no-transform"
    disposition = content_disposition_header(as_attachment=True, filename=source.name)
    response["Content-Disposition"] = disposition or "attachment"
    return response


def _in_part(response: HttpResponseBase, part: Part) -> HttpResponseBase:
    response["Content-Length"] = str(part.length)
    if not part.is_whole:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = part.content_range
    return response
