"""What form the cells of a column have, judged from a sample; the conversion then holds every cell to it.

A form is claimed only where reading it loses nothing: codes with leading zeros, numbers of more digits
than a number holds, and dates whose day and month cannot be told apart stay text. What one column cannot
tell, the others of its table may: `settled`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from exchange.vault.reading.kinds import ABSENT, CELL_CHARS_MAX, ORDERS, TYPED_SHARE, Form, Guess
from exchange.vault.reading.moment_forms import FORMATS_MAX, in_order, moment_guess
from exchange.vault.reading.number_forms import number_guess, numbers_among
from exchange.vault.reading.numbers import Style

NUMBER_FORMS = (Form.INTEGER, Form.DECIMAL, Form.EXACT)
ORDERED_FORMS = (*ORDERS, Form.WRITTEN, Form.MONTH)


def guess(cells: Iterable[str | None], name: str = "") -> Guess:
    """The form that most cells have, when at least four of five do; otherwise text."""
    counted = Counter(cell.strip() for cell in cells if cell is not None and cell.strip())
    filled = {cell: count for cell, count in counted.items() if cell.lower() not in ABSENT}
    total = sum(filled.values())
    if not total:
        return Guess(Form.TEXT if counted else Form.EMPTY)
    short = {cell: count for cell, count in filled.items() if len(cell) <= CELL_CHARS_MAX}
    if sum(short.values()) < total * TYPED_SHARE:
        return Guess(Form.TEXT)
    found = _boolean(short, total) or number_guess(short, total, name) or moment_guess(short, total)
    if found is None:
        return Guess(Form.TEXT, has_misfits=numbers_among(short) > total * (1 - TYPED_SHARE))
    return replace(found, has_misfits=found.has_misfits or total < counted.total())


def settled(guesses: Mapping[str, Guess]) -> dict[str, Guess]:
    """The guesses with what the columns of one table prove for each other: a decimal comma in one is a
    decimal comma in all, and so are the orders of day and month."""
    proved = {one.proves for one in guesses.values() if one.proves}
    return {name: _settled(one, proved) for name, one in guesses.items()}


def _settled(one: Guess, proved: set[str]) -> Guess:
    fitting = [rival for proof, rival in one.rivals if proof in proved]
    return fitting[0] if len(fitting) == 1 else one


def _boolean(filled: Mapping[str, int], total: int) -> Guess | None:
    share = sum(count for cell, count in filled.items() if cell.lower() in {"true", "false"})
    return Guess(Form.BOOLEAN, has_misfits=share < total) if share >= total * TYPED_SHARE else None


def widened(own: Guess, other: Guess) -> Guess | None:
    """The form that holds the cells of a column and others that had not its form; None where none does."""
    other = dict(other.rivals).get(own.form.value, other)
    if own.form in NUMBER_FORMS and other.form in NUMBER_FORMS:
        wider = _wider_number(own, other)
    elif (own.form, other.form) == (Form.DATE, Form.DATETIME):
        wider = replace(own, form=Form.DATETIME)
    elif own.form is other.form and own.form in ORDERED_FORMS:
        formats = in_order({*own.formats, *other.formats})
        wider = replace(own, formats=formats) if len(formats) <= FORMATS_MAX else None
    else:
        return None
    return None if wider is None or wider == own else replace(wider, has_misfits=True)


def _wider_number(own: Guess, other: Guess) -> Guess | None:
    if own.style.mark != other.style.mark:
        return None
    written = [one.style for one in (own, other) if one.form is not Form.INTEGER or one.style.group]
    points = {one.point for one in written}
    groups = {one.group for one in written if one.group}
    if len(points) > 1 or len(groups) > 1:
        return None
    style = Style(
        point=points.pop() if points else own.style.point,
        group=groups.pop() if groups else "",
        mark=own.style.mark,
        is_signed=own.style.is_signed or other.style.is_signed,
        has_exponent=own.style.has_exponent or other.style.has_exponent,
    )
    form = max((own.form, other.form), key=NUMBER_FORMS.index)
    if style.has_exponent and not style.is_plain:
        return None
    if style.has_exponent:
        form = Form.DECIMAL
    return replace(own, form=form, style=style, scale=max(own.scale, other.scale))
