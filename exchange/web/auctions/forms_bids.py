"""Bids as each kind of auction takes them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.auctions.lifecycle import LIVE, MANY_ROWS, Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import QUANTITY_MAX, BidRequest
from exchange.core.fields import AmountField, CountField, MoneyForm
from exchange.core.formatting import count_shown, money_in_words
from exchange.core.inputs import AMOUNT_MINOR_MAX
from pricing.money import Money

ROWS_SHOWN = 3
LICENCES_SHOWN_MAX = 6
TOKEN_CHARS_MAX = 128
Choices = Sequence[tuple[str, str]]


class BidForm(MoneyForm):
    """A bid in one auction. `command` is what is sent, `lines` the same in words, once it is valid."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)

    def __init__(self, *args: Any, auction: Auction, **options: Any) -> None:
        super().__init__(*args, currency=auction.currency, **options)
        self.auction = auction

    def command(self) -> BidRequest:
        raise NotImplementedError

    def lines(self) -> list[str]:
        raise NotImplementedError


class MaximumForm(BidForm):
    """The highest bid of an English auction."""

    amount = AmountField(
        label=_("Your maximum, without tax"),
        help_text=_(
            "The exchange bids for you, only as much as needed, and never tells anybody your maximum."
        ),
    )

    def __init__(self, *args: Any, least: Money | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.least = least

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        amount = cleaned.get("amount")
        if self.least and isinstance(amount, Money) and amount.minor < self.least.minor:
            sentence = gettext("Bid at least %(least)s.") % {"least": money_in_words(self.least)}
            self.add_error("amount", sentence)
        return cleaned

    def command(self) -> BidRequest:
        return BidRequest(
            currency=self.currency_code, amount_minor=self.cleaned_data["amount"].minor
        )

    def lines(self) -> list[str]:
        return [
            gettext("You bid up to %(amount)s, without tax.")
            % {"amount": money_in_words(self.cleaned_data["amount"])},
            gettext(
                "You pay at most that, and only as much as it takes to stay ahead of the others."
            ),
        ]


class AcceptForm(BidForm):
    """Accepting the price that falls. `price_minor` is what the reader saw; the clock only falls, so
    nobody pays more than that."""

    quantity = CountField(label=_("How many licences"), least=1, most=QUANTITY_MAX, initial=1)
    price_minor = CountField(widget=forms.HiddenInput, least=1, most=AMOUNT_MINOR_MAX)

    def command(self) -> BidRequest:
        said = self.cleaned_data
        return BidRequest(
            currency=self.currency_code, amount_minor=said["price_minor"], quantity=said["quantity"]
        )

    def lines(self) -> list[str]:
        said = self.cleaned_data
        return [
            gettext(
                "You take %(count)s at %(price)s each, without tax, or less if the price falls on."
            )
            % {
                "count": count_shown(said["quantity"]),
                "price": money_in_words(Money(said["price_minor"], self.currency_code)),
            }
        ]


class EnvelopeForm(BidForm):
    """The rows of a sealed bid: the fields that the mechanism asks for."""

    nonce = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)

    def __init__(
        self, *args: Any, auction: Auction, products: Choices = (), **options: Any
    ) -> None:
        super().__init__(*args, auction=auction, **options)
        self.kind = Kind(auction.kind)
        self.many = ROWS_SHOWN if self.kind in MANY_ROWS else 1
        self.offered: list[tuple[str, str, int]] = []
        if self.kind is Kind.LICENCES:
            self._add_values()
        elif self.kind is Kind.PACKAGES:
            self._add_bundles()
        else:
            self._add_rows(products)

    def _add_values(self) -> None:
        for number in range(1, min(self.auction.quantity, LICENCES_SHOWN_MAX) + 1):
            label = (
                gettext("Worth to you as the only licence")
                if number == 1
                else gettext("Worth to you as one of %(number)d licences") % {"number": number}
            )
            self.add_amount(f"value_{number}", label, required=number == 1)

    def _add_bundles(self) -> None:
        items = self.auction.items.select_related("product")
        self.offered = [(one.product.public_id, one.product.title, one.count) for one in items]
        for row in range(self.many):
            names = {"number": row + 1}
            self.add_amount(
                f"price_{row}",
                gettext("Bundle %(number)d: what you give") % names,
                required=row == 0,
            )
            for place, (_id, title, most) in enumerate(self.offered):
                self.fields[f"item_{row}_{place}"] = CountField(
                    label=gettext("Bundle %(number)d: licences of %(title)s") % {**names, "title": title},
                    least=0, most=most, initial=0, required=False,
                )  # fmt: skip

    def _add_rows(self, products: Choices) -> None:
        buys = self.kind is Kind.BUDGET_UNIFORM_PRICE
        for row in range(self.many):
            first = row == 0
            label = (
                gettext("The most you spend in all") if buys else gettext("Your bid, without tax")
            )
            if self.kind is Kind.PROCUREMENT:
                label = gettext("Your price, without tax")
            if self.many > 1:
                label = gettext("%(label)s (row %(number)d)") % {"label": label, "number": row + 1}
            self.add_amount(f"price_{row}", label, required=first)
            if self.many > 1:
                self.fields[f"quantity_{row}"] = CountField(
                    label=gettext("How many at that price (row %(number)d)") % {"number": row + 1},
                    least=1, most=QUANTITY_MAX, required=first, initial=1 if first else None,
                )  # fmt: skip
        if self.kind is Kind.PROCUREMENT:
            self.fields["product"] = forms.ChoiceField(
                label=gettext("The product of yours that you offer"), choices=products
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        names = [name for name in self.fields if name.startswith(("price_", "value_"))]
        said["amounts"] = {name: said.get(name) for name in names}
        if self.kind is not Kind.LICENCES:
            said["rows"] = [row for at in range(self.many) if (row := self._row(at)) is not None]
        return said

    def _row(self, row: int) -> dict[str, Any] | None:
        said = self.cleaned_data
        amount = said["amounts"].get(f"price_{row}")
        if amount is None:
            return None
        if self.kind is Kind.PROCUREMENT:
            return {"price": amount.minor, "product": said.get("product", "")}
        if self.kind is Kind.PACKAGES:
            counts = {
                one: said.get(f"item_{row}_{place}") or 0
                for place, (one, _title, _most) in enumerate(self.offered)
            }
            items = {one: number for one, number in counts.items() if number}
            if not items:
                self.add_error(f"price_{row}", gettext("Say what is in the bundle."))
            return {"price": amount.minor, "items": items}
        quantity = said.get(f"quantity_{row}") or 1
        if self.kind is Kind.BUDGET_UNIFORM_PRICE:
            return {"spend": str(amount.minor), "quantity": str(quantity)}
        return {"price": amount.minor, "quantity": quantity}

    def rows(self) -> list[dict[str, Any]]:
        """The bid as the mechanism reads it."""
        if self.kind is not Kind.LICENCES:
            return list(self.cleaned_data["rows"])
        # Who says nothing of a shared licence gives nothing for one.
        amounts = self.cleaned_data["amounts"].values()
        values = [amount.minor if amount is not None else 0 for amount in amounts]
        return [{"values": values}]

    def command(self) -> BidRequest:
        return BidRequest(
            currency=self.currency_code, rows=self.rows(), nonce=self.cleaned_data["nonce"]
        )

    def lines(self) -> list[str]:
        return [
            gettext("%(label)s: %(amount)s")
            % {"label": self.fields[name].label, "amount": money_in_words(amount)}
            for name, amount in self.cleaned_data["amounts"].items()
            if amount is not None
        ]


def form_class(auction: Auction) -> type[BidForm]:
    if auction.kind not in LIVE:
        return EnvelopeForm
    return MaximumForm if auction.kind == Kind.ENGLISH else AcceptForm
