"""Long downloads, written as they are read, and lines of CSV that a spreadsheet runs no part of."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import cast

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse

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
        close_old_connections()
        yield step


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(cells: Iterable[object]) -> str:
    """One line with its end. Text that a spreadsheet would run is quoted away; numbers stay."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(_inert(c) if isinstance(c, str) else c for c in cells)
    return buffer.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
