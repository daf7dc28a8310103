"""Columns for money, which `pricing.money.MoneyOf` reads two by two, and what forms of both doors share."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import REASON_CHARS_MAX
from pricing.money import CURRENCIES

CURRENCY_CHARS = 3


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
    chars_max: int | None = None,
    rows: int = 3,
    required: bool = True,
    help_text: Any = "",
) -> forms.CharField:
    """A form's field for some lines of text."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=chars_max,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ReasonForm(forms.Form):
    """Why something is done: the step and the log keep it."""

    reason = text_field(_("Reason"), chars_max=REASON_CHARS_MAX)
