"""Columns for money; `pricing.money.MoneyOf` reads two of them as one `Money`."""

from typing import TYPE_CHECKING, Any

from django.db import models

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
