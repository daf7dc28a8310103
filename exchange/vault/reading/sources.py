"""What a table is read from, whatever it was written in: columns, a relation, a sample of cells."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading.documents import Note
from exchange.vault.reading.questions import Question
from exchange.vault.reading.unpack import Member

SOURCE_COLUMN = "source_file"


@dataclass(frozen=True)
class SourceColumn:
    """`native` is the engine's type when the format has types; None for text to be judged. `unit` is
    what a row below the names says.
    """

    name: str
    original_name: str
    native: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Source:
    """`relation` is what stands after FROM: its columns are `columns`, in their order.

    `part` names which of several tables of one file it is; parts of other names are other tables.
    `mended` gives the same table rewritten with rows of one width, when rows are ragged.
    """

    name: str
    format: str
    encoding: str
    columns: tuple[SourceColumn, ...]
    relation: str
    sample: tuple[Sequence[str | None], ...]
    bytes: int
    paths: tuple[Path, ...]
    members: tuple[Member, ...]
    notes: tuple[Note, ...] = ()
    questions: tuple[Question, ...] = ()
    mended: Callable[[], "Source"] | None = field(default=None, compare=False)
    rows_said: int | None = None
    part: str = ""

    @property
    def schema(self) -> tuple[object, ...]:
        """Tables of one schema are parts of one table."""
        return (self.format, self.part, tuple((one.name, one.native) for one in self.columns))


def columns_of(
    names: Sequence[str], *, chars_max: int
) -> tuple[tuple[SourceColumn, ...], tuple[Note, ...]]:
    """Columns with one name each; those without a name are numbered, a second of a name counted."""
    taken: set[str] = set()
    columns = []
    for number, original in enumerate(names, start=1):
        wanted = " ".join(original.split())[:chars_max] or f"column_{number}"
        name, again = wanted, 1
        while name.casefold() in taken:
            again += 1
            name = f"{wanted}_{again}"
        taken.add(name.casefold())
        columns.append(SourceColumn(name, original))
    return tuple(columns), _notes(names)


def _notes(names: Sequence[str]) -> tuple[Note, ...]:
    notes = []
    repeated = sum(n - 1 for name, n in Counter(x.strip() for x in names).items() if name and n > 1)
    if repeated:
        notes.append(
            Note(
                "duplicate_column_names",
                _("Several columns had one name; the later ones were numbered."),
                repeated,
            )
        )
    shown = {name.strip() for name in names}
    alike = len(shown) - len({name.casefold() for name in shown})
    if alike:
        notes.append(
            Note(
                "names_alike",
                _("Names of columns that differ only in large and small letters were numbered."),
                alike,
            )
        )
    unnamed = sum(not name.strip() for name in names)
    if unnamed and unnamed < len(names):
        notes.append(Note("unnamed_columns", _("Columns without a name were numbered."), unnamed))
    return tuple(notes)
