"""Real data that tests read: excerpts in tests/data, and the whole sets where this machine has them.

`ASSAY_TEST_SETS` names the folder with the whole sets (`data/` and `vectors/`); `../shared` unless
told. A test marked `each_set` runs on the excerpt everywhere and on the whole set besides, with
figures for each.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

EXCERPTS = Path(__file__).parent / "data"
WHOLE = Path(os.environ.get("ASSAY_TEST_SETS") or Path(__file__).parents[2] / "shared")


@dataclass(frozen=True)
class Sets:
    """One of the two: where its files are, and which figures hold for it."""

    data: Path
    vectors: Path
    is_whole: bool

    def expects(self, *, excerpt: T, whole: T) -> T:
        return whole if self.is_whole else excerpt


excerpts = Sets(EXCERPTS, EXCERPTS / "vectors", is_whole=False)
whole_sets = Sets(WHOLE / "data", WHOLE / "vectors", is_whole=True)
here = [excerpts, *([whole_sets] if whole_sets.data.is_dir() else [])]
each_set = pytest.mark.parametrize(
    "sets", here, ids=["whole" if one.is_whole else "excerpt" for one in here]
)
