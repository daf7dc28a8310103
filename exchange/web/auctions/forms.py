"""Forms that schedule an auction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.auctions.lifecycle import SINGLE, Kind
from exchange.auctions.models import TITLE_CHARS_MAX
from exchange.auctions.requests import QUANTITY_MAX, Access, AuctionRequest, ItemRequest
from exchange.catalog.lifecycle import Future, History
from exchange.catalog.models.offers import ACCESS_DAYS_MAX, HISTORY_COUNT_MAX
from exchange.core import currencies
from exchange.core.fields import AmountField, CountField, MomentField, MoneyForm

MINUTES_MAX = 24 * 60
AMOUNTS = ("opening", "reserve", "increment", "step", "deposit")
ONLY: Mapping[str, frozenset[Kind]] = {
    "opening": frozenset({Kind.ENGLISH, Kind.DUTCH}),
    "increment": frozenset({Kind.ENGLISH}),
    "soft_minutes": frozenset({Kind.ENGLISH}),
    "step": frozenset({Kind.DUTCH}),
    "every_seconds": frozenset({Kind.DUTCH}),
    "items": frozenset({Kind.PACKAGES}),
    "quantity": frozenset(Kind) - SINGLE - {Kind.PACKAGES},
    "reserve": frozenset(Kind) - {Kind.PACKAGES},
    "reserve_shown": frozenset(Kind) - {Kind.PACKAGES, Kind.DUTCH},
    "exclusive": (SINGLE | {Kind.LICENCES, Kind.DUTCH}) - {Kind.PROCUREMENT},
}


class ScheduleForm(MoneyForm):
    """An auction of one kind. `command` is what is asked for, once it is valid."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_CHARS_MAX)
    items = forms.MultipleChoiceField(
        label=_("Products that bundles are made of"),
        widget=forms.CheckboxSelectMultiple,
    )
    opens_at = MomentField(label=_("Opens"))
    closes_at = MomentField(label=_("Closes"))
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currencies.choices,
        initial=currencies.home,
    )
    opening = AmountField(label=_("Opening price, without tax"))
    increment = AmountField(
        label=_("Increment"),
        help_text=_("A new price is at least that much above the last one."),
    )
    step = AmountField(label=_("Falls by"))
    every_seconds = CountField(label=_("Every so many seconds"), least=1, most=86_400, initial=60)
    reserve = AmountField(
        label=_("Reserve"),
        least_minor=0,
        required=False,
        help_text=_("Below it nothing is sold. Empty: there is none."),
    )
    reserve_shown = forms.BooleanField(
        label=_("Bidders see the reserve"), required=False, initial=True
    )
    quantity = CountField(label=_("How many licences"), least=1, most=QUANTITY_MAX, initial=1)
    deposit = AmountField(
        label=_("Deposit of each bidder"),
        least_minor=0,
        required=False,
        help_text=_(
            "Held in the bidder's wallet; given back to who does not win, part of the price for who"
            " does."
        ),
    )
    soft_minutes = CountField(
        label=_("Soft close, minutes"),
        least=0,
        most=MINUTES_MAX,
        required=False,
        initial=5,
        help_text=_(
            "A bid in the last minutes moves the end by as many, so that nobody wins by being late."
        ),
    )
    exclusive = forms.BooleanField(label=_("The licence is exclusive"), required=False)
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
    history_count = CountField(
        label=_("How many of the last"),
        least=1,
        most=HISTORY_COUNT_MAX,
        required=False,
    )
    future = forms.ChoiceField(
        label=_("Later revisions"), choices=Future.choices, initial=Future.NONE
    )

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        product_id: str = "",
        products: Sequence[tuple[str, str]] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        self.product_id = product_id
        for name, kinds in ONLY.items():
            if kind not in kinds:
                del self.fields[name]
        if kind is Kind.PACKAGES:
            self.fields["items"].choices = list(products)  # type: ignore[attr-defined]  # a choice field
        if kind is Kind.DUTCH:
            self.fields["opening"].label = gettext("Starts at, without tax")
            self.fields["reserve"].label = gettext("Falls no lower than")
            self.fields["reserve"].required = True
            self.fields["reserve"].help_text = ""
        if kind is Kind.PROCUREMENT:
            self.fields["reserve"].label = gettext("The most that you pay, without tax")
            self.fields["reserve"].required = True
            self.fields["reserve"].help_text = ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        said["minor"] = {name: self._minor(name) for name in AMOUNTS if name in self.fields}
        if said.get("history") == History.LAST and not said.get("history_count"):
            self.add_error("history_count", gettext("Say how many."))
        return said

    def command(self) -> AuctionRequest:
        said, minor = self.cleaned_data, self.cleaned_data["minor"]
        soft = (said.get("soft_minutes") or 0) * 60
        return AuctionRequest(
            kind=self.kind,
            currency=said["currency"],
            opens_at=said["opens_at"],
            closes_at=said["closes_at"],
            product_id=self.product_id,
            title=said["title"],
            items=[ItemRequest(product_id=one) for one in said.get("items", ())],
            access=Access(
                access_days=said["access_days"],
                history=History(said["history"]),
                history_count=said["history_count"] if said["history"] == History.LAST else None,
                future=Future(said["future"]),
            ),
            exclusive=bool(said.get("exclusive")),
            opening_minor=minor.get("opening", 0),
            reserve_minor=minor.get("reserve", 0),
            reserve_shown=bool(said.get("reserve_shown", True)),
            increments=[(0, minor["increment"])] if minor.get("increment") else (),
            quantity=said.get("quantity") or 1,
            options=self._options(minor),
            deposit_minor=minor.get("deposit", 0),
            soft_window_seconds=soft,
            soft_extension_seconds=soft,
        )

    def _options(self, minor: Mapping[str, int]) -> dict[str, Any]:
        if self.kind is not Kind.DUTCH:
            return {}
        return {"step_minor": minor["step"], "every_seconds": self.cleaned_data["every_seconds"]}

    def _minor(self, name: str) -> int:
        amount = self.cleaned_data.get(name)
        return 0 if amount is None else amount.minor


def begin_with(*, title: str, now: datetime) -> dict[str, Any]:
    """Sensible times: from the next full hour for three days."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    opens = hour + timedelta(hours=1)
    return {"title": title, "opens_at": opens, "closes_at": opens + timedelta(days=3)}
