"""How a dBASE table begins: it has no magic word, only a form."""

import struct

HEADER = struct.Struct("<BBBBIHH")
FIELD_BYTES = 32
END_OF_FIELDS = 0x0D
VERSIONS = frozenset({0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xF5})


def is_dbf(head: bytes) -> bool:
    """Whether a file begins as a dBASE table does: a version, a date, fields up to their end."""
    if len(head) < FIELD_BYTES * 2 or head[0] not in VERSIONS:
        return False
    _version, _year, month, day, _rows, header_bytes, row_bytes = HEADER.unpack_from(head)
    last = [end for end in (header_bytes - 1, header_bytes - 264) if 0 < end < len(head)]
    is_ended = any(head[end] == END_OF_FIELDS for end in last)
    return month <= 12 and day <= 31 and row_bytes > 1 and is_ended  # noqa: PLR2004 - a date
