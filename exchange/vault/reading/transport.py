"""What a reading yields, as JSON and back. The way back trusts nothing: every value must have the type
that its field declares, and a path is one plain file of the folder that was given."""

import json
import os
import stat
import types
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from exchange.core.refusals import Refusal
from exchange.vault.reading import errors
from exchange.vault.reading.documents import FileReading, Progress
from exchange.vault.reading.questions import Question

FACTS_CHARS_MAX = 4_000
MESSAGE_CHARS_MAX = 500
# Parameters of a refusal itself, beside which its facts are given by name.
TAKEN_NAMES = frozenset({"self", "message"})


class Forged(ValueError):
    """What came back is not what a reading yields."""


def encode(reading: FileReading) -> Any:
    """JSON values only; a path becomes the name of its file."""
    return _plain(reading)


def decode(value: Any, *, into: Path) -> FileReading:
    """The reading whose files lie in `into`. Raises Forged."""
    reading = _typed(FileReading, value, into)
    if not isinstance(reading, FileReading):
        raise Forged("It is no reading.")
    return reading


def encode_questions(questions: Sequence[Question]) -> list[Any]:
    """JSON values only."""
    return [_plain(one) for one in questions]


def decode_questions(value: Any) -> tuple[Question, ...]:
    """Questions as they were kept. Raises Forged."""
    return tuple(_typed(tuple[Question, ...], value, Path()))


def decode_progress(value: Any) -> Progress:
    """Raises Forged."""
    progress = _typed(Progress, value, Path())
    if not isinstance(progress, Progress):
        raise Forged("It is no progress.")
    return progress


def encode_refusal(refusal: Refusal) -> dict[str, Any]:
    """Its code, its sentence, and its facts."""
    return {"code": refusal.code, "message": str(refusal.message), "facts": refusal.facts}


def decode_refusal(value: Any) -> errors.Unreadable:
    """A refusal of this room with its code. Raises Forged for any other."""
    if not isinstance(value, dict) or not isinstance(value.get("message"), str):
        raise Forged("It is no refusal.")
    kind = _refusals().get(str(value.get("code")))
    facts = value.get("facts")
    if kind is None or not isinstance(facts, dict) or len(json.dumps(facts)) > FACTS_CHARS_MAX:
        raise Forged("It is none of the refusals of a reading.")
    if TAKEN_NAMES & facts.keys():
        raise Forged("A fact has a name that is taken.")
    return kind(value["message"][:MESSAGE_CHARS_MAX], **{str(k): v for k, v in facts.items()})


@cache
def _refusals() -> dict[str, type[errors.Unreadable]]:
    found: dict[str, type[errors.Unreadable]] = {}
    waiting: list[type[errors.Unreadable]] = [errors.Unreadable]
    while waiting:
        kind = waiting.pop()
        found[kind.code] = kind
        waiting += kind.__subclasses__()
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.name
    if isinstance(value, StrEnum):
        return str(value)
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(kind: Any, value: Any, into: Path) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), value, into)
    if origin is tuple:
        return _tuple(get_args(kind), value, into)
    if origin is dict and isinstance(value, dict):
        of_keys, of_values = get_args(kind)
        return {_typed(of_keys, k, into): _typed(of_values, v, into) for k, v in value.items()}
    if kind is Path:
        return _file(value, into)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind, value, into)
    return _simple(kind, value)


def _simple(kind: Any, value: Any) -> Any:
    """A value whose JSON type is its own; a float may have come as a whole number. A word of an
    enumeration is one that it has."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if type(value) is not str or value not in set(kind):
            raise Forged(f"A value is no {kind.__name__}.")
        return kind(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise Forged(f"A value is no {kind}.")
    return value


def _one_of(kinds: tuple[Any, ...], value: Any, into: Path) -> Any:
    if value is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is not type(None):
            return _typed(kind, value, into)
    raise Forged("A value has no type.")


def _tuple(kinds: tuple[Any, ...], value: Any, into: Path) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Forged("A value is no list.")
    if len(kinds) == 2 and kinds[1] is ...:  # noqa: PLR2004 - tuple[X, ...]
        return tuple(_typed(kinds[0], one, into) for one in value)
    if len(kinds) != len(value):
        raise Forged("A list has another length.")
    return tuple(_typed(kind, one, into) for kind, one in zip(kinds, value, strict=True))


def _dataclass(kind: type, value: Any, into: Path) -> Any:
    hints = _hints(kind)
    if not isinstance(value, dict) or set(value) != set(hints):
        raise Forged(f"A value is no {kind.__name__}.")
    return kind(**{name: _typed(hint, value[name], into) for name, hint in hints.items()})


def _file(value: Any, into: Path) -> Path:
    """A link would have us read, and give away, what lies elsewhere."""
    if not isinstance(value, str) or value != os.path.basename(value) or value in ("", ".", ".."):  # noqa: PTH119 - letters, not a path yet
        raise Forged("A file lies outside its folder.")
    path = into / value
    try:
        found = path.lstat()
    except OSError:
        raise Forged("A file is missing.") from None
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise Forged("A file is none of its own.")
    return path
