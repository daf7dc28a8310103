"""From a file to its tables: unpack, recognise, group, convert, profile."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import arff, dbf, errors, shapefiles, sqlite_tables
from exchange.vault.reading.convert_sql import Converted, convert
from exchange.vault.reading.delimited_sql import delimited_source, delimited_sources
from exchange.vault.reading.documents import FileReading, Note, OnProgress, Progress, TableReading
from exchange.vault.reading.encodings import as_utf8
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.grouping_sql import grouped, table_name
from exchange.vault.reading.limits import DEFAULT_LIMITS, Limits
from exchange.vault.reading.members import describes, is_about, notes_on
from exchange.vault.reading.questions import NO_ANSWERS, Answers, Question, gathered
from exchange.vault.reading.shapefiles import Layer, layers_in
from exchange.vault.reading.signatures import ACCEPTED, Kind, kind_of
from exchange.vault.reading.sources import Source
from exchange.vault.reading.tables_sql import table_reading
from exchange.vault.reading.typed_sql import json_sources, parquet_source
from exchange.vault.reading.unpack import PREFIX, Member, Unpacked, unpack
from exchange.vault.reading.workbooks import Sheet, sheets_of
from exchange.vault.reading.written_sql import written_sources


def read(
    path: Path,
    *,
    name: str,
    into: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: OnProgress | None = None,
    answers: Answers = NO_ANSWERS,
) -> FileReading:
    """Read every table of the file at `path`, shown as `name`, as `answers` say. Writes `table-N.parquet`
    and `table-N.csv` (the sample) into the folder `into`, and nothing else that stays.

    Raises a refusal of `exchange.vault.reading.errors`. What `progress` raises stops the reading.
    """
    work = into / "work"
    work.mkdir()
    try:
        return _Reading(path, name, into, work, limits, progress, answers).read()
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(frozen=True)
class _Told:
    """What of an archive is no table, and what could not be read."""

    passed: list[str]
    refusals: list[tuple[str, errors.Unreadable]]

    def of(self, name: str, read_it: Callable[[], list[Source]]) -> list[Source]:
        """The tables of one member; none where it is told of here."""
        try:
            return read_it()
        except (errors.NotATable, errors.EmptyFile):
            self.passed.append(name)
        except errors.Unreadable as refusal:
            self.refusals.append((name, refusal))
        return []


@dataclass(frozen=True)
class _Reading:
    path: Path
    name: str
    into: Path
    work: Path
    limits: Limits
    progress: OnProgress | None
    answers: Answers

    def read(self) -> FileReading:
        size = self.path.stat().st_size
        content = self.work / "content"
        content.symlink_to(self.path.resolve())  # a name that means nothing to the engine
        unpacked = unpack(
            content,
            name=self.name,
            into=self.work,
            limits=self.limits,
            told=lambda written: self._tell("unpack", written, max(size, written), 0),
        )
        with Engine(
            [self.into], files=[content.resolve()], spill=self.work / "spill", limits=self.limits
        ) as engine:
            sources, notes = self._sources(engine, unpacked)
            if len(sources) > self.limits.tables:
                raise errors.TooManyTables(
                    _("The file holds %(found)d tables; a file may hold %(most)d.")
                    % {"found": len(sources), "most": self.limits.tables},
                    tables_max=self.limits.tables,
                )
            tables, questions = self._tables(engine, sources)
        encodings = {one.encoding for one in sources}
        return FileReading(
            format=sources[0].format,
            encoding=encodings.pop() if len(encodings) == 1 else "mixed",
            compression=unpacked.compression,
            tables=tables,
            notes=notes,
            questions=questions,
        )

    def _tables(
        self, engine: Engine, sources: list[Source]
    ) -> tuple[tuple[TableReading, ...], tuple[Question, ...]]:
        """All tables, and what is asked of them."""
        tables: list[TableReading] = []
        questions: list[Question] = []
        for number, source in enumerate(sources):
            converted = self._converted(engine, source, number)
            questions += (*source.questions, *converted.questions)
            table, asked = self._table(engine, source, converted, number)
            tables.append(table)
            questions += asked
        return tuple(tables), gathered(questions)

    def _sources(self, engine: Engine, unpacked: Unpacked) -> tuple[list[Source], tuple[Note, ...]]:
        """The tables of all members. In an archive what is no table is passed over, and noted."""
        if len(unpacked.members) == 1 and not unpacked.broken:
            return grouped(self._of_member(engine, unpacked.members[0]), archive=self.name), ()
        layers, members = layers_in(unpacked.members)
        about = [one for one in members if is_about(one) or describes(one, members)]
        if not layers and len(about) == len(members):
            about = []
        told = _Told([one.name for one in about], [])
        sources: list[Source] = []
        for layer in layers:
            sources += told.of(layer.shapes.name, partial(self._of_layer, engine, layer))
        for member in members:
            if member not in about:
                sources += told.of(member.name, partial(self._of_member, engine, member))
        if not sources and told.refusals:
            raise told.refusals[0][1]
        if not sources:
            raise errors.NotATable(
                _("The archive holds no file that can be read as a table."), accepted=list(ACCEPTED)
            )
        broken = [(name, _("it does not unpack")) for name in unpacked.broken]
        broken += [(name, refusal.message) for name, refusal in told.refusals]
        order = {one.name: number for number, one in enumerate(members)}
        passed = sorted(told.passed, key=lambda name: order.get(name, 0))
        return grouped(sources, archive=self.name), notes_on(passed, broken)

    def _of_member(self, engine: Engine, member: Member) -> list[Source]:
        kind = kind_of(member.path)
        if kind is Kind.PARQUET:
            return [parquet_source(member, engine, into=self.work, limits=self.limits)]
        if kind is Kind.JSON:
            return json_sources(
                member, engine, into=self.work, limits=self.limits, answers=self.answers
            )
        if kind is Kind.TEXT:
            return delimited_sources(
                member, into=self.work, limits=self.limits, answers=self.answers
            )
        if kind in {Kind.SQLITE, Kind.ARFF, Kind.DBF}:
            return self._of_tables(engine, member, kind)
        sheets = sheets_of(
            member,
            into=self.work,
            limits=self.limits,
            answers=self.answers,
            is_packed=member.path.name.startswith(PREFIX),
        )
        if not sheets:
            raise errors.EmptyFile(_("The workbook has no visible sheet with rows."))
        return [source for one in sheets for source in self._of_sheet(one, kind)]

    def _of_tables(self, engine: Engine, member: Member, kind: Kind) -> list[Source]:
        if kind is Kind.SQLITE:
            tables = sqlite_tables.tables_in(member.path, self.limits)
        elif kind is Kind.DBF:
            tables = iter([dbf.table_in(member.path, self.limits)])
        else:
            text = as_utf8(member.path, into=self.work, place=member.name, answers=self.answers)
            tables = iter([arff.table_in(text.path, text.encoding, self.limits)])
            member = replace(member, notes=text.notes, questions=text.questions)
        return written_sources(
            member, tables, engine, format_=kind.value, into=self.work, limits=self.limits
        )

    def _of_layer(self, engine: Engine, layer: Layer) -> list[Source]:
        return written_sources(
            layer.shapes,
            [shapefiles.table_in(layer, self.limits)],
            engine,
            format_="shapefile",
            into=self.work,
            limits=self.limits,
        )

    def _of_sheet(self, sheet: Sheet, kind: Kind) -> list[Source]:
        """One table, or several that stand one under the other; what is said of the sheet is said once."""
        if sheet.gapped is not None:
            bare = replace(sheet.member, path=sheet.gapped, notes=(), questions=())
            sources = delimited_sources(
                bare, into=self.work, limits=self.limits, answers=self.answers
            )
            if len(sources) > 1:
                own = sheet.member
                first = replace(
                    sources[0],
                    notes=(*own.notes, *sources[0].notes),
                    questions=(*own.questions, *sources[0].questions),
                )
                return [self._shown(one, sheet, kind) for one in (first, *sources[1:])]
        return [self._shown(self._delimited(sheet.member), sheet, kind)]

    def _shown(self, source: Source, sheet: Sheet, kind: Kind) -> Source:
        units = dict(enumerate(sheet.units))
        columns = tuple(
            replace(column, unit=units.get(number) or column.unit)
            for number, column in enumerate(source.columns)
        )
        notes = tuple(note for note in source.notes if note.code != "sep_line")  # it is ours
        return replace(source, format=kind.value, columns=columns, notes=notes)

    def _delimited(self, member: Member) -> Source:
        return delimited_source(member, into=self.work, limits=self.limits, answers=self.answers)

    def _converted(self, engine: Engine, source: Source, number: int) -> Converted:
        return convert(
            engine,
            source,
            target=self.into / f"table-{number}.parquet",
            told=self._share_of("convert", source),
            answers=self.answers,
        )

    def _table(
        self, engine: Engine, source: Source, converted: Converted, number: int
    ) -> tuple[TableReading, tuple[Question, ...]]:
        self._tell("profile", source.bytes, source.bytes, converted.rows)
        return table_reading(
            engine,
            converted,
            name=table_name(source.name),
            sample=self.into / f"table-{number}.csv",
            limits=self.limits,
            units={one.name: one.unit for one in source.columns if one.unit},
            questions=(*source.questions, *converted.questions),
            place=source.name,
            answers=self.answers,
        )

    def _share_of(self, stage: str, source: Source) -> Callable[[float], None]:
        return lambda share: self._tell(stage, round(source.bytes * share), source.bytes, 0)

    def _tell(self, stage: str, done: int, total: int, rows: int) -> None:
        if self.progress is not None:
            self.progress(Progress(stage, done, total, rows))
