"""What is asked of columns: where two readings of their cells fit, and nothing in the table decides."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _

from exchange.vault.reading.kinds import Form, Guess, Said
from exchange.vault.reading.moments import has_clock
from exchange.vault.reading.numbers import number_in
from exchange.vault.reading.personal_words import is_version
from exchange.vault.reading.questions import ROWS_SHOWN, Answers, Asked, Option, Question, ask
from exchange.vault.reading.sources import Source

TEXT, TIMES, NUMBERS = "text", "times", "numbers"
SHEET_BEGAN = datetime(1899, 12, 30, tzinfo=UTC)
Guesses = Mapping[str, Guess]


def asked_of(
    guesses: Guesses, source: Source, answers: Answers
) -> tuple[dict[str, Guess], tuple[Question, ...]]:
    """The guesses as a seller answered, and what is asked. The decimal sign and the order of day and month
    are asked once for a table."""
    taken = dict(guesses)
    questions = []
    for asked, names in _tables_doubts(guesses).items():
        question = _of_table(asked, names, guesses, source, answers)
        questions.append(question)
        for name in names:
            taken[name] = dict(guesses[name].rivals).get(question.taken, guesses[name])
    for name, one in guesses.items():
        if one.said is Said.PERHAPS_TIMES or (one.said is Said.VERSIONS and not is_version(name)):
            question = _of_column(name, one, source, answers)
            questions.append(question)
            taken[name] = dict(one.rivals).get(question.taken, one)
    return taken, tuple(questions)


def _tables_doubts(guesses: Guesses) -> dict[Asked, list[str]]:
    doubts: dict[Asked, list[str]] = {}
    for name, one in guesses.items():
        if one.said is Said.UNCLEAR and one.rivals:
            is_number = one.rivals[0][0] in ("point", "comma")
            doubts.setdefault(Asked.DECIMAL_SIGN if is_number else Asked.DATE_ORDER, []).append(
                name
            )
    return doubts


def _of_table(
    asked: Asked, names: Sequence[str], guesses: Guesses, source: Source, answers: Answers
) -> Question:
    values = dict.fromkeys(value for name in names for value, _guess in guesses[name].rivals)
    shown = _rows(source, names, guesses, values)
    options = [
        Option(value, _label(value), tuple(names), _as_read(shown, names, guesses, value))
        for value in (*values, TEXT)
    ]
    text = (
        _("Nothing in the table tells whether the comma parts decimals or thousands. Which is it?")
        if asked is Asked.DECIMAL_SIGN
        else _("Nothing in the table tells the day from the month. Which one comes first?")
    )
    return ask(asked, source.name, text, options, likelier=TEXT, answers=answers)


def _of_column(name: str, one: Guess, source: Source, answers: Answers) -> Question:
    is_version_like = one.said is Said.VERSIONS
    own = TEXT if is_version_like else "integer"
    rival = one.rivals[0][0]
    text = (
        _("Cells such as 3.1 and 3.10 are two texts and one number. What are they here?")
        if is_version_like
        else _("The numbers could be moments, counted from a beginning. What are they?")
    )
    shown = _rows(source, [name], {name: one}, (own, rival))
    options = [
        Option(value, _label(value), (name,), _as_read(shown, [name], {name: one}, value))
        for value in (own, rival)
    ]
    return ask(Asked.TYPE, f"{source.name} / {name}", text, options, likelier=own, answers=answers)


def _label(value: str) -> str:
    return {
        "point": _("The comma parts thousands"),
        "comma": _("The comma parts decimals"),
        "day_first": _("The day comes first"),
        "month_first": _("The month comes first"),
        "year_first": _("The year comes first"),
        "integer": _("Numbers that count or name something"),
        TEXT: _("Text, as it is written"),
        TIMES: _("Times"),
        NUMBERS: _("Numbers"),
    }[value]


def _rows(
    source: Source, names: Sequence[str], guesses: Guesses, values: Collection[str]
) -> list[list[str]]:
    """The first rows of these columns of which the readings differ, or, where none does, the first."""
    at = {column.name: number for number, column in enumerate(source.columns)}
    rows = [
        [row[at[name]] or "" for name in names]
        for row in source.sample
        if len(row) == len(source.columns)
    ]
    differing = (
        row for row in rows if len({_as_read([row], names, guesses, value) for value in values}) > 1
    )
    return list(islice(differing, ROWS_SHOWN)) or rows[:ROWS_SHOWN]


def _as_read(
    rows: Sequence[Sequence[str]], names: Sequence[str], guesses: Guesses, value: str
) -> tuple[tuple[str, ...], ...]:
    rivals = [dict(guesses[name].rivals).get(value) for name in names]
    return tuple(tuple(map(_read, row, rivals)) for row in rows)


def _read(cell: str, as_said: Guess | None) -> str:
    """A cell as a reading would give it, for the preview of that reading."""
    text = cell.strip()
    if as_said is None:
        return cell
    if as_said.form is Form.EPOCH:
        return _moment(text, as_said.formats[0])
    if as_said.formats:
        return _formatted(text, as_said.formats)
    number = number_in(text)
    if number is None:
        return cell
    kept = "".join(c for c in number.body if c.isdigit() or c == as_said.style.point)
    sign = "-" if any(one in text for one in "-(\u2212") else ""
    return sign + kept.replace(as_said.style.point, ".")


def _formatted(text: str, formats: Sequence[str]) -> str:
    for form in formats:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - shown as it is written
        except ValueError:
            continue
        return moment.isoformat(" ") if has_clock(form) else f"{moment:%Y-%m-%d}"
    return text


def _moment(text: str, unit: str) -> str:
    if not text.isdigit():
        return text
    if unit == "days":
        return f"{SHEET_BEGAN + timedelta(days=int(text)):%Y-%m-%d}"
    seconds = int(text) / {"s": 1, "ms": 10**3, "us": 10**6}[unit]
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
