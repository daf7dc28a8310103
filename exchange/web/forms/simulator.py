"""What a seller supposes about its buyers."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pricing.money import Money
from pricing.refusals import PricingRefusal
from pricing.worth.prices.bundles import BUYERS_MAX

LINES_MAX = 200
TEXT_CHARS_MAX = 8_000
LINE = re.compile(r"\s*([\d.,]+)\s*(?:[x×*]\s*(\d{1,5}))?\s*")
TYPED, COMPARABLES = "typed", "comparables"


class SimulatorForm(forms.Form):
    """Where the demand comes from. `willing` holds (most given in minor units, buyers)."""

    source = forms.ChoiceField(
        label=gettext_lazy("What buyers would give"),
        widget=forms.RadioSelect,
        initial=TYPED,
        choices=[
            (TYPED, gettext_lazy("As I suppose it")),
            (
                COMPARABLES,
                gettext_lazy("As comparable products cost: one buyer at each of their prices"),
            ),
        ],
    )
    willing = forms.CharField(
        label=gettext_lazy("The most that buyers would give, without tax"),
        required=False,
        max_length=TEXT_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("One line for each kind of buyer: amount × how many, as 5000 x 12."),
    )

    def __init__(self, *args: Any, currency: str, comparables: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = currency
        self.comparables = comparables
        self.demand: list[tuple[int, int]] = []

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("source") == COMPARABLES:
            self.demand = [(price, 1) for price in self.comparables]
            if not self.demand:
                self.add_error("source", _("No comparable product has a price yet."))
            return said
        try:
            self.demand = self._read(said.get("willing", ""))
        except (PricingRefusal, forms.ValidationError) as refusal:
            self.add_error("willing", getattr(refusal, "message", str(refusal)))
        return said

    def _read(self, text: str) -> list[tuple[int, int]]:
        lines = [line for line in text.splitlines() if line.strip()]
        if not 1 <= len(lines) <= LINES_MAX:
            raise forms.ValidationError(
                _("Give 1 to %(limit)d lines.") % {"limit": LINES_MAX}, code="lines"
            )
        found = [self._line(line) for line in lines]
        if sum(buyers for _value, buyers in found) > BUYERS_MAX:
            raise forms.ValidationError(
                _("Give at most %(limit)d buyers in all.") % {"limit": BUYERS_MAX}, code="buyers"
            )
        return found

    def _line(self, line: str) -> tuple[int, int]:
        read = LINE.fullmatch(line)
        try:
            amount = Money.parse(read[1].replace(",", ""), self.currency) if read else None
        except PricingRefusal as refusal:
            raise forms.ValidationError(refusal.message, code="line") from refusal
        buyers = int(read[2] or 1) if read else 0
        if amount is None or amount.minor <= 0 or buyers < 1:
            raise forms.ValidationError(
                _("“%(line)s” is not an amount and a number of buyers, as 5000 x 12.")
                % {"line": line.strip()[:40]},
                code="line",
            )
        return amount.minor, buyers
