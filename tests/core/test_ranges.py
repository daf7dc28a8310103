"""Which part of a file a request asks for."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from exchange.core.ranges import Part, RangeNotSatisfiable, Validators, part_asked

ETAG = '"abc"'
STORED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHOLE = Part(start=0, length=1000, size_bytes=1000, is_whole=True)


def asked(header: str, if_range: str = "") -> Part:
    headers = {"Range": header} | ({"If-Range": if_range} if if_range else {})
    return part_asked(
        RequestFactory().get("/", headers=headers),
        size_bytes=1000,
        validators=Validators(etag=ETAG, stored_at=STORED_AT),
    )


@pytest.mark.parametrize(
    ("header", "start", "length"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-", 500, 500),
        ("bytes=999-", 999, 1),
        ("bytes=-1", 999, 1),
        ("bytes=-5000", 0, 1000),
        ("bytes=900-5000", 900, 100),
        ("Bytes= 0-5", 0, 6),
        ("bytes=0-99999999999999999999", 0, 1000),
    ],
)
def test_a_single_range_is_found(header: str, start: int, length: int) -> None:
    assert asked(header) == Part(start=start, length=length, size_bytes=1000, is_whole=False)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=-",
        "bytes=5-3",
        "bytes=0-1,5-9",
        "items=0-5",
        "bytes=x-y",
        "bytes=٣-",
    ],
)
def test_what_is_no_single_range_means_the_whole_file(header: str) -> None:
    assert asked(header) == WHOLE


@pytest.mark.parametrize(
    "header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999-"]
)
def test_a_range_beyond_the_end_is_refused_with_the_size(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        asked(header)
    assert refused.value.facts == {"size_bytes": 1000}


def test_a_range_of_another_file_means_the_whole_file() -> None:
    assert asked("bytes=5-9", if_range='"other"') == WHOLE
    assert asked("bytes=5-9", if_range=f"W/{ETAG}") == WHOLE
    assert asked("bytes=5-9", if_range=ETAG).start == 5


def test_the_range_is_named_with_its_last_byte() -> None:
    assert asked("bytes=0-499").content_range == "bytes 0-499/1000"


def test_the_date_of_the_file_names_it_as_its_tag_does() -> None:
    assert asked("bytes=5-9", if_range="Sun, 01 Mar 2026 12:00:00 GMT").start == 5
    assert asked("bytes=5-9", if_range="Sun, 01 Mar 2026 12:00:01 GMT") == WHOLE
    assert asked("bytes=5-9", if_range="yesterday") == WHOLE
