"""The form of an offer."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.catalog.actions.offers import OfferWish
from exchange.catalog.models.offers import ACCESS_DAYS_MAX, HISTORY_COUNT_MAX, NAME_CHARS_MAX
from exchange.catalog.models.revisions import NOTE_CHARS_MAX
from exchange.catalog.states import Future, History, OfferKind, Period
from pricing.money import CURRENCIES, Money
from pricing.refusals import PricingRefusal

NOTHING = ("", "—")
DECIMAL_PLACES = 2
PRICE_DIGITS_MAX = 15
# A price by use has a form of its own.
AT_ONE_PRICE = [(one.value, one.label) for one in OfferKind if one is not OfferKind.METERED]


class OfferForm(forms.Form):
    """One offer. Prices are net; the tax of the day comes on top."""

    name = forms.CharField(label=_("Name of the offer"), max_length=NAME_CHARS_MAX)
    kind = forms.ChoiceField(
        label=_("How it is paid"), choices=AT_ONE_PRICE, initial=OfferKind.ONE_OFF
    )
    price = forms.DecimalField(
        label=_("Price without tax"),
        min_value=Decimal(0),
        max_digits=PRICE_DIGITS_MAX,
        decimal_places=DECIMAL_PLACES,
        required=False,
        help_text=_("For one purchase, or for one period of a subscription."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in sorted(CURRENCIES)], initial="CNY"
    )
    period = forms.ChoiceField(
        label=_("Period of a subscription"),
        choices=[NOTHING, *Period.choices],
        required=False,
    )
    access_days = forms.IntegerField(
        label=_("Days of access"),
        min_value=1,
        max_value=ACCESS_DAYS_MAX,
        required=False,
        help_text=_("Empty: access does not end."),
    )
    history = forms.ChoiceField(
        label=_("Earlier revisions"), choices=History.choices, initial=History.ALL
    )
    history_count = forms.IntegerField(
        label=_("How many of the last"), min_value=1, max_value=HISTORY_COUNT_MAX, required=False
    )
    future = forms.ChoiceField(
        label=_("Later revisions"), choices=Future.choices, initial=Future.ALL
    )
    needs_approval = forms.BooleanField(
        label=_("I approve each buyer first"),
        required=False,
        help_text=_("Buyers ask; you accept or decline in time, then both sign a contract."),
    )
    valid_until = forms.DateField(
        label=_("Last day of the offer"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until you withdraw it."),
    )

    def clean(self) -> dict[str, Any]:
        """Adds `net`: the price in its currency, which may have fewer decimals than the field takes."""
        said = super().clean() or self.cleaned_data
        if "currency" in said and "price" in said:
            try:
                said["net"] = Money.parse(f"{said['price'] or 0:f}", said["currency"])
            except PricingRefusal as refusal:
                self.add_error("price", refusal.message)
        return said

    def wish(self, *, supersedes: str = "") -> OfferWish:
        said = self.cleaned_data
        last = said["valid_until"]
        return OfferWish(
            name=said["name"],
            kind=OfferKind(said["kind"]),
            price=said["net"],
            period=said["period"],
            access_days=said["access_days"],
            history=History(said["history"]),
            history_count=said["history_count"],
            future=Future(said["future"]),
            valid_until=None if last is None else _end_of(last),
            supersedes=supersedes,
            needs_approval=said["needs_approval"],
        )


class NoteForm(forms.Form):
    """What is new in a revision."""

    note = forms.CharField(
        label=_("What is new"),
        max_length=NOTE_CHARS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _end_of(day: date) -> datetime:
    """The first moment after the last day of an offer."""
    return timezone.make_aware(datetime.combine(day, time.max)).replace(microsecond=0)
