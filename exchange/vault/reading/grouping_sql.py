"""Several files of one schema are one table, with a column that tells which file a row came from."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

import os
import re
from collections.abc import Sequence

from exchange.vault.reading.casts_sql import identifier, literal
from exchange.vault.reading.sources import SOURCE_COLUMN, Source, SourceColumn

ENDINGS = re.compile(
    r"(\.(csv|tsv|txt|tab|json|jsonl|ndjson|geojson|parquet|geoparquet|xls[xbm]?|ods|gz|zip|tar|tgz|"
    r"sqlite3?|db3?|gpkg|arff|shp|dbf))+$",
    re.IGNORECASE,
)


def grouped(sources: Sequence[Source], *, archive: str) -> list[Source]:
    """One source for each schema, in the order in which the schemas first appear."""
    groups: dict[tuple[object, ...], list[Source]] = {}
    for source in sources:
        groups.setdefault(source.schema, []).append(source)
    return [
        parts[0] if len(parts) == 1 else _combined(parts, table_name(archive))
        for parts in groups.values()
    ]


def table_name(name: str) -> str:
    """The last part of a name without its endings."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return ENDINGS.sub("", last).strip() or last


def _combined(parts: Sequence[Source], archive: str) -> Source:
    origin = SOURCE_COLUMN
    taken = {column.name.casefold() for part in parts for column in part.columns}
    while origin in taken:
        origin += "_"
    columns = {column.name: column for part in parts for column in part.columns}
    relation = " UNION ALL BY NAME ".join(
        f"SELECT {literal(part.name)} AS {identifier(origin)}, * FROM {part.relation}"
        for part in parts
    )
    are_mendable = all(part.mended is not None for part in parts)
    said = [part.rows_said for part in parts if part.rows_said is not None]
    return Source(
        name=_shared_name([table_name(part.name) for part in parts]) or archive,
        format=parts[0].format,
        encoding=parts[0].encoding if len({p.encoding for p in parts}) == 1 else "mixed",
        columns=(SourceColumn(origin, "", "VARCHAR"), *columns.values()),
        relation=f"({relation})",
        sample=tuple((part.name, *row) for part in parts for row in part.sample),
        bytes=sum(part.bytes for part in parts),
        paths=tuple(path for part in parts for path in part.paths),
        members=tuple(member for part in parts for member in part.members),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        questions=tuple(question for part in parts for question in part.questions),
        mended=(lambda: _combined([_mended(part) for part in parts], archive))
        if are_mendable
        else None,
        rows_said=sum(said) if len(said) == len(parts) else None,
    )


def _mended(part: Source) -> Source:
    return part if part.mended is None else part.mended()


def _shared_name(names: Sequence[str]) -> str:
    prefix = os.path.commonprefix(list(names))  # noqa: RUF071 - letters are meant, not folders
    return prefix.rstrip(" _-.(0123456789")
