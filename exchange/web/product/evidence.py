"""What a buyer can check of a product's data before buying: dictionary, samples, quality."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.throttling import SimpleRateThrottle

from exchange.catalog.disclosure import FEW, Disclosed, Part, leaving
from exchange.catalog.models import Product
from exchange.core.formatting import count_shown, day_shown, moment_shown
from exchange.core.refusals import Refusal
from exchange.web.charts import distributions as charts
from exchange.web.charts import maps, timelines

COLUMNS_DRAWN_MAX = 60
WORLD = (-180.0, -90.0, 180.0, 90.0)
SAMPLES_PER_MINUTE = 30
PROGRAMS = re.compile(r"bot|crawl|spider|slurp|scrapy|preview|monitor|headless", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One row of the dictionary. `picture` is its spread, empty beyond COLUMNS_DRAWN_MAX. Of a
    personal column nothing is known but how many cells are empty."""

    name: str
    original: str
    kind: str
    unit: str
    description: str
    example: str
    missing: str
    distinct: str
    low: str
    high: str
    mean: str
    mixed: str
    findings: tuple[str, ...]
    is_personal: bool
    picture: SafeString


@dataclass(frozen=True)
class Dimension:
    """One of the six dimensions: its share, weight and the rule that made the figure."""

    label: str
    share: str
    weight: str
    rule: str
    counted: str


@dataclass(frozen=True)
class Quality:
    score: str
    grade: str
    dimensions: tuple[Dimension, ...]
    picture: SafeString


