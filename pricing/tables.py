"""Tables for the terminal: columns as wide as their widest entry, figures to the right."""

from collections.abc import Sequence

NUMERIC = frozenset("0123456789+-.,/% ")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A plain table. A column whose entries are all figures is set flush right."""
    written = [[str(cell) for cell in row] for row in rows]
    widths = [
        max(len(row[column]) for row in [list(header), *written]) for column in range(len(header))
    ]
    right = [
        bool(written) and all(set(row[column]) <= NUMERIC for row in written)
        for column in range(len(header))
    ]
    lines = [list(header), ["-" * width for width in widths], *written]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )
