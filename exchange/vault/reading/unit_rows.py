"""The row of units that some tables have below their names."""

import re
from collections.abc import Sequence

from exchange.vault.reading.shapes import VALUES, Shape, shape_of, shapes_of
from exchange.vault.reading.units import LAST, WORDS

UNIT_CHARS_MAX = 14
KNOWN = {
    one.casefold()
    for one in (
        *WORDS, *WORDS.values(), *LAST, *LAST.values(), "ma", "-", "—", "/", "m", "s", "h", "d", "a", "v", "w", "k", "g", "t",
        "l", "c", "f", "j", "n", "kn", "kj", "mj", "gj", "°", "°c", "deg", "degrees", "℃", "m3/h", "m³/h",
        "m3", "m³", "m/s", "m/s2", "m/s²", "m^3/h", "nm3/h", "nm³/h", "kg/h", "kg/s", "t/h", "l/s", "l/min",
        "l/h", "w/m2", "w/m²", "kwh/m2", "hpa", "mbar", "bar", "bara", "barg", "mmhg", "ohm", "ω", "kω",
        "mω", "pf", "nf", "µf", "uf", "mv", "uv", "µv", "ua", "µa", "us", "µs", "ns", "us/cm", "µs/cm",
        "mg/l", "g/l", "ug/m3", "µg/m3", "µg/m³", "mg/m3", "ppb", "ntu", "ph", "g/cm3", "kg/m3", "kg/m³",
        "km2", "km²", "m2", "m²", "ha", "yuan", "元", "万元", "元/kwh", "€", "$", "¥", "eur/mwh", "€/mwh",
        "$/mwh", "usd/mwh", "r/min", "rad", "rad/s", "deg/s", "n·m", "nm", "kn·m", "var", "mvar", "mva", "va",
        "千瓦", "千瓦时", "度", "兆瓦", "伏", "安", "摄氏度", "吨", "米", "立方米", "公里", "次", "个", "人", "户",
        "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss", "hh:mm", "hh:mm:ss", "utc", "text", "string",
        "int", "float", "double", "count", "counts", "number", "none", "n/a", "unitless", "dimensionless",
    )
}  # fmt: skip
BRACKETS = re.compile(r"[(\[（【<]\s*(.*?)\s*[)\]）】>]")
NO_UNIT = frozenset(
    {"", "-", "—", "/", "n/a", "none", "unitless", "dimensionless", "text", "string", "int", "float",
     "double", "utc", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss", "hh:mm", "hh:mm:ss"}
)  # fmt: skip


def units_in(row: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The units of the columns when `row` is a row of units over `below`; nothing when it is data."""
    if not below:
        return ()
    cells = [_bare(cell) for cell in row]
    shapes = shapes_of(below, len(row))
    values = [cell for cell, shape in zip(cells, shapes, strict=True) if shape in VALUES and cell]
    if not values or any(shape_of(cell) in VALUES for cell in cells):
        return ()
    if any(len(cell) > UNIT_CHARS_MAX + 8 for cell in cells):
        return ()
    numbers = [
        cell for cell, shape in zip(cells, shapes, strict=True) if shape is Shape.NUMBER and cell
    ]
    known = sum(cell.casefold() in KNOWN for cell in numbers)
    if not numbers or known * 2 < len(numbers) or known == sum(c in NO_UNIT for c in numbers):
        return ()
    return tuple("" if cell.casefold() in NO_UNIT else cell for cell in cells)


def _bare(cell: str) -> str:
    text = cell.strip()
    found = BRACKETS.fullmatch(text)
    return found.group(1) if found else text
