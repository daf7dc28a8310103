"""JSON documents: read with limits, written as one sequence of bytes, compared when computed again.

Also the case of a vector file, which is what `python -m pricing evaluate` hands to an evaluator.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from pricing.exact import SHOWN_MAX, refuse
from pricing.refusals import PricingRefusal

FILE_BYTES_MAX = 64_000_000
DIGITS_READ_MAX = 1000


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
            parse_int=_whole,
            parse_constant=Decimal,
            object_pairs_hook=_without_duplicates,
        )
    except (ValueError, RecursionError) as reason:
        raise NotJson(f"{name} is not JSON: {reason}.", field="file", value=name) from None


def _whole(digits: str) -> int | Decimal:
    """A whole number. Python refuses to read thousands of digits; the rule that meets them shall."""
    return int(digits) if len(digits) <= DIGITS_READ_MAX else Decimal(digits)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice!r} is there twice")
    return fields


def canonical(document: object) -> bytes:
    """The one byte sequence of a document of text, whole numbers, booleans, lists and objects.

    A Decimal is written as text. Raises BadValue for text with half of a surrogate pair.
    """
    written = json.dumps(
        document,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        default=_text_of_decimal,
    )
    try:
        return written.encode()
    except UnicodeEncodeError as reason:
        at = reason.start
        refuse("document", ascii(written[at : at + 1]), "text without lone surrogates")


def _text_of_decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no place in a document")


def digest(document: object) -> str:
    """`sha256:` and the hash of the canonical bytes."""
    return f"sha256:{sha256(canonical(document)).hexdigest()}"


DEPTH_MAX = 20


def as_text(value: object) -> Any:
    """JSON values with every number as text, so that bytes do not depend on how it was read."""
    if isinstance(value, Mapping):
        return {str(key): as_text(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(entry) for entry in value]
    return value if value is None or isinstance(value, str | bool) else str(value)


def in_name_order(value: object, depth: int = 0) -> Any:
    """JSON values with every object's fields by name: the order of writing says nothing in JSON.

    So ties in a split go by the party's name, and a document read back gives the same bytes. Raises
    BadValue for a document nested more than twenty deep, and for text that no file can hold.
    """
    if depth > DEPTH_MAX:
        refuse("document", "nested deeper", f"at most {DEPTH_MAX} levels")
    if isinstance(value, Mapping):
        return {
            _encodable(key): in_name_order(value[key], depth + 1) for key in sorted(value, key=str)
        }
    if isinstance(value, list | tuple):
        return [in_name_order(entry, depth + 1) for entry in value]
    return value if not isinstance(value, str) else _encodable(value)


def _encodable(written: str) -> str:
    """The text. Raises BadValue for half of a surrogate pair, which JSON can escape and no file hold."""
    try:
        written.encode()
    except UnicodeEncodeError:
        refuse("document", ascii(written), "text without lone surrogates")
    return written


def check_unchanged(
    given: Mapping[str, Any], again: Mapping[str, Any], differs: type[PricingRefusal]
) -> None:
    """Raise `differs` for the first field that is not what computing it again gives."""
    for name in sorted(set(again) | set(given)):
        if name in given and name in again and _same_bytes(given[name], again[name]):
            continue
        raise differs(
            f"The field {name} is not what the rest of the document gives.",
            field=name,
            value=str(given.get(name))[:SHOWN_MAX],
            accepted=str(again.get(name))[:SHOWN_MAX],
        )


def _same_bytes(given: object, again: object) -> bool:
    try:
        return canonical(given) == canonical(again)
    except (TypeError, ValueError):  # what no document can hold, such as NaN
        return False


class MissingField(PricingRefusal):
    """A case, a plan or a request lacks a field that its rule cannot do without."""

    code = "missing_field"


class UnknownFile(PricingRefusal):
    """A file named by a case is not in the data folder."""

    code = "unknown_file"


@dataclass(frozen=True)
class Case:
    """Parameters and input of one case.

    Numbers are exact: a JSON integer is an `int`, a JSON fraction such as `0.5` is a `Decimal`
    (never a float), and NaN or Infinity arrive as the Decimal of that name, for the rule to refuse.
    Text stays text. An evaluator that wants floats converts them itself.
    """

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    case_id: str = ""

    def param(self, name: str) -> Any:
        """A parameter that must be there. Raises MissingField."""
        return _present(self.params, name, "params")

    def given(self, name: str) -> Any:
        """A field of the input that must be there. Raises MissingField."""
        return _present(self.input, name, "input")

    def file(self, name: object) -> Path:
        """The file of that name inside the data folder. Raises UnknownFile."""
        path = (self.folder / str(name)).resolve()
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            raise UnknownFile(
                f"The data folder has no file {str(name)!r}; name one that lies inside it.",
                field="file",
                value=str(name),
            )
        return path


Evaluator = Callable[[Case], object]


def _present(fields: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in fields:
        raise MissingField(
            f"The field {name!r} is missing from {where}.",
            field=name,
            value=None,
            accepted=f"{where} with {name!r}",
        )
    return fields[name]
