"""Forms of settlement: the account that a seller is paid to."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PayoutAccountForm(forms.Form):
    """The number goes to the payment provider and is not kept here."""

    holder = forms.CharField(label=_("Account holder"), max_length=200)
    number = forms.CharField(
        label=_("Account number"),
        max_length=42,
        help_text=_("It goes to the payment provider. The exchange keeps the last four digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
