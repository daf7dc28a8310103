"""Forms of requests for data."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.catalog.models.interest import NAME_CHARS_MAX, TEXT_CHARS_MAX
from exchange.core import clock
from exchange.core.fields import AmountField, DayField, MoneyForm, text_field
from exchange.orders.models.orders import STARS_MAX


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
        help_text=_("Optional. Everybody can see it."),
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
