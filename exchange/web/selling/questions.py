"""The questions of a file's reading as a form: each with its readings side by side, and what was said."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from exchange.vault.answers import WAITING
from exchange.vault.file_reading import questions_of
from exchange.vault.files import tables_of
from exchange.vault.models import DataFile
from exchange.vault.reading.questions import ASKED_LABELS, Answers, Asked, Option, Question

CHANGE = "change"


@dataclass(frozen=True)
class OptionView:
    """One reading: what an answer names, and the first rows as they would be."""

    option: Option
    id: str
    is_taken: bool


@dataclass(frozen=True)
class QuestionView:
    """A question with the name of its field. `said` is the reading that was taken, in words."""

    name: str
    label: str
    question: Question
    options: tuple[OptionView, ...]
    said: str


@dataclass(frozen=True)
class CellsLine:
    """What was changed in the cells of a table, and in how many of them."""

    table: str
    text: str
    cells: int


@dataclass(frozen=True)
class QuestionBox:
    """What is asked and what was answered. `asked` are in the form, which is sent to `action`; a link to
    `change_url` puts those that were answered there again."""

    action: str
    change_url: str
    asked: tuple[QuestionView, ...]
    answered: tuple[QuestionView, ...]
    is_waiting: bool
    cells: tuple[CellsLine, ...]


def box_of_questions(
    request: HttpRequest, file: DataFile | None, *, action: str, page_url: str
) -> QuestionBox | None:
    """The questions of a file, or None where nothing was asked and nothing changed. While it is read
    there is nothing to answer."""
    if file is None:
        return None
    views = [_view(one, n) for n, one in enumerate(questions_of(file))]
    is_waiting = file.state in WAITING
    changing = CHANGE in request.GET
    asked = [one for one in views if changing or not one.question.is_answered]
    box = QuestionBox(
        action=action,
        change_url=f"{page_url}?{CHANGE}=1#questions",
        asked=() if is_waiting else tuple(asked),
        answered=tuple(one for one in views if one.question.is_answered and not changing),
        is_waiting=is_waiting,
        cells=_cells(file),
    )
    return box if views or box.cells else None


def said_in(sent: QueryDict | Mapping[str, str]) -> Answers:
    """The answers of a form: its fields are named `asked:place`."""
    said = {}
    for name in sent:
        asked, colon, place = name.partition(":")
        if colon and asked in {str(one) for one in Asked}:
            said[Asked(asked), place] = str(sent[name])
    return Answers(said)


def _view(question: Question, number: int) -> QuestionView:
    options = tuple(
        OptionView(one, f"q{number}o{position}", one.value == question.taken)
        for position, one in enumerate(question.options)
    )
    return QuestionView(
        name=f"{question.asked}:{question.place}",
        label=str(ASKED_LABELS[question.asked]),
        question=question,
        options=options,
        said=next((one.option.label for one in options if one.is_taken), question.taken),
    )


def _cells(file: DataFile) -> tuple[CellsLine, ...]:
    return tuple(
        CellsLine(table.name, str(note["text"]), int(note["cells"]))
        for table in tables_of(file)
        for note in table.document.get("notes", ())
        if note.get("cells")
    )
