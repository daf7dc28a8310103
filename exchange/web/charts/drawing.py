"""The frame of every picture."""

from itertools import count

from django.utils.html import format_html
from django.utils.safestring import SafeString

_numbers = count(1)


def picture(
    shapes: SafeString, *, width: int, height: int, kind: str, title: str, description: str
) -> SafeString:
    """An SVG that says what it shows. Ids are unique within the process, hence within a page."""
    number = next(_numbers)
    return format_html(
        '<svg class="chart chart-{kind}" viewBox="0 0 {width} {height}" role="img"'
        ' aria-labelledby="chart-{number}-t chart-{number}-d">'
        '<title id="chart-{number}-t">{title}</title>'
        '<desc id="chart-{number}-d">{description}</desc>{shapes}</svg>',
        kind=kind,
        width=width,
        height=height,
        number=number,
        title=title,
        description=description,
        shapes=shapes,
    )


def short(number: float) -> str:
    """A coordinate, short: a tenth of a pixel is finer than anybody sees."""
    return f"{number:.1f}".removesuffix(".0")
