"""What a check of the log says: each thing that is wrong, and how much was looked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be. `records` are the public ids that it concerns."""

    check: str
    detail: str
    records: tuple[str, ...] = ()
    index: int | None = None


@dataclass
class Counts:
    """How much was looked at."""

    leaves: int = 0
    nodes: int = 0
    heads: int = 0
    waiting: int = 0
    disclosures: int = 0
    coverage_rules: int = 0
    witnessed: int = 0
    row_rules: int = 0
