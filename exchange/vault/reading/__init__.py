"""Reading a file that somebody brought: what it is, its tables as Parquet, and what they hold.

Owns: recognising content, unpacking it safely, reading text of any encoding, converting to Parquet,
profiles, quality in six dimensions, coverage, personal-data findings, previews and samples.
Does not own: where files lie and whose they are. There is no database here and no Django model.

Invariants
- What a file is, its bytes decide; its name is only shown.
- Nothing is dropped silently: what has not the form of its column keeps its text, and is counted.
- Memory is bounded whatever the size; what would break a bound is refused with one sentence.
"""

from exchange.vault.reading.documents import (
    READER,
    ColumnReading,
    FileReading,
    Finding,
    Note,
    Progress,
    TableReading,
)
from exchange.vault.reading.limits import DEFAULT_LIMITS, Limits
from exchange.vault.reading.reader import read

__all__ = [
    "DEFAULT_LIMITS",
    "READER",
    "ColumnReading",
    "FileReading",
    "Finding",
    "Limits",
    "Note",
    "Progress",
    "TableReading",
    "read",
]
