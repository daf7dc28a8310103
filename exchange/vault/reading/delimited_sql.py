"""Delimited text as a source. The fast way is the engine's; rows that it refuses are mended first."""

from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.casts_sql import literal
from exchange.vault.reading.dialect import Dialect, dialect_of
from exchange.vault.reading.documents import Note
from exchange.vault.reading.encodings import Text, as_utf8
from exchange.vault.reading.endings import Ending, ending_of
from exchange.vault.reading.grouping_sql import table_name
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.questions import NO_ANSWERS, Answers
from exchange.vault.reading.rewriting import rewritten
from exchange.vault.reading.sources import Source, columns_of
from exchange.vault.reading.stacked import pieces_of
from exchange.vault.reading.subtotals import subtotals_of
from exchange.vault.reading.unpack import Member

FORMATS = {"\t": "tsv"}
STEP_BYTES = 1024 * 1024


def delimited_sources(
    member: Member, *, into: Path, limits: Limits, answers: Answers = NO_ANSWERS
) -> list[Source]:
    """The tables of a text file: mostly one, or those that stand in it one under the other."""
    text = as_utf8(member.path, into=into, place=member.name, answers=answers)
    dialect = dialect_of(text.path, limits=limits, place=member.name, answers=answers)
    pieces = pieces_of(text.path, dialect)
    sources = []
    for number, piece in enumerate(pieces, start=1):
        path = into / f"{text.path.name}.part{number}"
        path.write_text(piece, encoding="utf-8", newline="")
        note = Note("stacked_tables", _("The file holds several tables, one under the other."), 0)
        part = replace(text, path=path, notes=(*text.notes, note))
        try:
            own = dialect_of(path, limits=limits, place=member.name, answers=answers)
            one = _source(member, part, own, into, limits, answers, part=str(number))
        except errors.Unreadable:
            return [_source(member, text, dialect, into, limits, answers)]
        sources.append(one)
    return sources or [_source(member, text, dialect, into, limits, answers)]


def delimited_source(
    member: Member, *, into: Path, limits: Limits, answers: Answers = NO_ANSWERS
) -> Source:
    """The table of a text file that holds one. Raises what its encoding and its dialect raise."""
    text = as_utf8(member.path, into=into, place=member.name, answers=answers)
    dialect = dialect_of(text.path, limits=limits, place=member.name, answers=answers)
    return _source(member, text, dialect, into, limits, answers)


def _source(
    member: Member,
    text: Text,
    dialect: Dialect,
    into: Path,
    limits: Limits,
    answers: Answers,
    part: str = "",
) -> Source:
    """One table, without what stands below its rows."""
    place = f"{member.name} / {part}" if part else member.name
    sums = frozenset(map(tuple, subtotals_of(text.path, dialect)))
    sample = tuple(row for row in dialect.sample if tuple(row) not in sums)
    dialect = replace(dialect, left_out=sums, sample=sample)
    ending = ending_of(text.path, dialect, place=place, answers=answers)
    ending = ending or Ending(text.path.stat().st_size, (), (), ())
    path = _cut(text.path, ending.at, into)
    said = replace(
        text,
        path=path,
        notes=(*member.notes, *text.notes, *ending.notes),
        questions=(*member.questions, *text.questions, *dialect.questions, *ending.questions),
    )
    sample = tuple(row for row in dialect.sample if tuple(row) not in ending.rows)
    source = _Table(member, said, into, limits).source(replace(dialect, sample=sample))
    if not part:
        return source
    return replace(source, part=part, name=f"{table_name(member.name)} {part}")


def _cut(path: Path, size: int, into: Path) -> Path:
    """A copy of the first bytes of a file; the file itself when there are no others."""
    if size >= path.stat().st_size:
        return path
    target = into / f"{path.name}.cut"
    with path.open("rb") as source, target.open("xb") as file:
        left = size
        while left and (step := source.read(min(STEP_BYTES, left))):
            file.write(step)
            left -= len(step)
    return target


@dataclass(frozen=True)
class _Table:
    """One table of a text: where its rows lie, and what is known of it already."""

    member: Member
    text: Text
    into: Path
    limits: Limits

    def source(self, dialect: Dialect) -> Source:
        """As it is where the engine cuts as the layout says; otherwise written again."""
        format_ = FORMATS.get(dialect.layout.delimiter, "csv")
        if (
            dialect.layout.is_the_engines
            and dialect.is_plain
            and not dialect.left_out
            and not _has_names_again(self.text.path, dialect)
        ):
            return self._engines(dialect, format_, is_mended=False)
        return self._mended(dialect, format_)

    def _mended(self, dialect: Dialect, format_: str) -> Source:
        path = self.text.path
        target = self.into / f"{path.name}.mended"
        even, found = rewritten(path, target, dialect, self.limits)
        table = replace(
            self, text=replace(self.text, path=target, notes=(*self.text.notes, *found))
        )
        return table._engines(even, format_, is_mended=True)  # noqa: SLF001 - its own kind

    def _engines(self, dialect: Dialect, format_: str, *, is_mended: bool) -> Source:
        columns, naming = columns_of(dialect.names, chars_max=self.limits.name_chars)
        fields = ", ".join(f"{literal(one.name)}: 'VARCHAR'" for one in columns)
        layout = dialect.layout
        relation = (
            f"read_csv({literal(str(self.text.path))}, auto_detect = false, columns = {{{fields}}}, "
            f"delim = {literal(layout.delimiter)}, quote = {literal(layout.quote)}, "
            f"escape = {literal(layout.escape)}, header = false, skip = {dialect.skipped}, "
            f"strict_mode = true, null_padding = false, compression = 'none', "
            f"max_line_size = {self.limits.cell_bytes})"
        )
        units = (*dialect.units, *[""] * len(columns))
        return Source(
            name=self.member.name,
            format=format_,
            encoding=self.text.encoding,
            columns=tuple(
                replace(column, unit=unit or None)
                for column, unit in zip(columns, units, strict=False)
            ),
            relation=relation,
            sample=dialect.sample,
            bytes=self.text.path.stat().st_size,
            paths=(self.text.path,),
            members=(self.member,),
            notes=(*self.text.notes, *dialect.notes, *naming),
            questions=self.text.questions,
            mended=None if is_mended else lambda: self._mended(dialect, format_),
        )


def _has_names_again(path: Path, dialect: Dialect) -> bool:
    """Whether the line of names stands again below itself: files that were glued together."""
    line = dialect.header_line.encode()
    if not line:
        return False
    found, rest = 0, b"\n"
    with path.open("rb") as file:
        while step := file.read(STEP_BYTES):
            text = rest + step
            found += sum(text.count(b"\n" + line + end) for end in (b"\n", b"\r"))
            if found > 1:
                return True
            rest = text[-len(line) - 1 :]
    return False
