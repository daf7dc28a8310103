"""Public ids: sortable by birth, unguessable, safe in a URL, and readable over a telephone.

`org_06f3k9...`: a prefix that names the kind, then 26 characters of Crockford base 32: 48 bits of
milliseconds since 1970 followed by 80 random bits, so that ids sort by birth and cannot be guessed.
"""

import secrets
import time
from functools import partial
from typing import TYPE_CHECKING

from django.db import models

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
RANDOM_BITS = 80
BODY_CHARS = 26
PREFIX_CHARS_MAX = 6


def new_id(prefix: str) -> str:
    """A fresh id of the given kind."""
    number = (time.time_ns() // 1_000_000 << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)
    body = "".join(ALPHABET[number >> shift & 31] for shift in range((BODY_CHARS - 1) * 5, -1, -5))
    return f"{prefix}_{body}"


if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class PublicIdField(_Text):
    """The id that outsiders see. Joins use the numeric primary key, which nobody outside learns."""

    def __init__(self, *, prefix: str, **options: object) -> None:
        self.prefix = prefix
        fixed = {
            "max_length": PREFIX_CHARS_MAX + 1 + BODY_CHARS,
            "unique": True,
            "editable": False,
            "default": partial(new_id, prefix),
        }
        super().__init__(**{**options, **fixed})  # type: ignore[arg-type]  # Field's options are open

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, path, args, options = super().deconstruct()
        for fixed in ("max_length", "unique", "editable", "default"):
            options.pop(fixed, None)
        return name, path, list(args), {**options, "prefix": self.prefix}
