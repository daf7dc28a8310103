"""Units of columns that speak of a measure and say no unit: taken where the values leave one, else asked.

Nothing is taken by a name alone. A column of the same kind beside it, or the range of the values, may
leave one unit, and a note says so; where several fit, the seller is asked once for each kind of a table.
"""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading.casts_sql import identifier
from exchange.vault.reading.documents import Note
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.profile_sql import Figures, number_text, scan_of
from exchange.vault.reading.questions import (
    COLUMN,
    ROWS_SHOWN,
    Answers,
    Asked,
    Option,
    Question,
    ask,
)
from exchange.vault.reading.units import Measured, measured_in

NO_UNIT = "none"
COLUMNS_SHOWN = 5
SWITCH = frozenset({0.0, 1.0})


@dataclass(frozen=True)
class Range:
    """Between what the values of all columns of a kind lie, and the least of their medians."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class UnitsFound:
    """The units that were taken, by column; what is to be said of them, and what is asked."""

    units: Mapping[str, str]
    notes: tuple[Note, ...]
    questions: tuple[Question, ...]


def _temperature(seen: Range) -> tuple[str, ...]:
    """Below 32 °F most readings would be frost; nothing on Earth is colder than 180 K."""
    fitting = ["°C"]
    if seen.middle > 32:  # noqa: PLR2004 - where water freezes
        fitting.append("°F")
    if seen.low >= 180:  # noqa: PLR2004 - kelvin
        fitting.append("K")
    return tuple(fitting)


def _pressure(seen: Range) -> tuple[str, ...]:
    """The air's pressure is known by its narrow range; machines and pipes have what they can bear."""
    if seen.low >= 850 and seen.high <= 1100:  # noqa: PLR2004 - of the air
        return ("hPa",)
    between = {"kPa": (5, 5e4), "MPa": (0.02, 60), "bar": (0.2, 500), "psi": (5, 5e3), "Pa": (5e3, 1e9)}  # fmt: skip
    return tuple(
        unit for unit, (least, most) in between.items() if least <= abs(seen.middle) <= most
    )


def _speed(seen: Range) -> tuple[str, ...]:
    return ("m/s", "km/h", "mph") if seen.high <= 70 else ("km/h", "mph")  # noqa: PLR2004 - a hurricane in m/s


def _voltage(seen: Range) -> tuple[str, ...]:
    """Cells, and mains; of other voltages nobody knows the prefix."""
    ranges = ((1, 5), (100, 260), (360, 450))
    return ("V",) if any(least <= seen.middle <= most for least, most in ranges) else ()


def _frequency(seen: Range) -> tuple[str, ...]:
    return ("Hz",) if seen.low >= 45 and seen.high <= 65 else ()  # noqa: PLR2004 - of a grid


def _humidity(seen: Range) -> tuple[str, ...]:
    return ("%",) if seen.low >= 0 and 1 < seen.high <= 100 else ()  # noqa: PLR2004 - percent


@dataclass(frozen=True)
class _Kind:
    """What is offered where it is asked, and what fits values of a range."""

    offered: tuple[str, ...]
    fitting: Callable[[Range], tuple[str, ...]]


_KINDS = {
    Measured.TEMPERATURE: _Kind(("°C", "°F", "K"), _temperature),
    Measured.PRESSURE: _Kind(("kPa", "MPa", "bar", "psi", "hPa", "Pa"), _pressure),
    Measured.POWER: _Kind(("W", "kW", "MW"), lambda _seen: ("W", "kW", "MW")),
    Measured.ENERGY: _Kind(("Wh", "kWh", "MWh"), lambda _seen: ("Wh", "kWh", "MWh")),
    Measured.SPEED: _Kind(("m/s", "km/h", "mph"), _speed),
    Measured.VOLTAGE: _Kind(("V",), _voltage),
    Measured.FREQUENCY: _Kind(("Hz",), _frequency),
    Measured.HUMIDITY: _Kind(("%",), _humidity),
    Measured.OTHER: _Kind((), lambda _seen: ()),
}


