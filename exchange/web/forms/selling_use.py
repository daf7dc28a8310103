"""The form of an offer that is paid by use."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog.actions.offers import OfferWish
from exchange.catalog.models.offers import NAME_CHARS_MAX
from exchange.catalog.plans import UseRates
from exchange.catalog.states import Future, History, OfferKind, Period
from pricing.charges.plans import GRACE_PERIODS_MAX
from pricing.money import CURRENCIES, Money

METERS = ("rows", "calls", "bytes")
OTHER = "other"
METER_CHARS_MAX = 60
TIERS_MAX = 20
TIERS_CHARS_MAX = 2_000
UNITS_MAX = 10**12
PRICE_DIGITS, PRICE_PLACES, LIMIT_PLACES = 18, 8, 2
TIER = re.compile(r"\s*([\d,]{1,20})\s*[:=：]\s*(\d{1,10}(?:\.\d{1,8})?)\s*")


def _price(label: Any, *, places: int = LIMIT_PLACES, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=PRICE_DIGITS,
        decimal_places=places,
        **options,
    )


class UseOfferForm(forms.Form):
    """One offer by use of one meter. Prices are net; the tax of the day comes on top."""

    name = forms.CharField(label=gettext_lazy("Name of the offer"), max_length=NAME_CHARS_MAX)
    meter = forms.ChoiceField(
        label=gettext_lazy("What is counted"),
        choices=[
            ("rows", gettext_lazy("Rows delivered")),
            ("calls", gettext_lazy("Requests")),
            ("bytes", gettext_lazy("Bytes delivered")),
            (OTHER, gettext_lazy("Something that your own programs report")),
        ],
        help_text=gettext_lazy("Rows, requests and bytes of our own deliveries count themselves."),
    )
    own_meter = forms.RegexField(
        label=gettext_lazy("Name of your own meter"),
        regex=r"^[a-z][a-z0-9_.-]*$",
        max_length=METER_CHARS_MAX,
        required=False,
        help_text=gettext_lazy("Small letters, as results or scored_assets."),
        error_messages={"invalid": gettext_lazy("Begin with a small letter; then a-z, 0-9, _ . -")},
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=[(code, code) for code in sorted(CURRENCIES)],
        initial="CNY",
    )
    unit_price = _price(gettext_lazy("Price of one, without tax"), places=PRICE_PLACES)
    package = forms.IntegerField(
        label=gettext_lazy("Sold in packages of"),
        min_value=1,
        max_value=UNITS_MAX,
        initial=1,
        help_text=gettext_lazy("With more than one, the price is that of a package begun."),
    )
    free_units = forms.IntegerField(
        label=gettext_lazy("Free in each period"), min_value=0, max_value=UNITS_MAX, initial=0
    )
    sample_units = forms.IntegerField(
        label=gettext_lazy("Free once, as a sample"),
        required=False,
        min_value=0,
        max_value=UNITS_MAX,
        help_text=gettext_lazy("For who subscribes to the product for the first time."),
    )
    grace_periods = forms.IntegerField(
        label=gettext_lazy("Periods that cost nothing at first"),
        required=False,
        min_value=0,
        max_value=GRACE_PERIODS_MAX,
        help_text=gettext_lazy("For who subscribes to the product for the first time."),
    )
    tiers = forms.CharField(
        label=gettext_lazy("Tiers below that price"),
        required=False,
        max_length=TIERS_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One line for each, as 10000: 0.05 for 0.05 each up to 10,000. What lies beyond costs"
            " the price above."
        ),
    )
    base = _price(gettext_lazy("Fee for each period"), required=False)
    minimum = _price(gettext_lazy("A period costs at least"), required=False)
    maximum = _price(gettext_lazy("A period costs at most"), required=False)
    period = forms.ChoiceField(
        label=gettext_lazy("Billed each"), choices=Period.choices, initial=Period.MONTH
    )
    history = forms.ChoiceField(
        label=gettext_lazy("Earlier revisions"),
        choices=[(one.value, one.label) for one in History if one is not History.LAST],
        initial=History.ALL,
    )
    future = forms.ChoiceField(
        label=gettext_lazy("Later revisions"), choices=Future.choices, initial=Future.ALL
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("meter") == OTHER and not said.get("own_meter"):
            self.add_error("own_meter", _("Name the meter that your programs report."))
        if said.get("tiers") and (said.get("package") or 1) > 1:
            self.add_error("package", _("Sell either by tiers or in packages."))
        return said

    def clean_tiers(self) -> tuple[tuple[int, str], ...]:
        lines = [line for line in self.cleaned_data["tiers"].splitlines() if line.strip()]
        if len(lines) > TIERS_MAX:
            raise forms.ValidationError(
                _("Give at most %(limit)d tiers.") % {"limit": TIERS_MAX}, code="too_many"
            )
        return tuple(self._tier(line) for line in lines)

    def wish(self) -> OfferWish:
        said = self.cleaned_data
        return OfferWish(
            name=said["name"],
            kind=OfferKind.METERED,
            price=Money(0, said["currency"]),
            period=said["period"],
            history=History(said["history"]),
            future=Future(said["future"]),
            rates=UseRates(
                meter=said["own_meter"] if said["meter"] == OTHER else said["meter"],
                unit_price=f"{said['unit_price']:f}",
                free_units=said["free_units"],
                sample_units=said["sample_units"] or 0,
                grace_periods=said["grace_periods"] or 0,
                tiers=said["tiers"],
                package=said["package"],
                base=_amount(said["base"]),
                maximum=_amount(said["maximum"]),
                minimum=_amount(said["minimum"]),
            ),
        )

    def _tier(self, line: str) -> tuple[int, str]:
        found = TIER.fullmatch(line)
        digits = found[1].replace(",", "") if found else ""
        if found is None or not digits:
            raise forms.ValidationError(
                _("“%(line)s” is no tier; write it as 10000: 0.05.") % {"line": line.strip()[:40]},
                code="tier",
            )
        return int(digits), found[2]


def _amount(value: Decimal | None) -> str:
    return f"{value:f}" if value else ""
