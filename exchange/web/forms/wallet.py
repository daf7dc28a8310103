"""The form of a withdrawal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pricing.money import Money
from pricing.refusals import PricingRefusal

TOKEN_CHARS_MAX = 64


class WithdrawalForm(forms.Form):
    """How much to send back; `clean` adds `money`, a Money in the wallet's currency."""

    amount = forms.CharField(
        label=_("Amount to send back"),
        help_text=_("It goes to the bank account that the money came from."),
        max_length=24,
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._currency = currency

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        try:
            said["money"] = Money.parse(str(said.get("amount", "")), self._currency)
        except PricingRefusal as refusal:
            self.add_error("amount", refusal.message)
        return said
