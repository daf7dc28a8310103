"""Forms of payouts, the payout account and withdrawals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pricing.money import Money
from pricing.refusals import PricingRefusal

TOKEN_CHARS_MAX = 64


class PayoutAccountForm(forms.Form):
    """The number goes to the payment provider and is not kept here."""

    holder = forms.CharField(label=_("Account holder"), max_length=200)
    number = forms.CharField(
        label=_("Account number"),
        max_length=42,
        help_text=_("It goes to the payment provider. The exchange keeps the last four digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )


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
