"""Geometries as text: what GeoJSON and shapefiles draw, in the well-known text that maps and databases read."""

from collections.abc import Callable, Sequence
from typing import Any

DEPTH_MAX = 8


def wkt(geometry: Any) -> str | None:
    """The text of a geometry of GeoJSON; None for one that is empty or is none."""
    return _text(geometry, DEPTH_MAX)


def _text(geometry: Any, depth: int) -> str | None:
    if not isinstance(geometry, dict) or not depth:
        return None
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        parts = [_text(one, depth - 1) for one in _list(geometry.get("geometries"))]
        inner = ", ".join(part for part in parts if part)
    elif kind in WRITERS:
        try:
            inner = WRITERS[kind](geometry.get("coordinates"))
        except (TypeError, ValueError):
            return None
    else:
        return None
    return f"{str(kind).upper()} ({inner})" if inner else None


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _position(value: Any) -> str:
    if not isinstance(value, list | tuple) or len(value) < 2:  # noqa: PLR2004 - x and y
        raise ValueError("no position")
    if any(isinstance(number, bool | list | dict) or number is None for number in value[:3]):
        raise ValueError("no position")
    return " ".join(str(number) for number in value[:3])


def _line(value: Any) -> str:
    return ", ".join(_position(one) for one in value)


def _lines(value: Any) -> str:
    return ", ".join(f"({_line(one)})" for one in value)


def _areas(value: Any) -> str:
    return ", ".join(f"({_lines(one)})" for one in value)


WRITERS: dict[str, Callable[[Any], str]] = {
    "Point": _position,
    "MultiPoint": _line,
    "LineString": _line,
    "MultiLineString": _lines,
    "Polygon": _lines,
    "MultiPolygon": _areas,
}
