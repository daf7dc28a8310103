"""Forms of negotiation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.catalog.choices import NEVER_ALLOWED, RIGHTS
from exchange.catalog.lifecycle import DealNature, Period
from exchange.catalog.models.offers import ACCESS_DAYS_MAX
from exchange.contracts.templates import FUSION, PROVISION, template, template_codes
from exchange.core.chosen import ANYTHING, ChoosingForm, only_for
from exchange.core.fields import AmountField, CountField, MoneyForm, text_field
from exchange.core.titles import in_own_language
from exchange.members.naming import OrganisationField
from exchange.negotiation.models import WORDS_CHARS_MAX
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import (
    CALLS_DAYS_MAX,
    CALLS_MAX,
    PURPOSE_CHARS_MAX,
    TERRITORY_CHARS_MAX,
    USES_MAX,
    Terms,
)

ONCE = ""


class ProposalForm(ChoosingForm, MoneyForm):
    """What one side proposes. `spoken` is what is said, once it is valid."""

    stands_when = {
        "access_days": only_for("period", ONCE),
        "calls_max": only_for("period", ONCE),
        "calls_days": only_for("calls_max", ANYTHING),
        "seller_share_percent": only_for("template", FUSION),
    }

    price_minor = AmountField(label=_("Price, without tax"), least_minor=0)
    period = forms.ChoiceField(label=pgettext_lazy("how often", "Paid"), required=False)
    access_days = CountField(
        label=_("Days of access"), required=False, least=1, most=ACCESS_DAYS_MAX,
        help_text=_("Empty: without end."),
    )  # fmt: skip
    allowed = forms.MultipleChoiceField(
        label=_("The buyer may"),
        choices=[(code, label) for code, label in RIGHTS.items() if code not in NEVER_ALLOWED],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "What is not ticked the buyer may not do. With nothing ticked the product's licence holds."
        ),
    )
    purpose = forms.CharField(label=_("Purpose"), required=False, max_length=PURPOSE_CHARS_MAX)
    territory = forms.CharField(
        label=_("Territory"), required=False, max_length=TERRITORY_CHARS_MAX
    )
    environment = forms.ChoiceField(
        label=_("Where it is used"),
        required=False,
        choices=[("", _("Anywhere")), ("own", _("In the buyer's own systems")),
                 ("sandbox", _("In the sandbox"))],
    )  # fmt: skip
    uses_max = CountField(
        label=_("Most uses"), required=False, least=1, most=USES_MAX,
        help_text=_("Empty: no limit."),
    )  # fmt: skip
    calls_max = CountField(
        label=_("Framework: orders in all"), required=False, least=2, most=CALLS_MAX,
        help_text=_("Empty: one order. With a number, the buyer calls off as often on these terms."),
    )  # fmt: skip
    calls_days = CountField(
        label=_("Framework: days from the last signature"), least=1, most=CALLS_DAYS_MAX
    )  # fmt: skip
    template = forms.ChoiceField(label=_("Contract"))
    seller_share_percent = CountField(
        label=_("Seller's share of the results, in percent"), least=0, most=100
    )  # fmt: skip
    nature = forms.ChoiceField(label=_("Nature of the deal"), choices=DealNature.choices)
    words = text_field(_("Message"), chars_max=WORDS_CHARS_MAX, required=False)

    def __init__(
        self, *args: Any, currency: str = "CNY", may_ask: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, currency=currency, **options)
        price = self.fields["price_minor"]
        price.required = not may_ask
        if may_ask:
            price.help_text = str(_("Empty: the seller names one."))
        self.fields["period"].choices = [(ONCE, _("Once")), *Period.choices]  # type: ignore[attr-defined]
        self.fields["template"].choices = [  # type: ignore[attr-defined]
            (code, in_own_language(title["en"], title["zh"]))
            for code, title in ((code, template(code).title) for code in template_codes())
        ]
        self.fields["template"].initial = PROVISION
        self.fields["nature"].initial = DealNature.LICENCE.value

    def spoken(self) -> Spoken:
        said = dict(self.cleaned_data)
        words, price = said.pop("words"), said.pop("price_minor")
        minor = None if price is None else price.minor
        said["allowed"] = tuple(sorted(said["allowed"]))
        return Spoken(Terms(currency=self.currency_code, price_minor=minor, **said), words)


def beginning_with(terms: Terms) -> dict[str, Any]:
    """A form's first values: what was said last."""
    price = terms.price
    return {
        **{
            name: getattr(terms, name)
            for name in (
                "period", "access_days", "allowed", "purpose", "territory", "environment", "uses_max",
                "template", "seller_share_percent", "nature", "calls_max", "calls_days",
            )
        },
        "price_minor": "" if price is None else f"{price.decimal:f}",
    }  # fmt: skip


class PrivateOfferForm(ProposalForm):
    """An offer to one organisation."""

    buyer = OrganisationField(label=_("Organisation"))
    field_order = ("buyer",)
