"""Names of files: for people only, never a path."""

import unicodedata

from exchange.vault.models.files import NAME_CHARS_MAX


def clean_name(name: str) -> str:
    """A name that is safe to show and to offer: no folders, no control or direction characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    cleaned = " ".join(shown.split()).strip(". ")
    stem, dot, ending = cleaned.rpartition(".")
    if not dot:
        return cleaned[:NAME_CHARS_MAX] or "file"
    kept = max(1, NAME_CHARS_MAX - len(ending) - 1)
    return f"{stem[:kept]}.{ending}"[:NAME_CHARS_MAX]
