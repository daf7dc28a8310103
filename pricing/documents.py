"""JSON documents: read with limits, written as one canonical sequence of bytes."""

import json
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from pricing.refusals import PricingRefusal

FILE_BYTES_MAX = 64_000_000


class NotJson(PricingRefusal):
    """A file is too large, or is not JSON."""

    code = "not_json"


class UnknownFormat(PricingRefusal):
    """No package of the library can explain a document of that format."""

    code = "unknown_format"


def read_json(path: Path, *, bytes_max: int = FILE_BYTES_MAX, exact: bool = True) -> Any:
    """A JSON file, fractions as exact Decimals (or as floats). Raises NotJson."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= bytes_max else b""
    except OSError:
        raise NotJson(f"The file {path} cannot be read.", field="file", value=str(path)) from None
    if size > bytes_max:
        raise NotJson(
            f"The file {path} has {size:,} bytes; accepted are at most {bytes_max:,}.",
            field="file",
            value=size,
            accepted=bytes_max,
        )
    return parse_json(content, str(path), exact=exact)


def parse_json(content: bytes | str, name: str, *, exact: bool = True) -> Any:
    """JSON text. NaN and Infinity become the Decimals of that name, which every rule refuses."""
    try:
        return json.loads(
            content,
            parse_float=Decimal if exact else float,
            parse_constant=Decimal,
            object_pairs_hook=_without_duplicates,
        )
    except (ValueError, RecursionError) as reason:
        raise NotJson(f"{name} is not JSON: {reason}.", field="file", value=name) from None


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice!r} is there twice")
    return found


def canonical(document: object) -> bytes:
    """The one byte sequence of a document of text, whole numbers, booleans, lists and objects.

    A Decimal is written as text.
    """
    return json.dumps(
        document,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        default=_text_of_decimal,
    ).encode()


def _text_of_decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no place in a document")


def digest(document: object) -> str:
    """`sha256:` and the hash of the canonical bytes."""
    return f"sha256:{sha256(canonical(document)).hexdigest()}"
