"""What a reading asks where two readings fit: one sentence, the readings as previews, and the answer.

A reading takes the likelier option and goes on. What it took stands in the question, so that a seller
sees both, and an answer given before is taken without asking again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

# Between the place of a table and the name of its column.
COLUMN = " / "
QUESTIONS_MAX = 40
OPTIONS_MAX = 8
NAMES_SHOWN = 12
ROWS_SHOWN = 5
CELL_CHARS_SHOWN = 80
TEXT_CHARS_MAX = 400
VALUE_CHARS_MAX = 120
PLACE_CHARS_MAX = 500


class Asked(StrEnum):
    """What is asked. The word stands in answers on the command line and over the API."""

    ENCODING = "encoding"
    DELIMITER = "delimiter"
    HEADER = "header"
    FOOTNOTES = "footnotes"
    DECIMAL_SIGN = "decimal_sign"
    DATE_ORDER = "date_order"
    TYPE = "type"
    HIDDEN = "hidden"
    UNIT = "unit"


ASKED_LABELS = {
    Asked.ENCODING: _("Encoding"),
    Asked.DELIMITER: _("Delimiter"),
    Asked.HEADER: _("Names of columns"),
    Asked.FOOTNOTES: _("Totals and footnotes"),
    Asked.DECIMAL_SIGN: _("Decimal sign"),
    Asked.DATE_ORDER: _("Order of day and month"),
    Asked.TYPE: _("Type"),
    Asked.HIDDEN: _("Hidden parts"),
    Asked.UNIT: _("Unit"),
}


@dataclass(frozen=True)
class Option:
    """One way to read it. `value` is what an answer names; `names` and `rows` preview this reading."""

    value: str
    label: str
    names: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Question:
    """Two readings fit at `place` (a member, a sheet, or `a.csv / column`). `taken` is the value of the
    option that this reading used: the likelier one, or what the seller said."""

    asked: Asked
    place: str
    text: str
    options: tuple[Option, ...]
    taken: str
    is_answered: bool


Key = tuple[Asked, str]
AnswerRow = tuple[str, str, str, list[str]]


class Answers(Mapping[Key, str]):
    """What a seller said, by what was asked and where. Never changes.

    `among` are the options between which an answer was given, where it was given to another file: it
    holds only for a question with the same ones.
    """

    def __init__(
        self,
        said: Mapping[Key, str] | None = None,
        among: Mapping[Key, Sequence[str]] | None = None,
    ) -> None:
        self._said = dict(said or {})
        self._among = {key: tuple(values) for key, values in (among or {}).items()}

    def of(self, asked: Asked, place: str, options: Sequence[str] = ()) -> str | None:
        """The value that was said, or None; with `options`, only where it is one of them."""
        value = self._said.get((asked, place))
        if not options or value is None:
            return value
        fits = sorted(self._among.get((asked, place), options)) == sorted(options)
        return value if fits and value in options else None

    def rows(self) -> list[AnswerRow]:
        """As JSON: asked, place, value, and between which options."""
        return [
            (str(key[0]), key[1], value, list(self._among.get(key, ())))
            for key, value in self._said.items()
        ]

    @classmethod
    def of_rows(cls, rows: Sequence[AnswerRow]) -> "Answers":
        """Back from JSON. What is no longer asked is left out."""
        known = [row for row in rows if row[0] in {str(one) for one in Asked}]
        return cls(
            {(Asked(row[0]), row[1]): row[2] for row in known},
            {(Asked(row[0]), row[1]): row[3] for row in known if row[3]},
        )

    def with_all(self, others: "Answers") -> "Answers":
        """These, and what the others say beside them or anew."""
        among = {key: values for key, values in self._among.items() if key not in others}
        return Answers({**self, **others}, {**among, **others._among})  # noqa: SLF001 - its own kind

    def __getitem__(self, key: Key) -> str:
        return self._said[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def __hash__(self) -> int:
        return hash(frozenset(self._said.items()))


NO_ANSWERS = Answers()


def ask(
    asked: Asked,
    place: str,
    text: str,
    options: Sequence[Option],
    *,
    likelier: str,
    answers: Answers,
) -> Question:
    """The question with its answer, or with the likelier option when nobody said one of these."""
    said = answers.of(asked, place, [one.value for one in options[:OPTIONS_MAX]])
    taken = likelier if said is None else said
    return bounded(Question(asked, place, text, tuple(options), taken, said is not None))


def bounded(question: Question) -> Question:
    """The question at a size that can be kept and shown, the taken option always among the options."""
    options = question.options[:OPTIONS_MAX]
    if all(one.value != question.taken for one in options):
        taken = tuple(one for one in question.options if one.value == question.taken)
        options = (*options[: OPTIONS_MAX - 1], *taken[:1])
    return replace(
        question,
        place=question.place[:PLACE_CHARS_MAX],
        text=question.text[:TEXT_CHARS_MAX],
        options=tuple(_shown(one) for one in options),
    )


def in_doubt(questions: Sequence[Question], names: Sequence[str]) -> frozenset[str]:
    """The columns that an open question is about: the one that it names, else all of its table."""
    doubted: set[str] = set()
    for question in questions:
        if not question.is_answered:
            column = question.place.rpartition(COLUMN)[2]
            doubted |= {column} if column in names else set(names)
    return frozenset(doubted)


def gathered(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Each question once, in the order of asking, and no more than anybody would answer."""
    once = {(one.asked, one.place): one for one in reversed(questions)}
    ordered = [one for one in questions if once.get((one.asked, one.place)) is one]
    return tuple(bounded(one) for one in ordered[:QUESTIONS_MAX])


def _shown(option: Option) -> Option:
    return Option(
        value=option.value[:VALUE_CHARS_MAX],
        label=option.label[:TEXT_CHARS_MAX],
        names=tuple(one[:CELL_CHARS_SHOWN] for one in option.names[:NAMES_SHOWN]),
        rows=tuple(
            tuple(cell[:CELL_CHARS_SHOWN] for cell in row[:NAMES_SHOWN])
            for row in option.rows[:ROWS_SHOWN]
        ),
    )
