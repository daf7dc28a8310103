"""Why a file cannot be read. Each says it in one sentence; nothing of the file is kept or changed."""

from http import HTTPStatus

from exchange.core.refusals import Refusal


class Unreadable(Refusal):
    """The file cannot be read as tables."""

    code = "file_unreadable"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class EmptyFile(Unreadable):
    """The file holds nothing."""

    code = "empty_file"


class HeaderOnly(Unreadable):
    """The file has a line of names and no row below it."""

    code = "header_only"


class NotATable(Unreadable):
    """The content is none of the formats that can be read."""

    code = "not_a_table"


class ArchiveUnsafe(Unreadable):
    """The archive names paths outside itself, links, or things that are not files."""

    code = "archive_unsafe"


class ArchiveBomb(Unreadable):
    """The archive unpacks to far more than it says, or than may be stored."""

    code = "archive_bomb"


class ArchiveNested(Unreadable):
    """The archive holds archives."""

    code = "archive_nested"


class ArchiveBroken(Unreadable):
    """The archive is cut off, damaged, or protected by a password."""

    code = "archive_broken"


class UnreadableCsv(Unreadable):
    """The text cannot be cut into rows and cells."""

    code = "unreadable_csv"


class UnreadableJson(Unreadable):
    """The text is neither one JSON object to a line nor one array of objects."""

    code = "unreadable_json"


class UnreadableSpreadsheet(Unreadable):
    """The workbook is damaged, protected, or larger than can be opened."""

    code = "unreadable_spreadsheet"


class UnreadableParquet(Unreadable):
    """The Parquet file does not hold what its footer says."""

    code = "unreadable_parquet"


class UnreadableDatabase(Unreadable):
    """The database or the layer of a map is damaged, or holds what cannot be read safely."""

    code = "unreadable_database"


class TooManyColumns(Unreadable):
    """A table is wider than tables may be."""

    code = "too_many_columns"


class TooManyTables(Unreadable):
    """The file holds more tables than one file may."""

    code = "too_many_tables"


class LineTooLong(Unreadable):
    """A line of the text is longer than lines may be."""

    code = "line_too_long"


class ReadingTooLong(Unreadable):
    """Reading the file takes more time than its size allows."""

    code = "reading_too_long"


class ReaderStopped(Unreadable):
    """The process that read the file ended in the middle of it."""

    code = "reader_stopped"


class ReadingTooLarge(Unreadable):
    """Reading the file takes more memory or disk than a reading may."""

    code = "reading_too_large"