@dataclass(frozen=True)
class Course:
    """How a table's rows and the means of its columns run over time: drawn, and as figures."""

    title: str
    pictures: tuple[SafeString, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """One table with all its evidence."""

    public_id: str
    name: str
    rows: int
    columns: tuple[Column, ...]
    undrawn: int
    preview_columns: tuple[str, ...]
    preview_rows: tuple[tuple[str | None, ...], ...]
    quality: Quality | None
    covered: str
    time_picture: SafeString
    region: str
    region_picture: SafeString
    course: Course | None
    notes: tuple[str, ...]
    sample_url: str


def table_of(document: Disclosed, *, public_id: str, sample_url: str, today: datetime) -> Table:
    """The page's table from what may be seen of the document that the vault made and the seller
    corrected."""
    rows = int(document["rows"])
    found = findings_of(document)
    columns = tuple(
        _column(column, rows, found.get(column["name"], ()), is_drawn=number < COLUMNS_DRAWN_MAX)
        for number, column in enumerate(document["columns"])
    )
    preview = document.get("preview") or {"columns": [], "rows": []}
    time = (document.get("coverage") or {}).get("time")
    region = (document.get("coverage") or {}).get("region")
    return Table(
        public_id=public_id,
        name=str(document["name"]),
        rows=rows,
        columns=columns,
        undrawn=max(0, len(columns) - COLUMNS_DRAWN_MAX),
        preview_columns=tuple(map(str, preview["columns"])),
        preview_rows=tuple(tuple(row) for row in preview["rows"]),
        quality=quality_of(document),
        covered=_covered(time),
        time_picture=_time_picture(time, today),
        region=_region(region),
        region_picture=_region_picture(region),
        course=_course(document),
        notes=tuple(str(note["text"]) for note in document.get("notes") or ()),
        sample_url=sample_url,
    )


def withheld_of(product: Product, tables: Sequence[Table]) -> str:
    """What readers are told where they see counts only."""
    if not tables or Part.VALUES in leaving(product):
        return ""
    return _("Only counts of this data are public: no values, no rows and no sample.")


def quality_of(document: Mapping[str, Any]) -> Quality | None:
    """The quality report, None where nothing was measured."""
    report = document.get("quality")
    if not report or not report.get("dimensions"):
        return None
    labels = dimension_labels()
    dimensions = report["dimensions"]
    return Quality(
        score=str(report["score"]),
        grade=str(report["grade"]),
        dimensions=tuple(
            Dimension(
                label=labels.get(one["dimension"], one["dimension"]),
                share=f"{Decimal(one['value']):.1%}",
                weight=f"{Decimal(one['weight']):.0%}",
                rule=_(one["rule"]) if one["rule"] else "",
                counted=f"{int(one['numerator']):,} / {int(one['denominator']):,}",
            )
            for one in dimensions
        ),
        picture=charts.radar(
            [
                (labels.get(one["dimension"], one["dimension"]), float(one["value"]))
                for one in dimensions
            ],
            score=str(report["score"]),
        ),
    )


def dimension_labels() -> dict[str, str]:
    """The six dimensions of GB/T 36344 in the reader's language."""
    return {
        "normativity": _("Conformity"),
        "completeness": _("Completeness"),
        "accuracy": _("Accuracy"),
        "consistency": _("Consistency"),
        "timeliness": _("Timeliness"),
        "accessibility": _("Accessibility"),
    }


def kind_labels() -> dict[str, str]:
    """Types of columns in the reader's language."""
    return {
        "integer": _("whole number"),
        "decimal": _("decimal number"),
        "text": _("text"),
        "date": _("date"),
        "datetime": _("date and time"),
        "boolean": _("yes or no"),
        "empty": _("empty"),
    }


def findings_of(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What was found in each column, in words."""
    labels = {
        "position": _("positions"),
        "phone": _("telephone numbers"),
        "email": _("e-mail addresses"),
        "person_name": _("names of persons"),
        "identity_number": _("identity numbers"),
        "plate": _("number plates"),
        "address": _("addresses"),
        "device_id": _("device identifiers"),
        "birth_date": _("dates of birth"),
        "bank_account": _("bank accounts"),
        "payment_card": _("payment cards"),
        "network_address": _("network addresses"),
        "account_name": _("names of accounts"),
        "vehicle_number": _("numbers of vehicles"),
        "usage_habits": _("habits of households"),
    }
    found: dict[str, tuple[str, ...]] = {}
    for one in document.get("findings") or ():
        label = labels.get(one["kind"], one["kind"])
        found[one["column"]] = (*found.get(one["column"], ()), label)
    return found


def _column(
    column: Mapping[str, Any], rows: int, findings: Sequence[str], *, is_drawn: bool
) -> Column:
    estimate = "≈ " if column.get("distinct_is_estimate") else ""
    return Column(
        name=str(column["name"]),
        original="" if column["original_name"] == column["name"] else column["original_name"],
        kind=kind_labels().get(column["type"], column["type"]),
        unit=column.get("unit") or "",
        description=column.get("description") or "",
        example=_short(column.get("example")),
        missing=_share(int(column["nulls"]), rows),
        distinct="" if column["distinct"] is None else f"{estimate}{int(column['distinct']):,}",
        low=_short(column.get("min")),
        high=_short(column.get("max")),
        mean=_about(column.get("mean")),
        mixed=_mixed(column.get("mixed")),
        findings=tuple(findings),
        is_personal=bool(column.get("personal")),
        picture=charts.picture_of_column(column, rows=rows) if is_drawn else SafeString(""),
    )


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - a cell of the table


def _about(value: object) -> str:
    """A mean to four digits, whole above that: more of it says nothing of the data."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return _short(value)
    if not number.is_finite():
        return _short(value)
    places = 0 if number == number.to_integral_value() else min(max(0, 3 - number.adjusted()), 12)
    return f"{number:.{places}f}"


def _share(part: int, whole: int) -> str:
    if not whole or not part:
        return "0 %"
    share = 100 * part / whole
    return f"{share:.1f} %" if share >= 0.1 else "< 0.1 %"  # noqa: PLR2004 - the last printed digit


def _mixed(mixed: Mapping[str, Any] | None) -> str:
    if not mixed:
        return ""
    rows = int(mixed["rows"])
    return ngettext(
        "%(rows)s row holds something else, such as “%(example)s”.",
        "%(rows)s rows hold something else, such as “%(example)s”.",
        rows,
    ) % {"rows": f"{rows:,}", "example": (mixed.get("examples") or [""])[0]}


def _instant(text: object) -> datetime | None:
    """An instant of a document; days count from their beginning. None for what a clock cannot show."""
    try:
        at = parse_datetime(str(text))
        if at is None:
            at = parse_datetime(f"{text}T00:00:00")
    except ValueError:
        return None
    return make_aware(at) if at is not None and is_naive(at) else at


def _covered(time: Mapping[str, Any] | None) -> str:
    if not time or not time.get("from"):
        return ""
    return _("%(from)s to %(until)s, by the column “%(column)s”") % {
        "from": _moment(time["from"]),
        "until": _moment(time["until"]),
        "column": time["column"],
    }


def _moment(text: object) -> str:
    """A day, or a moment as the data has it; what a clock cannot show as it stands there."""
    at = _instant(text)
    if at is None:
        return str(text)[:16]
    is_day = (at.hour, at.minute, at.second) == (0, 0, 0)
    return day_shown(at.date()) if is_day else moment_shown(at, zone=False)


def _time_picture(time: Mapping[str, Any] | None, today: datetime) -> SafeString:
    begins, ends = (_instant((time or {}).get(end)) for end in ("from", "until"))
    if begins is None or ends is None or ends < begins:
        return SafeString("")
    return timelines.covered(begins=begins, ends=ends, today=today)


def _course(document: Mapping[str, Any]) -> Course | None:
    """None without a series, with less than two buckets, or where each of them has few rows."""
    series = document.get("series")
    if series and max(series["rows"]) <= FEW:
        return None
    starts = [_instant(start) for start in series["starts"]] if series else []
    if not series or not all(starts) or len(starts) < timelines.BUCKETS_MIN:
        return None
    line = timelines.Line(series["unit"], tuple(at for at in starts if at is not None))
    units = {column["name"]: column.get("unit") or "" for column in document["columns"]}
    means = series["means"]
    drawn = [timelines.rows_over(line, series["rows"], column=series["column"])] + [
        timelines.mean_over(
            line,
            [None if value is None else float(value) for value in one["values"]],
            time=series["column"],
            column=one["column"],
            unit=units.get(one["column"], ""),
        )
        for one in means
    ]
    return Course(
        title=timelines.titles()[line.unit],
        pictures=tuple(picture for picture in drawn if picture),
        heads=(
            series["column"],
            _("Rows"),
            *(_("Mean of %(column)s") % {"column": one["column"]} for one in means),
        ),
        rows=tuple(
            (line.said(at), _few(rows), *(_about(one["values"][number]) or "–" for one in means))
            for number, (at, rows) in enumerate(zip(line.starts, series["rows"], strict=True))
        ),
    )


def _few(rows: int) -> str:
    return f"≤ {FEW}" if rows == FEW else count_shown(rows)


def _region(region: Mapping[str, Any] | None) -> str:
    return ", ".join(map(str, (region or {}).get("values") or ()))


def _region_picture(region: Mapping[str, Any] | None) -> SafeString:
    corners = (region or {}).get("box")
    if not corners or len(corners) != len(WORLD):
        return SafeString("")
    west, south, east, north = map(float, corners)
    is_on_earth = WORLD[0] <= west <= east <= WORLD[2] and WORLD[1] <= south <= north <= WORLD[3]
    if not is_on_earth:
        return SafeString("")
    grid = (region or {}).get("grid") or {"width": 0, "counts": ()}
    return maps.region(west, south, east, north, counts=grid["counts"], width=grid["width"])


class TooManySamples(Refusal):
    """This address has fetched as many samples as it may for the moment."""

    code = "too_many_samples"
    http_status = HTTPStatus.TOO_MANY_REQUESTS


class SampleThrottle(SimpleRateThrottle):
    """By address, as the API counts strangers: behind trusted proxies, by the visitor's own."""

    rate = f"{SAMPLES_PER_MINUTE}/min"

    def get_cache_key(self, request: Any, _view: Any) -> str:
        return f"throttle:sample:{self.get_ident(request)}"


def is_counted(request: HttpRequest) -> bool:
    """Whether a visit is counted: not that of a program that says so or says nothing, nor a page that a
    browser fetches ahead."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return False
    name = request.headers.get("User-Agent", "")
    return bool(name) and PROGRAMS.search(name) is None


def count_sample(request: HttpRequest) -> None:
    """Count one more. Raises TooManySamples."""
    throttle = SampleThrottle()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]  # asks for META alone
        raise TooManySamples(
            _("Wait a minute before you download more samples."),
            retry_after_seconds=round(throttle.wait() or 60),
            limit_per_minute=SAMPLES_PER_MINUTE,
        )
