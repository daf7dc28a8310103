"""How pages print money, instants and languages: by Babel, in the reader's language."""

from datetime import date, datetime
from itertools import zip_longest

from babel.dates import format_datetime
from babel.units import format_unit
from django import template
from django.forms import CheckboxInput
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from exchange.core.chosen import ChoosingForm
from exchange.core.formatting import (
    active_locale,
    count_shown,
    day_shown,
    end_shown,
    isolated_text,
    moment_shown,
    money_shown,
    short_month,
)
from exchange.payments.entry_labels import entry_label, family_label, own_account_label
from pricing.money import Money

register = template.Library()
register.filter(entry_label)
register.filter(family_label)
register.filter(own_account_label)

SIZE_UNITS = (
    ("terabyte", 10**12),
    ("gigabyte", 10**9),
    ("megabyte", 10**6),
    ("kilobyte", 10**3),
    ("byte", 1),
)


@register.filter
def money(amount: Money | None) -> str:
    """`¥1,234.50` in Chinese, `CN¥1,234.50` in English; exact, never rounded."""
    return money_shown(amount)


@register.filter
def isolated(name: object) -> str:
    """A name of an organisation, a product or a person inside a sentence."""
    return isolated_text(str(name))


@register.simple_tag
def exchange_zone() -> str:
    """The name of the time zone in which the exchange counts days and months."""
    return str(timezone.get_default_timezone())


@register.filter
def count(number: int | None) -> str:
    """A whole number with the language's separators."""
    return count_shown(number)


@register.filter
def size(size_bytes: int | None) -> str:
    """`1.4 MB`: a number of bytes in the unit that a person would use."""
    if size_bytes is None:
        return "–"
    unit, factor = next(
        ((unit, factor) for unit, factor in SIZE_UNITS if size_bytes >= factor), SIZE_UNITS[-1]
    )
    if factor == 1:  # the short form of a few bytes is “5 byte”
        return format_unit(size_bytes, "digital-byte", "long", locale=active_locale())
    shown = round(size_bytes / factor, 1)
    return format_unit(shown, f"digital-{unit}", "short", locale=active_locale())


@register.filter
def when(at: datetime | date | None, precision: str = "minutes") -> SafeString:
    """A `<time>` in the exchange's time zone; `precision` is date, minutes or seconds.

    A plain date has no zone and no time: it is printed as it is.
    """
    if at is None:
        return SafeString("–")
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), day_shown(at))
    return _time(at, moment_shown(at, precision, zone=False))


@register.filter
def month(day: date) -> str:
    """The month of a day, as everywhere: `Nov 2026`."""
    return short_month(day)


@register.filter
def ending(at: datetime | date | None, precision: str = "minutes") -> SafeString:
    """As `when`, of the moment at which something ends: as a date its last day."""
    if not isinstance(at, datetime):
        return when(at)
    return _time(at, end_shown(at, precision, zone=False))


def _time(at: datetime, shown: str) -> SafeString:
    local = timezone.localtime(at)
    full = format_datetime(local, "full", tzinfo=local.tzinfo, locale=active_locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), full, shown)


@register.filter
def language_tag(code: str) -> str:
    """Django's `zh-hans` as the BCP 47 tag browsers pick fonts and voices by."""
    head, _, tail = code.partition("-")
    return f"{head}-{tail.capitalize()}" if tail else head


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the label belongs after the box."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def stands_when(field: BoundField) -> dict[str, str] | None:
    """For which choices of another field this one stands: as the page's script reads it, and in words.
    None for a field that always stands."""
    form = field.form
    if not isinstance(form, ChoosingForm) or field.name not in form.whens:
        return None
    return {"address": form.address_of(field.name), "words": form.choices_for(field.name)}


@register.filter
def code_spans(text: str) -> SafeString:
    """Text in which what stands between two backticks is code."""
    *pairs, rest = zip_longest(*[iter(text.split("`"))] * 2, fillvalue="")
    return format_html_join("", "{}<code>{}</code>", pairs) + conditional_escape(rest[0])
