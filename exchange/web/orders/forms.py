"""Forms of buying: checkout, what a buyer does about a delivery, messages, the buying limit."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.core import currencies
from exchange.core.fields import AmountField, MoneyForm, NumberField, text_field
from exchange.members.naming import OrganisationField
from exchange.orders.lifecycle import PaymentMethod, PriceGround
from exchange.orders.models.conditions import NAME_CHARS_MAX, PERCENT_MAX, WORDS_CHARS_MAX
from exchange.orders.models.orders import NUMBER_CHARS_MAX, TEXT_CHARS_MAX

TOKEN_CHARS_MAX = 64
SEEN_CHARS_MAX = 500_000
SEAL_CHARS_MAX = 2000
REFUND_REASON_CHARS_MAX = 500


def save_card_field() -> forms.BooleanField:
    """Whether a card is kept, which is never so unless it is ticked."""
    return forms.BooleanField(
        label=_("Save the card that I pay with for the next payments"),
        help_text=_(
            "You agree that renewals of subscriptions are charged to it while you are away, until you remove it from the wallet or end the subscription."
        ),
        required=False,
    )


class SaveCardForm(forms.Form):
    """Whether the card of a payment is kept. `is_offered` tells the choice against it from no choice."""

    save_card = save_card_field()
    is_offered = forms.BooleanField(widget=forms.HiddenInput, required=False, initial=True)


class CheckoutForm(forms.Form):
    """How the buyer pays, and the terms that they saw: their hash decides, the text explains."""

    method = forms.ChoiceField(label=_("How you pay"), widget=forms.RadioSelect)
    save_card = save_card_field()
    po_number = forms.CharField(
        label=_("PO number"),
        help_text=_("It is printed on the invoice."),
        required=False,
        max_length=NUMBER_CHARS_MAX,
    )
    auto_renew = forms.BooleanField(
        label=_("Renew by itself at the end of each period; you can switch this off at any time"),
        required=False,
        initial=True,
    )
    again = forms.BooleanField(label=_("Order it once more"), required=False)
    agree = forms.BooleanField(label=_("My organisation agrees to the terms on this page"))
    terms_hash = forms.CharField(widget=forms.HiddenInput, max_length=80)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=SEEN_CHARS_MAX)
    token = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)

    def __init__(
        self,
        *args: Any,
        ways: Sequence[PaymentMethod],
        is_subscription: bool,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        method = self.fields["method"]
        if PaymentMethod.NONE in ways:
            del self.fields["method"]
        elif isinstance(method, forms.ChoiceField):
            method.choices = [(one.value, one.label) for one in ways]
            method.initial = ways[0].value
        if not is_subscription:
            del self.fields["auto_renew"]
        if PaymentMethod.CARD not in ways:
            del self.fields["save_card"]


class RefundForm(MoneyForm):
    """How much goes back to the buyer, and why. `seen` is the seal of what was shown for it."""

    amount = AmountField(label=_("Goes back to the buyer"), help_text=_("With tax."))
    reason = text_field(
        _("Reason"), chars_max=REFUND_REASON_CHARS_MAX, help_text=_("The buyer reads this."), rows=2
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=SEAL_CHARS_MAX)


class MessageForm(forms.Form):
    text = text_field(
        _("Write a message"),
        chars_max=TEXT_CHARS_MAX,
        help_text=_("Buyer, seller and the exchange read it."),
    )


class LimitForm(MoneyForm):
    """The limit in one currency. Only the box lifts it; a form without an amount changes nothing."""

    currency = forms.ChoiceField(
        label=_("Currency"), choices=currencies.choices, initial=currencies.home
    )
    amount = AmountField(
        label=_("One person may buy alone up to"),
        help_text=_("With tax, per order. A higher limit than now has to be approved by another."),
        required=False,
        least_minor=0,
    )
    lift = forms.BooleanField(
        label=_("No limit in this currency"),
        help_text=_("Another owner, administrator or finance has to approve it."),
        required=False,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("For who approves a higher limit, or none."),
        required=False,
        max_length=500,
    )

    def clean(self) -> dict[str, Any]:
        """Adds `limit`, a Money, or None where the limit shall be lifted."""
        said = super().clean() or self.cleaned_data
        said["limit"] = said.get("amount")
        lifts, names = bool(said.get("lift")), said["limit"] is not None
        if not self.errors and lifts == names:
            self.add_error("amount", _("Give an amount, or say that there shall be no limit."))
        return said


class DiscountTierForm(forms.Form):
    """Who buys for less, by how much, and why."""

    buyer = OrganisationField(label=_("Organisation"))
    name = forms.CharField(label=_("Name of the tier"), max_length=NAME_CHARS_MAX)
    percent = NumberField(
        label=_("Discount in percent"), places=2, least=Decimal("0.01"), most=PERCENT_MAX
    )
    ground = forms.ChoiceField(label=_("Ground"), choices=PriceGround.choices)
    words = text_field(
        _("Why, in words"),
        chars_max=WORDS_CHARS_MAX,
        help_text=_("It is kept with every order of the buyer, for price supervision."),
    )
