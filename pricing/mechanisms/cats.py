"""Package bids from files in the format of the Combinatorial Auction Test Suite."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from pricing.charges.exact import refuse
from pricing.documents import NotJson

FILE_BYTES_MAX = 64_000_000


def read_cats(path: Path) -> tuple[int, list[tuple[int, Fraction, tuple[int, ...]]]]:
    """The number of true goods, and (number, price, goods) of each bid.

    Goods from the number of true goods on are dummies: bids that share one exclude each other.
    """
    if path.stat().st_size > FILE_BYTES_MAX:
        raise NotJson(f"The file {path} is too large.", field="file", accepted=FILE_BYTES_MAX)
    goods: int | None = None
    bids = []
    for line in path.read_text().splitlines():
        words = line.split("%")[0].split()
        if words[:1] == ["goods"]:
            goods = int(words[1])
        elif words and words[0].isdigit():
            bids.append(_bid(words))
    if goods is None:
        refuse("file", path.name, "a file with a line `goods N`")
    return goods, bids


def _bid(words: list[str]) -> tuple[int, Fraction, tuple[int, ...]]:
    listed = words[2:-1] if words[-1] == "#" else words[2:]
    try:
        price = Fraction(Decimal(words[1]))
        return int(words[0]), price, tuple(int(good) for good in listed)
    except (IndexError, ValueError, InvalidOperation):
        refuse("bid", " ".join(words), "a number, a price, goods and #")
