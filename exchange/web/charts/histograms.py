"""How the values of a column spread."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.web.charts.drawing import picture, short

WIDTH, HEIGHT, FOOT = 240, 72, 14
BINS_MAX = 60
LEAST = 1.5  # a bin that is not empty must be seen


def histogram(
    *, column: str, edges: Sequence[Any], counts: Sequence[int], is_small: bool = False
) -> SafeString:
    """Bars over the value's range. Empty when there is nothing to draw."""
    counts = list(counts)[:BINS_MAX]
    highest = max(counts, default=0)
    if not highest or len(edges) <= len(counts):
        return SafeString("")
    foot = 0 if is_small else FOOT
    step = WIDTH / len(counts)
    bars = format_html_join(
        "",
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}"></rect>',
        (
            (
                short(number * step),
                short(HEIGHT - foot - high),
                short(max(step - 1, 0.5)),
                short(high),
            )
            for number, size in enumerate(counts)
            if (high := max(size / highest * (HEIGHT - foot), LEAST if size else 0))
        ),
    )
    ends = (
        SafeString("")
        if is_small
        else format_html(
            '<text class="label" x="0" y="{y}">{low}</text>'
            '<text class="label" x="{x}" y="{y}" text-anchor="end">{high}</text>',
            x=WIDTH,
            y=HEIGHT - 2,
            low=str(edges[0]),
            high=str(edges[len(counts)]),
        )
    )
    tallest = counts.index(highest)
    return picture(
        format_html("{}{}", bars, ends),
        width=WIDTH,
        height=HEIGHT,
        kind="histogram",
        title=_("Values of %(column)s") % {"column": column},
        description=_("From %(low)s to %(high)s; most rows lie between %(from)s and %(until)s.")
        % {
            "low": edges[0],
            "high": edges[len(counts)],
            "from": edges[tallest],
            "until": edges[tallest + 1],
        },
    )


def top_values(*, column: str, top: Sequence[Sequence[Any]], rows: int) -> SafeString:
    """The most frequent values as bars beside their names."""
    shown = [(str(value), int(number)) for value, number in top[:5]]
    if not shown or rows <= 0:
        return SafeString("")
    highest = max(number for _value, number in shown) or 1
    line = 16
    shapes = format_html_join(
        "",
        '<rect class="bar soft" x="0" y="{}" width="{}" height="13"></rect>'
        '<text class="label" x="4" y="{}">{}</text>'
        '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                number * line,
                short(max(size / highest * WIDTH, LEAST)),
                number * line + 10,
                value[:24] + "…" if len(value) > 25 else value or "“”",  # noqa: PLR2004
                WIDTH,
                number * line + 10,
                f"{size / rows:.1%}",
            )
            for number, (value, size) in enumerate(shown)
        ),
    )
    return picture(
        shapes,
        width=WIDTH,
        height=line * len(shown),
        kind="top",
        title=_("Most frequent values of %(column)s") % {"column": column},
        description=ngettext(
            "The most frequent value is “%(value)s”, in %(count)d row.",
            "The most frequent value is “%(value)s”, in %(count)d rows.",
            shown[0][1],
        )
        % {"value": shown[0][0], "count": shown[0][1]},
    )


def picture_of_column(column: Mapping[str, Any], *, rows: int) -> SafeString:
    """The picture that fits the column: its spread, or its most frequent values."""
    spread = column.get("histogram")
    name = str(column.get("name", ""))
    if spread:
        drawn = histogram(column=name, edges=spread["edges"], counts=spread["counts"])
        if drawn:
            return drawn
    return top_values(column=name, top=column.get("top") or [], rows=rows)
