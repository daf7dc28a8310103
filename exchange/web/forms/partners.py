"""The form of a partner's discount."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.orders.lifecycle import PriceGround
from exchange.orders.models.conditions import NAME_CHARS_MAX, PERCENT_MAX, WORDS_CHARS_MAX

ID_CHARS_MAX = 40


class PartnerForm(forms.Form):
    """Who buys for less, by how much, and why."""

    partner = forms.CharField(
        label=_("Organisation"),
        max_length=ID_CHARS_MAX,
        help_text=_("Its public id, as org_…; it stands on its profile page."),
    )
    name = forms.CharField(label=_("Name of the tier"), max_length=NAME_CHARS_MAX)
    percent = forms.DecimalField(
        label=_("Discount in percent"),
        min_value=Decimal("0.01"),
        max_value=PERCENT_MAX,
        max_digits=4,
        decimal_places=2,
    )
    ground = forms.ChoiceField(label=_("Ground"), choices=PriceGround.choices)
    words = forms.CharField(
        label=_("Why, in words"),
        max_length=WORDS_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept with every order of the partner, for whoever oversees prices."),
    )