def units_found(
    engine: Engine,
    path: Path,
    figures: Mapping[str, Figures],
    said: Mapping[str, str | None],
    *,
    place: str,
    answers: Answers,
) -> UnitsFound:
    """What the values leave of the units that nothing says. `said` are the units of the columns of numbers,
    None where none is said."""
    units: dict[str, str] = {}
    by_range: list[str] = []
    beside: list[str] = []
    missing: list[str] = []
    questions: list[Question] = []
    for kind, names in _by_kind(said, figures).items():
        neighbours = {unit for name, unit in said.items() if unit and measured_in(name) is kind}
        fitting = _KINDS[kind].fitting(_range(names, figures))
        if len(neighbours) == 1 and kind is not Measured.OTHER:
            units |= dict.fromkeys(names, neighbours.pop())
            beside += names
        elif len(fitting) == 1:
            units |= dict.fromkeys(names, fitting[0])
            by_range += names
        elif fitting:
            question = _asked(engine, path, kind, names, place=place, answers=answers)
            questions.append(question)
            if question.taken != NO_UNIT:
                units |= dict.fromkeys(names, question.taken)
        else:
            missing += names
    notes = _notes(units, beside=beside, by_range=by_range, missing=missing)
    return UnitsFound(units, notes, tuple(questions))


def _by_kind(
    said: Mapping[str, str | None], figures: Mapping[str, Figures]
) -> dict[Measured, list[str]]:
    found: dict[Measured, list[str]] = {}
    for name, unit in said.items():
        kind = None if unit else measured_in(name)
        if kind is not None and _is_measured(figures[name]):
            found.setdefault(kind, []).append(name)
    return found


def _is_measured(one: Figures) -> bool:
    """Whether there are values, and others than those of a switch."""
    return bool(_middle(one)) and not (
        one.distinct <= len(SWITCH) and {one.low, one.high} <= SWITCH
    )


def _middle(one: Figures) -> list[float]:
    """The median, where it is known."""
    return [float(one.quantiles[len(one.quantiles) // 2])] if one.quantiles else []


def _range(names: Sequence[str], figures: Mapping[str, Figures]) -> Range:
    known = [figures[name] for name in names]
    return Range(
        low=min(one.low or 0.0 for one in known),
        middle=min(middle for one in known for middle in _middle(one)),
        high=max(one.high or 0.0 for one in known),
    )


def _asked(
    engine: Engine,
    path: Path,
    kind: Measured,
    names: Sequence[str],
    *,
    place: str,
    answers: Answers,
) -> Question:
    cells = ", ".join(f"CAST({identifier(name)} AS DOUBLE)" for name in names)
    rows = engine.rows(
        f"SELECT {cells} FROM {scan_of(path)} WHERE {identifier(names[0])} IS NOT NULL LIMIT {ROWS_SHOWN}"
    )
    options = [
        Option(unit, unit, tuple(names), tuple(tuple(_with(cell, unit) for cell in row) for row in rows))
        for unit in _KINDS[kind].offered
    ]  # fmt: skip
    bare = tuple(tuple(_with(cell, "") for cell in row) for row in rows)
    options.append(
        Option(NO_UNIT, _("None of these, or nobody knows: no unit"), tuple(names), bare)
    )
    return ask(
        Asked.UNIT,
        f"{place}{COLUMN}{names[0]}",
        _("Nothing says the unit, and the values fit more than one. Which is it?"),
        options,
        likelier=NO_UNIT,
        answers=answers,
    )


def _with(cell: object, unit: str) -> str:
    return f"{number_text(float(str(cell)))} {unit}".strip() if cell is not None else ""


def _notes(
    units: Mapping[str, str],
    *,
    beside: Sequence[str],
    by_range: Sequence[str],
    missing: Sequence[str],
) -> tuple[Note, ...]:
    told = (
        ("units_by_range", by_range, _("Nothing says the unit; the range of the values leaves one: %(columns)s.")),
        ("units_of_neighbours", beside, _("The unit is that of a column of the same kind beside it: %(columns)s.")),
        ("units_missing", missing, _("Nothing says the unit: %(columns)s.")),
    )  # fmt: skip
    return tuple(
        Note(code, text % {"columns": _shown(names, units)}, len(names))
        for code, names, text in told
        if names
    )


def _shown(names: Sequence[str], units: Mapping[str, str]) -> str:
    shown = ", ".join(f"{name} {units.get(name, '')}".strip() for name in names[:COLUMNS_SHOWN])
    return shown + (" …" if len(names) > COLUMNS_SHOWN else "")
