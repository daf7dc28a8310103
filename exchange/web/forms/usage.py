"""The form of a cap."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pricing.money import Money
from pricing.refusals import PricingRefusal


class CapForm(forms.Form):
    """What a period may cost before tax; empty lifts it. `clean` adds `cap_minor`."""

    amount = forms.CharField(
        label=_("A period costs at most, before tax"),
        help_text=_(
            "When it is reached the data closes until the next period. Leave it empty for no cap."
        ),
        required=False,
        max_length=24,
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._currency = currency

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        amount = str(said.get("amount", "")).strip()
        said["cap_minor"] = None
        if amount:
            try:
                said["cap_minor"] = Money.parse(amount, self._currency).minor
            except PricingRefusal as refusal:
                self.add_error("amount", refusal.message)
        return said
