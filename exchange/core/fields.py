"""Columns for money, which `pricing.money.MoneyOf` reads two by two, and the fields that forms of pages
and console share: amounts, numbers, counts, days and moments as `core.inputs` reads them, and texts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from exchange.core.inputs import (
    INPUT_CHARS_MAX,
    JSON_EXACT_MAX,
    read_amount,
    read_count,
    read_day,
    read_moment,
    read_number,
)
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.refusals import Refusal
from pricing.money import CURRENCIES, Money

CURRENCY_CHARS = 3
REASON_CHARS_MIN = 10


if TYPE_CHECKING:
    _Integer = models.BigIntegerField[int, int]
    _Text = models.CharField[str, str]
else:
    _Integer, _Text = models.BigIntegerField, models.CharField


class MinorUnitsField(_Integer):
    """Whole minor units. The currency stands in a column beside it."""


class CurrencyField(_Text):
    """An ISO 4217 code of the currency table; forms and `full_clean` refuse any other."""

    def __init__(self, verbose_name: Any = None, **options: Any) -> None:
        options["max_length"] = CURRENCY_CHARS
        options.setdefault("choices", [(code, code) for code in sorted(CURRENCIES)])
        super().__init__(verbose_name, **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        options.pop("max_length", None)
        options.pop("choices", None)  # the table may grow without a migration
        return name, path, list(args), options


def text_field(
    label: Any,
    *,
    chars_min: int = 0,
    chars_max: int | None = None,
    rows: int = 3,
    required: bool = True,
    help_text: Any = "",
) -> forms.CharField:
    """A form's field for some lines of text, of `chars_min` letters or half as many Chinese characters."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=chars_max,
        validators=[partial(_check_length, chars_min)] if chars_min else [],
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _check_length(chars_min: int, text: str) -> None:
    if sum(2 if east_asian_width(letter) in "FW" else 1 for letter in text) < chars_min:
        raise forms.ValidationError(
            _("Say it in at least %(least)d letters or %(half)d Chinese characters."),
            code="too_short",
            params={"least": chars_min, "half": chars_min // 2},
        )


@contextmanager
def as_field_error() -> Iterator[None]:
    """Turn a refusal inside into an error of the field."""
    try:
        yield
    except Refusal as refusal:
        raise forms.ValidationError(str(refusal.message), code=refusal.code) from refusal


class _Typed(forms.CharField):
    """A line of text that is read as something; what cannot be read stays in the form as it is."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", INPUT_CHARS_MAX)
        options.setdefault("empty_value", None)
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text is None:
            return None
        with as_field_error():
            return self.read(text)

    def read(self, text: str) -> Any:
        raise NotImplementedError


def _digits() -> forms.Widget:
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


class AmountField(_Typed):
    """An amount in the currency of its `MoneyForm`, which reads it; None where it is left empty."""

    def __init__(self, *, least_minor: int = 1, **options: Any) -> None:
        options.setdefault("widget", _digits())
        super().__init__(**options)
        self.least_minor = least_minor

    def read(self, text: str) -> str:
        return text

    def prepare_value(self, value: Any) -> Any:
        """A first value as it would be typed."""
        return f"{value.decimal:f}" if isinstance(value, Money) else value


class NumberField(_Typed):
    """A number that is not money, with at most `places` decimals."""

    def __init__(
        self,
        *,
        places: int,
        least: Decimal | None = None,
        most: Decimal | None = None,
        **options: Any,
    ) -> None:
        options.setdefault("widget", _digits())
        super().__init__(**options)
        self.places, self.least, self.most = places, least, most

    def read(self, text: str) -> Decimal:
        return read_number(text, places=self.places, least=self.least, most=self.most)


class CountField(_Typed):
    """A whole number from `least` to `most`, which may be grouped and has no point."""

    def __init__(self, *, least: int = 0, most: int = JSON_EXACT_MAX, **options: Any) -> None:
        options.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        )
        super().__init__(**options)
        self.least, self.most = least, most

    def read(self, text: str) -> int:
        return read_count(text, least=self.least, most=self.most)


class DayField(_Typed):
    """A day. Browsers show their calendar and send `2026-12-31`."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**options)

    def read(self, text: str) -> date:
        return read_day(text)


class MomentField(_Typed):
    """A day and a time in the exchange's time zone, or with an offset of its own. An hour that comes
    twice is the first of the two: browsers have no place for an offset."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        options.setdefault("widget", widget)
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """A first value as the exchange's clock shows it."""
        return timezone.localtime(value) if isinstance(value, datetime) else value

    def read(self, text: str) -> datetime:
        return read_moment(text, takes_first=True)


class MoneyForm(forms.Form):
    """A form with amounts: those of `AmountField` are Money (or None) once it is valid.

    They are in the currency that the form is made with, which stands beside each, or in that of its
    own field `currency`.
    """

    def __init__(self, *args: Any, currency: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency_code = currency
        for field in self.fields.values() if currency else ():
            if isinstance(field, AmountField):
                field.label = amount_label(field.label, currency)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        currency = self.currency_code or said.get("currency")
        for name, field in self.fields.items():
            if isinstance(field, AmountField) and said.get(name) is not None:
                self._read(said, name, field, currency)
        return said

    def add_amount(self, name: str, label: Any, *, required: bool = True) -> None:
        """Add a field for an amount in the form's currency."""
        self.fields[name] = AmountField(
            label=amount_label(label, self.currency_code), required=required
        )

    def minor_units(self) -> dict[str, Any]:
        """What was said, amounts in whole minor units, 0 for one that was left empty."""
        amounts = {name for name, field in self.fields.items() if isinstance(field, AmountField)}
        return {
            name: (value.minor if value else 0) if name in amounts else value
            for name, value in self.cleaned_data.items()
        }

    def _read(
        self, said: dict[str, Any], name: str, field: AmountField, currency: str | None
    ) -> None:
        if not currency:  # refused at its own field
            del said[name]
            return
        try:
            said[name] = read_amount(said[name], currency, least_minor=field.least_minor)
        except Refusal as refusal:
            self.add_error(name, forms.ValidationError(str(refusal.message), code=refusal.code))


def amount_label(label: Any, currency: str) -> Any:
    """The label with the currency that the field counts in."""
    return format_lazy("{} ({})", label, currency)


class ReasonForm(forms.Form):
    """Why something is done: the step and the log keep it."""

    reason = text_field(_("Reason"), chars_max=REASON_CHARS_MAX)


class FullReasonForm(ReasonForm):
    """The same where somebody loses by it and reads why: a word alone is no reason."""

    reason = text_field(_("Reason"), chars_min=REASON_CHARS_MIN, chars_max=REASON_CHARS_MAX)
