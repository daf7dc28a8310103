"""Where two ways to cut a text fit, or the first row may be names or data: the seller is asked."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from exchange.vault.reading.candidates import NO_DELIMITER, Candidate, best_of
from exchange.vault.reading.layouts import Layout
from exchange.vault.reading.questions import ROWS_SHOWN, Answers, Asked, Option, Question, ask

NEAR = 0.1
SPELLED = {"\t": "tab", " ": "blank", NO_DELIMITER: "none"}
NAMES, DATA = "names", "data"


def settled(
    found: Sequence[Candidate], lines: Sequence[str], *, place: str, answers: Answers
) -> tuple[Candidate, tuple[Question, ...]]:
    """The way to cut that is likelier, or that was said; and what is asked about it."""
    best = best_of(found)
    near = {value_of(best.layout): best}
    for one in sorted(found, key=lambda one: -one.score):
        if one.score >= best.score - NEAR and _shown(one) != _shown(best):
            near.setdefault(value_of(one.layout), one)
    questions = []
    if len(near) > 1:
        asked = ask(
            Asked.DELIMITER,
            place,
            _("The lines can be cut in more than one way. In which one are the columns right?"),
            [Option(value, _label(one), *_shown(one)) for value, one in near.items()],
            likelier=value_of(best.layout),
            answers=answers,
        )
        best = near[asked.taken]
        questions.append(asked)
    if not best.is_sure and best.body:
        other = _turned(best, lines)
        both = {NAMES: best, DATA: other} if best.has_header else {DATA: best, NAMES: other}
        labels = {NAMES: _("It names the columns"), DATA: _("It is a row of data")}
        asked = ask(
            Asked.HEADER,
            place,
            _("Does the first row of the table name the columns, or is it a row of data?"),
            [Option(value, labels[value], *_shown(one)) for value, one in both.items()],
            likelier=NAMES if best.has_header else DATA,
            answers=answers,
        )
        best = both[asked.taken]
        questions.append(asked)
    return best, tuple(questions)


def value_of(layout: Layout) -> str:
    """What an answer calls a way to cut."""
    if layout.slices:
        return "fixed_width"
    if layout.by_gaps or layout.by_runs:
        return "blanks"
    return SPELLED.get(layout.delimiter, layout.delimiter)


def _label(one: Candidate) -> str:
    if one.width == 1:
        return _("Not at all: one column")
    words = {
        "fixed_width": _("Columns of fixed width"),
        "blanks": _("At runs of blanks"),
        "blank": _("At each blank"),
        "tab": _("At tabs"),
    }
    value = value_of(one.layout)
    return words.get(value) or _("At each %(sign)s") % {"sign": value}


def _shown(one: Candidate) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    return tuple(one.names), tuple(tuple(row) for row in one.body[:ROWS_SHOWN])


def _turned(one: Candidate, lines: Sequence[str]) -> Candidate:
    """The same with its first row taken the other way."""
    if one.has_header:
        body = (one.header, *one.body)
        return replace(
            one, names=[], header=[], has_header=False, has_row_names=False, skipped=one.names_at,
            body=body, width=max(one.width, len(one.header)),
        )  # fmt: skip
    end, row = next(one.layout.rows(lines[one.skipped :]))
    return replace(
        one, names=row, header=row, has_header=True, skipped=one.skipped + end, body=one.body[1:]
    )
