"""Units and descriptions guessed from the words of a column's name, English or Chinese."""

import re

from exchange.vault.reading.units import BRACKETS, unit_in
from exchange.vault.reading.units import WORDS as UNIT_WORDS

# Units keep their prefix: kWh is one word.
TOKEN = re.compile(
    r"(?<![A-Za-z])(?:[kMGT]Wh?|[kM]VA|kvar|[kMm]V|[kMGh]Pa|m?Ah|[kMG]Hz|mA|kg|km|dB)(?![A-Za-z])"
    r"|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[\u4e00-\u9fff]+|[%°℃]"
)
LETTERS_MIN = 3

EXPANDED = {
    "lat": "latitude", "lon": "longitude", "lng": "longitude", "temp": "temperature",
    "avg": "average", "min": "lowest", "max": "highest", "qty": "quantity", "amt": "amount",
    "num": "number of", "nr": "number", "no": "number", "id": "identifier", "dt": "date",
    "ts": "time", "cust": "customer", "addr": "address", "tel": "telephone", "pct": "share in percent",
    "std": "standard deviation of", "dob": "date of birth", "freq": "frequency", "cap": "capacity",
}  # fmt: skip


def tokens(name: str) -> list[str]:
    """The words of a name, lower case: snake_case, camelCase and Chinese runs come apart."""
    return [token.lower() for token in TOKEN.findall(name)]


def unit_of(name: str, *, is_number: bool) -> str | None:
    """A unit that the name says or nearly says. Only numbers have one."""
    return unit_in(name) if is_number else None


def description_of(name: str) -> str:
    """A first wording for the seller to correct; nothing when the name holds codes, not words."""
    words = tokens(BRACKETS.sub("", name))
    if not words or any(word.isdigit() for word in words):
        return ""
    said = [EXPANDED.get(word, word) for word in words if word not in UNIT_WORDS]
    if not said or any(len(word) < LETTERS_MIN and word.isascii() for word in said):
        return ""
    sentence = ("" if any(not word.isascii() for word in said) else " ").join(said)
    return sentence[:1].upper() + sentence[1:]
