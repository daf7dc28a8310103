"""What time and what region the rows cover, and in what rhythm they come."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from exchange.vault.reading.casts_sql import identifier
from exchange.vault.reading.convert_sql import TableColumn
from exchange.vault.reading.documents import RegionCoverage, TimeCoverage
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.findings import Seen, position_columns
from exchange.vault.reading.kinds import TIMES
from exchange.vault.reading.profile_sql import Figures, is_plausible, moment_of, scan_of
from exchange.vault.reading.rhythm_sql import Steps
from exchange.vault.reading.units import listed
from exchange.vault.reading.words import tokens

REGIONS_MAX = 20
TIME_WORDS = listed(
    "time timestamp datetime date day at when applicable for observed observation measured measurement reading "
    "settlement delivery valid period interval occurred visit"
)
# When something was written down, and when it ended: told only where nothing says when it was.
RECORD_WORDS = listed(
    "generated created creation updated update modified modification published publication publish issued "
    "uploaded upload inserted ingested imported exported extracted received processed registered entered "
    "revised downloaded scraped crawled retrieved released release"
)
END_WORDS = listed(
    "end ended until to finish finished stop stopped expiry expires expiration due deadline"
)
BIRTH_WORDS = listed("birth birthday birthdate born dob")
TIME_CHINESE, BIRTH_CHINESE = ("时间", "日期"), ("出生", "生日")
RECORD_CHINESE = ("发布", "更新", "创建", "生成", "入库", "上传", "录入", "修改", "导入", "登记")
END_CHINESE = ("结束", "截止", "到期")
YEAR_WORDS = listed(
    "year years yr yyyy jahr année annee ano año anno jaar år aar vuosi rok év год годы рік yıl έτος tahun"
)
YEAR_CHINESE = ("年份", "年度")
# The year of a thing is not the year of its row.
YEAR_OF = listed(
    "birth built build construction constructed model manufacture manufactured commissioned founded made bau "
    "geburt inbetriebnahme naissance fabrication service nacimiento fabricación nascimento fabricação nascita рождения "
    "постройки выпуска"
)
YEARS = (1500, 2200)
REGION_WORDS = frozenset({"state", "city", "province", "country", "region", "county", "district"})
REGION_CHINESE = ("省", "市", "区县", "地区", "区域", "国家")


def time_column(
    columns: Sequence[TableColumn], figures: Mapping[str, Figures]
) -> TableColumn | None:
    """The column that says when: by its name, then by how many moments it tells apart. A column of years
    where none else does. When somebody was born says nothing of the rows."""
    times = [one for one in columns if one.type in TIMES and figures[one.name].filled]
    times = [one for one in times if not _speaks_of(one.name, BIRTH_WORDS, BIRTH_CHINESE)]
    first = max(
        times, key=lambda one: (_says_when(one.name), figures[one.name].distinct), default=None
    )
    if first is not None and _says_when(first.name):
        return first
    return next((one for one in columns if _is_year(one, figures[one.name])), first)


def _says_when(name: str) -> int:
    if _speaks_of(name, RECORD_WORDS, RECORD_CHINESE):
        return 0
    if _speaks_of(name, END_WORDS, END_CHINESE):
        return 1
    return 3 if _speaks_of(name, TIME_WORDS, TIME_CHINESE) else 2


def _speaks_of(name: str, words: frozenset[str], chinese: Sequence[str]) -> bool:
    return bool(words & set(tokens(name))) or any(one in name for one in chinese)


def _is_year(column: TableColumn, figures: Figures) -> bool:
    words = {*tokens(column.name), *re.findall(r"[^\W\d_]+", column.name.casefold())}
    is_named = bool(words & YEAR_WORDS) or column.name.strip() == "年"
    is_named = is_named or any(one in column.name for one in YEAR_CHINESE)
    least, most = YEARS
    return (
        column.type == "integer"
        and is_named
        and not words & YEAR_OF
        and figures.distinct > 1
        and figures.low is not None
        and figures.high is not None
        and least <= figures.low <= figures.high <= most
    )


def time_coverage(
    engine: Engine, path: Path, column: TableColumn | None, steps: Steps
) -> TimeCoverage | None:
    """From the first to the last plausible moment; from the first day to the last of years."""
    if column is None:
        return None
    moment, cell = moment_of(column), identifier(column.name)
    start, until = engine.row(
        f"SELECT CAST(min({cell}) AS VARCHAR), CAST(max({cell}) AS VARCHAR) "
        f"FROM {scan_of(path)} WHERE {is_plausible(f'epoch({moment})')}"
    )
    if not start:
        return None
    if column.type == "integer":
        start, until = f"{start}-01-01", f"{until}-12-31"
    return TimeCoverage(column.name, start, until, steps.rhythm_seconds, steps.rhythm)


def region_coverage(
    columns: Sequence[TableColumn], figures: Mapping[str, Figures], seen: Sequence[Seen]
) -> RegionCoverage | None:
    """The box of the positions, or the names of regions that rows have most."""
    position = position_columns(seen)
    if position is not None:
        latitude, longitude = (figures[one.name] for one in position)
        south, north = _within(latitude, 90)
        west, east = _within(longitude, 180)
        return RegionCoverage(tuple(one.name for one in position), (west, south, east, north), ())
    named = [
        one
        for one in columns
        if one.type == "text"
        and figures[one.name].top
        and (REGION_WORDS & set(tokens(one.name)) or one.name.endswith(REGION_CHINESE))
    ]
    if not named:
        return None
    values = [value for one in named for value, _count in figures[one.name].top]
    return RegionCoverage(tuple(one.name for one in named), None, tuple(values[:REGIONS_MAX]))


def _within(figures: Figures, most: float) -> tuple[float, float]:
    return max(-most, figures.low or 0.0), min(most, figures.high or 0.0)
