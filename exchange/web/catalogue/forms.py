"""Forms of the catalogue's prices and of requests for data."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.catalog.models.interest import NAME_CHARS_MAX, TEXT_CHARS_MAX
from exchange.catalog.search.requests import PriceRange
from exchange.core import clock, currencies
from exchange.core.fields import AmountField, DayField, MoneyForm, text_field
from exchange.orders.models.orders import STARS_MAX
from pricing.money import Money


class PriceForm(MoneyForm):
    """What a listing may cost, as an address says it."""

    price_from = AmountField(label=_("Lowest price"), required=False, least_minor=0)
    price_to = AmountField(label=_("Highest price"), required=False, least_minor=0)
    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        choices = currencies.choices()
        only = currencies.home() if len(choices) == 1 else ""
        super().__init__(*args, currency=only, **options)
        if only:
            del self.fields["currency"]
        else:
            self.fields["currency"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean_currency(self) -> str:
        """The exchange's own where none is named."""
        return self.cleaned_data["currency"] or currencies.home()

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        price = _range(said.get("price_from"), said.get("price_to"))
        if price is not None and price.is_empty:
            self.add_error(
                "price_to",
                forms.ValidationError(
                    _("The highest price is below the lowest one."), code="range_is_empty"
                ),
            )
        return said

    @property
    def range(self) -> PriceRange | None:
        """What was said; None where nothing was, or where it cannot be read."""
        if not self.is_valid():
            return None
        return _range(self.cleaned_data["price_from"], self.cleaned_data["price_to"])


def _range(lowest: Money | None, highest: Money | None) -> PriceRange | None:
    named = lowest if lowest is not None else highest
    if named is None:
        return None
    return PriceRange(
        currency=named.currency,
        lowest_minor=None if lowest is None else lowest.minor,
        highest_minor=None if highest is None else highest.minor,
    )


class DemandForm(MoneyForm):
    """What data is needed."""

    title = forms.CharField(
        label=_("Title"),
        max_length=NAME_CHARS_MAX,
        help_text=_("What you look for, in a few words."),
    )
    description = text_field(
        _("What you need, and for what"),
        chars_max=TEXT_CHARS_MAX,
        rows=6,
        help_text=_("Fields, region, period, how often it must be updated, how you will use it."),
    )
    budget = AmountField(
        label=_("Budget"),
        required=False,
        help_text=_("Everybody can see it."),
    )
    needed_by = DayField(label=_("Needed by"), required=False)

    def clean_needed_by(self) -> date | None:
        """A day that is still to come, or today."""
        day: date | None = self.cleaned_data["needed_by"]
        if day is not None and day < timezone.localtime(clock.now()).date():
            raise forms.ValidationError(_("This day is over."), code="past")
        return day


class AnswerForm(forms.Form):
    """Which product answers a request."""

    product = forms.ChoiceField(label=_("Your product"))
    note = text_field(_("Note"), chars_max=TEXT_CHARS_MAX, required=False)

    def __init__(self, *args: object, products: list[tuple[str, str]], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # Django's own arguments
        self.fields["product"].choices = products  # type: ignore[attr-defined]  # a ChoiceField


class ReviewForm(forms.Form):
    """Stars and a few sentences."""

    order = forms.CharField(max_length=40, widget=forms.HiddenInput)
    stars = forms.TypedChoiceField(
        label=_("Stars"),
        choices=[(number, "★" * number) for number in range(STARS_MAX, 0, -1)],
        coerce=int,
    )
    text = text_field(
        _("Your review"),
        chars_max=TEXT_CHARS_MAX,
        rows=4,
        help_text=_("Everybody can read it, with the name of your organisation."),
    )


class ReplyForm(forms.Form):
    """The seller's reply."""

    text = text_field(_("Reply"), chars_max=TEXT_CHARS_MAX)
