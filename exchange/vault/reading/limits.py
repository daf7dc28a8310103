"""How much a file may hold, and how much of the machine its reading may take."""

from dataclasses import dataclass

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """Everything that has a length has a limit. `memory_bytes` bounds the engine, not the process."""

    unpacked_bytes: int = 64 * GIB
    unpacked_ratio: int = 400
    ratio_free_bytes: int = 256 * MIB
    members: int = 2_000
    tables: int = 50
    columns: int = 2_000
    name_chars: int = 200
    cell_bytes: int = 4 * MIB
    spreadsheet_bytes: int = 400 * MIB
    spreadsheet_cells: int = 32_000_000
    memory_bytes: int = 400 * MIB
    threads: int = 2
    sample_rows: int = 1_000
    preview_rows: int = 20


DEFAULT_LIMITS = Limits()
