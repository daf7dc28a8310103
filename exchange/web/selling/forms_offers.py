"""Forms of offers: fixed prices, metered prices, and the price simulator."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.catalog.lifecycle import Future, History, OfferKind, Period
from exchange.catalog.models.offers import ACCESS_DAYS_MAX, HISTORY_COUNT_MAX, NAME_CHARS_MAX
from exchange.catalog.models.revisions import NOTE_CHARS_MAX
from exchange.catalog.offers import OfferRequest
from exchange.catalog.plans import UseRates
from exchange.core import currencies
from exchange.core.chosen import ChoosingForm, only_for
from exchange.core.fields import (
    AmountField,
    CountField,
    DayField,
    MomentField,
    MoneyForm,
    NumberField,
    as_field_error,
    text_field,
)
from exchange.core.inputs import plain, read_amount, read_number
from pricing.charges.plans import GRACE_PERIODS_MAX
from pricing.money import Money
from pricing.refusals import PricingRefusal
from pricing.worth.bundles import BUYERS_MAX

NOTHING = ("", "—")
OTHER = "other"
METER_CHARS_MAX = 60
TIERS_MAX = 20
TIERS_CHARS_MAX = 2_000
UNITS_MAX = 10**12
PRICE_PLACES, PRICE_MAX = 8, Decimal(10**10)
TIER = re.compile(r"([0-9,]{1,26})\s*[:=]\s*([0-9.,]{1,26})")
LINES_MAX = 200
TEXT_CHARS_MAX = 8_000
LINE = re.compile(r"([0-9.,]{1,40})\s*(?:[x×*]\s*([0-9]{1,5}))?")
TYPED, COMPARABLES = "typed", "comparables"
PAID = (OfferKind.ONE_OFF, OfferKind.SUBSCRIPTION)
# A price by use has a form of its own.
AT_ONE_PRICE = [(one.value, one.label) for one in OfferKind if one is not OfferKind.METERED]


class OfferForm(ChoosingForm, MoneyForm):
    """One offer. Prices are net; the tax of the day comes on top."""

    stands_when = {
        "price": only_for("kind", *PAID),
        "currency": only_for("kind", *PAID),
        "period": only_for("kind", OfferKind.SUBSCRIPTION),
        "access_days": only_for("kind", OfferKind.FREE, OfferKind.ONE_OFF),
        "history_count": only_for("history", History.LAST),
        "needs_approval": only_for("kind", *PAID),
    }

    name = forms.CharField(label=_("Name of the offer"), max_length=NAME_CHARS_MAX)
    kind = forms.ChoiceField(
        label=_("How it is paid"), choices=AT_ONE_PRICE, initial=OfferKind.ONE_OFF
    )
    price = AmountField(
        label=_("Price without tax"),
        least_minor=0,
        help_text=_("For one purchase, or for one period of a subscription."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=currencies.choices, initial=currencies.home
    )
    period = forms.ChoiceField(
        label=_("Period of a subscription"),
        choices=[NOTHING, *Period.choices],
    )
    access_days = CountField(
        label=_("Days of access"),
        least=1,
        most=ACCESS_DAYS_MAX,
        required=False,
        help_text=_("Empty: access does not end."),
    )
    history = forms.ChoiceField(
        label=_("Earlier revisions"), choices=History.choices, initial=History.ALL
    )
    history_count = CountField(label=_("How many of the last"), least=1, most=HISTORY_COUNT_MAX)
    future = forms.ChoiceField(
        label=_("Later revisions"), choices=Future.choices, initial=Future.ALL
    )
    needs_approval = forms.BooleanField(
        label=_("I approve each buyer first"),
        required=False,
        help_text=_("Buyers ask; you accept or decline in time, then both sign a contract."),
    )
    valid_from = MomentField(
        label=_("Begins"),
        required=False,
        help_text=_(
            "Empty: at once, or as soon as the exchange has accepted it. An offer that takes another's place"
            " leaves that one open until then."
        ),
    )
    valid_until = DayField(
        label=_("Last day of the offer"),
        required=False,
        help_text=_("Empty: until you withdraw it."),
    )

    def command(self, *, supersedes: str = "") -> OfferRequest:
        said = self.cleaned_data
        last = said["valid_until"]
        return OfferRequest(
            name=said["name"],
            kind=OfferKind(said["kind"]),
            price=said["price"] or Money(0, said["currency"] or currencies.home()),
            period=said["period"],
            access_days=said["access_days"],
            history=History(said["history"]),
            history_count=said["history_count"],
            future=Future(said["future"]),
            valid_from=said["valid_from"],
            valid_until=None if last is None else _end_of(last),
            supersedes=supersedes,
            needs_approval=said["needs_approval"],
        )


class NoteForm(forms.Form):
    """What is new in a revision."""

    note = text_field(_("What is new"), chars_max=NOTE_CHARS_MAX, rows=2, required=False)


def _end_of(day: date) -> datetime:
    """The first moment after the last day of an offer."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class UseOfferForm(ChoosingForm, MoneyForm):
    """One offer by use of one meter. Prices are net; the tax of the day comes on top."""

    stands_when = {"own_meter": only_for("meter", OTHER)}

    name = forms.CharField(label=_("Name of the offer"), max_length=NAME_CHARS_MAX)
    meter = forms.ChoiceField(
        label=_("What is counted"),
        choices=[
            ("rows", _("Rows delivered")),
            ("calls", _("Requests")),
            ("bytes", _("Bytes delivered")),
            (OTHER, _("Something that your own programs report")),
        ],
        help_text=_("Rows, requests and bytes of our own deliveries count themselves."),
    )
    own_meter = forms.RegexField(
        label=_("Name of your own meter"),
        regex=r"^[a-z][a-z0-9_.-]*$",
        max_length=METER_CHARS_MAX,
        help_text=_("Small letters, as results or scored_assets."),
        error_messages={
            "invalid": _("Begin with a small letter; then a-z, 0-9, _ . -"),
            "required": _("Name the meter that your programs report."),
        },
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currencies.choices,
        initial=currencies.home,
    )
    unit_price = NumberField(
        label=_("Price of one, without tax"), places=PRICE_PLACES, most=PRICE_MAX
    )
    package = CountField(
        label=_("Sold in packages of"),
        least=1,
        most=UNITS_MAX,
        initial=1,
        help_text=_("With more than one, the price is that of a package begun."),
    )
    free_units = CountField(label=_("Free in each period"), least=0, most=UNITS_MAX, initial=0)
    sample_units = CountField(
        label=_("Free once, as a sample"),
        required=False,
        least=0,
        most=UNITS_MAX,
        help_text=_("For who subscribes to the product for the first time."),
    )
    grace_periods = CountField(
        label=_("Periods that cost nothing at first"),
        required=False,
        least=0,
        most=GRACE_PERIODS_MAX,
        help_text=_("For who subscribes to the product for the first time."),
    )
    tiers = forms.CharField(
        label=_("Tiers below that price"),
        required=False,
        max_length=TIERS_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_(
            "One line for each, as 10000: 0.05 for 0.05 each up to 10,000. What lies beyond costs"
            " the price above."
        ),
    )
    base = AmountField(label=_("Fee for each period"), required=False, least_minor=0)
    minimum = AmountField(label=_("A period costs at least"), required=False, least_minor=0)
    maximum = AmountField(label=_("A period costs at most"), required=False, least_minor=0)
    period = forms.ChoiceField(label=_("Billed each"), choices=Period.choices, initial=Period.MONTH)
    history = forms.ChoiceField(
        label=_("Earlier revisions"),
        choices=[(one.value, one.label) for one in History if one is not History.LAST],
        initial=History.ALL,
    )
    future = forms.ChoiceField(
        label=_("Later revisions"), choices=Future.choices, initial=Future.ALL
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("tiers") and (said.get("package") or 1) > 1:
            self.add_error("package", gettext("Sell either by tiers or in packages."))
        return said

    def clean_tiers(self) -> tuple[tuple[int, str], ...]:
        lines = [line for line in self.cleaned_data["tiers"].splitlines() if line.strip()]
        if len(lines) > TIERS_MAX:
            raise forms.ValidationError(
                gettext("Give at most %(limit)d tiers.") % {"limit": TIERS_MAX}, code="too_many"
            )
        return tuple(self._tier(line) for line in lines)

    def command(self) -> OfferRequest:
        said = self.cleaned_data
        return OfferRequest(
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
        found = TIER.fullmatch(plain(line))
        if found is None:
            raise forms.ValidationError(
                gettext("“%(line)s” is no tier; write it as 10000: 0.05.")
                % {"line": line.strip()[:40]},
                code="tier",
            )
        with as_field_error():
            upper = read_number(found[1], places=0)
            price = read_number(found[2], places=PRICE_PLACES, most=PRICE_MAX)
        return int(upper), f"{price:f}"


def _amount(value: Money | None) -> str:
    return f"{value.decimal:f}" if value else ""


class SimulatorForm(forms.Form):
    """Where the demand comes from. `willing` holds (most given in minor units, buyers)."""

    source = forms.ChoiceField(
        label=_("What buyers would give"),
        widget=forms.RadioSelect,
        initial=TYPED,
        choices=[
            (TYPED, _("As I suppose it")),
            (
                COMPARABLES,
                _("As comparable products cost: one buyer at each of their prices"),
            ),
        ],
    )
    willing = forms.CharField(
        label=_("The most that buyers would give, without tax"),
        required=False,
        max_length=TEXT_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("One line for each kind of buyer: amount × how many, as 5000 x 12."),
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
                self.add_error("source", gettext("No comparable product has a price yet."))
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
                gettext("Give 1 to %(limit)d lines.") % {"limit": LINES_MAX}, code="lines"
            )
        found = [self._line(line) for line in lines]
        if sum(buyers for _value, buyers in found) > BUYERS_MAX:
            raise forms.ValidationError(
                gettext("Give at most %(limit)d buyers in all.") % {"limit": BUYERS_MAX},
                code="buyers",
            )
        return found

    def _line(self, line: str) -> tuple[int, int]:
        read = LINE.fullmatch(plain(line))
        buyers = int(read[2] or 1) if read else 0
        if read is None or buyers < 1:
            raise forms.ValidationError(
                gettext("“%(line)s” is not an amount and a number of buyers, as 5000 x 12.")
                % {"line": line.strip()[:40]},
                code="line",
            )
        with as_field_error():
            return read_amount(read[1], self.currency).minor, buyers
