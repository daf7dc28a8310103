"""What the linter finds."""

from collections.abc import Mapping
from dataclasses import dataclass

ANY_CURRENCY = "CNY"  # figures of findings are exact, before they are rounded


@dataclass(frozen=True)
class Finding:
    """A weakness of a plan, the charge that has it, and figures that prove it."""

    code: str
    charge: str
    sentence: str
    proof: Mapping[str, str]
