"""Shapefiles: geometries in one file, their rows in another, both in one archive."""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from exchange.vault.reading import dbf, errors
from exchange.vault.reading.documents import Note
from exchange.vault.reading.geometry import wkt
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.unpack import Member
from exchange.vault.reading.written_sql import Table

MAGIC = b"\x00\x00\x27\x0a"
ENDINGS = frozenset({".shp", ".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".xml"})
HEADER_BYTES = 100
NULL, POINT, LINE, AREA, POINTS = 0, 1, 3, 5, 8
WITH_HEIGHT, WITH_MEASURE = 10, 20  # added to the numbers of the plain kinds
PROJECTED = re.compile(r'\s*PROJ(?:CS|CRS)\s*\[\s*"([^"]{1,100})"', re.IGNORECASE)
ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "65001": "utf-8", "gbk": "gb18030", "gb2312": "gb18030",
             "936": "gb18030", "cp936": "gb18030", "gb18030": "gb18030", "big5": "cp950", "950": "cp950",
             "1252": "cp1252", "cp1252": "cp1252", "iso-8859-1": "cp1252", "iso88591": "cp1252",
             "1251": "cp1251", "cp1251": "cp1251", "1250": "cp1250", "932": "cp932", "949": "cp949"}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """A shapefile with what lies beside it under its name, by ending."""

    shapes: Member
    parts: dict[str, Member]


def layers_in(members: Sequence[Member]) -> tuple[list[Layer], list[Member]]:
    """The shapefiles of an archive, and all other members."""
    shapes = {_stem(one): one for one in members if _ending(one) == ".shp" and _is_shape(one.path)}
    beside: dict[str, dict[str, Member]] = {stem: {} for stem in shapes}
    others = []
    for member in members:
        stem = _stem(member).removesuffix(".shp")
        if stem in beside and _ending(member) in ENDINGS:
            beside[stem][_ending(member)] = member
        else:
            others.append(member)
    return [Layer(shapes[stem], parts) for stem, parts in beside.items()], others


def table_in(layer: Layer, limits: Limits) -> Table:
    """The rows of a layer, and the geometry of each as text."""
    rows = layer.parts.get(".dbf")
    has_height = _has_height(layer.shapes.path)
    notes = (*_projection(layer.parts.get(".prj")), *((_heights(),) if has_height else ()))
    shapes = _shapes(layer.shapes.path, limits)
    if rows is None:
        return Table(("geometry",), ([one] for one in shapes), notes=notes)
    said = _encoding(layer.parts.get(".cpg"))
    own = dbf.table_in(rows.path, limits, encoding=said)
    return Table(
        (*own.names, "geometry"),
        _joined(dbf.rows_of(rows.path, limits, encoding=own.encoding), shapes, len(own.names)),
        encoding=own.encoding,
        notes=notes,
    )


def _joined(
    rows: Iterator[list[str | None] | None], shapes: Iterator[str | None], width: int
) -> Iterator[list[str | None]]:
    """Rows and geometries stand in one order; a deleted row takes its geometry with it."""
    missing: list[str | None] = [None] * width
    for row, shape in zip_longest(rows, shapes, fillvalue=""):
        if row is not None:
            yield [*(row if isinstance(row, list) else missing), shape or None]


def _shapes(path: Path, limits: Limits) -> Iterator[str | None]:
    with path.open("rb") as file:
        file.seek(HEADER_BYTES)
        while len(head := file.read(8)) == 8:  # noqa: PLR2004 - number and length
            length = 2 * struct.unpack(">ii", head)[1]
            if not 4 <= length <= limits.cell_bytes:  # noqa: PLR2004 - a kind at least
                raise _damaged()
            content = file.read(length)
            if len(content) < length:
                raise _damaged()
            try:
                yield wkt(_geometry(content))
            except (struct.error, ValueError):
                raise _damaged() from None


def _geometry(content: bytes) -> dict[str, object] | None:
    kind = struct.unpack_from("<i", content)[0]
    plain = kind % 10 if kind < 30 else kind  # noqa: PLR2004 - patches have numbers of their own
    if plain == NULL:
        return None
    if plain == POINT:
        return {"type": "Point", "coordinates": _points(content, 4, 1)[0]}
    if plain == POINTS:
        (count,) = struct.unpack_from("<i", content, 36)
        return {"type": "MultiPoint", "coordinates": _points(content, 40, count)}
    if plain not in (LINE, AREA):
        raise ValueError("a kind of shape that is not known")
    parts: list[Any] = _parts(content) if plain == LINE else _areas(_parts(content))
    name = "LineString" if plain == LINE else "Polygon"
    if len(parts) == 1:
        return {"type": name, "coordinates": parts[0]}
    return {"type": f"Multi{name}", "coordinates": parts}


def _parts(content: bytes) -> list[list[tuple[str, str]]]:
    parts, count = struct.unpack_from("<ii", content, 36)
    if not 0 < parts <= len(content) // 4:
        raise ValueError("parts")
    starts = [*struct.unpack_from(f"<{parts}i", content, 44), count]
    points = _points(content, 44 + 4 * parts, count)
    return [points[first:last] for first, last in pairwise(starts)]


def _areas(rings: Sequence[list[tuple[str, str]]]) -> list[list[list[tuple[str, str]]]]:
    """Rings that run clockwise begin an area; the others are holes in the one before."""
    areas: list[list[list[tuple[str, str]]]] = []
    for ring in rings:
        if not areas or _is_clockwise(ring):
            areas.append([ring])
        else:
            areas[-1].append(ring)
    return areas


def _is_clockwise(ring: Sequence[tuple[str, str]]) -> bool:
    places = [(float(x), float(y)) for x, y in ring]
    pairs = pairwise(places)
    return sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in pairs) >= 0


def _points(content: bytes, at: int, count: int) -> list[tuple[str, str]]:
    if not 0 <= count <= (len(content) - at) // 16:
        raise ValueError("points")
    numbers = struct.unpack_from(f"<{2 * count}d", content, at)
    return list(zip(map(_number, numbers[::2]), map(_number, numbers[1::2]), strict=True))


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _has_height(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    kind = struct.unpack_from("<i", head, 32)[0] if len(head) == HEADER_BYTES else NULL
    return bool(kind >= WITH_HEIGHT)


def _heights() -> Note:
    return Note("heights_left_out", _("Heights and measures of the geometries were left out."), 0)


def _projection(member: Member | None) -> tuple[Note, ...]:
    if member is None:
        return ()
    found = PROJECTED.match(member.path.read_bytes()[:2_000].decode("utf-8", "replace"))
    if found is None:
        return ()
    text = _("Coordinates are in the reference system %(name)s.") % {"name": found[1]}
    return (Note("coordinates_projected", text, 0),)


def _encoding(member: Member | None) -> str | None:
    if member is None:
        return None
    said = member.path.read_bytes()[:40].decode("ascii", "ignore").strip().lower()
    return ENCODINGS.get(said.removeprefix("ansi ").removeprefix("oem "))


def _is_shape(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == MAGIC


def _ending(member: Member) -> str:
    return PurePosixPath(member.name).suffix.lower()


def _stem(member: Member) -> str:
    return str(PurePosixPath(member.name).with_suffix("")).casefold()


def _damaged() -> errors.UnreadableDatabase:
    return errors.UnreadableDatabase(_("The shapefile is damaged."))
