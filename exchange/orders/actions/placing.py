"""Placing an order: parties, terms and amounts are written here, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog.models import Offer
from exchange.core.refusals import Invalid
from exchange.orders.actions import windows
from exchange.orders.actions.limits import limit_of
from exchange.orders.actions.steps import take_step
from exchange.orders.errors import PaymentMethodRefused
from exchange.orders.models import Order, OrderStep
from exchange.orders.models.orders import NUMBER_CHARS_MAX
from exchange.orders.queries.terms import terms_hash
from exchange.orders.states import Move, PaymentMethod


class PurchaseNumberRefused(Invalid):
    """The buyer's own number is too long or has characters that no number has."""

    code = "purchase_number_refused"


@dataclass(frozen=True)
class Purchase:
    """What a buyer asks for: an offer on its terms, how it is paid, and the buyer's own number."""

    offer: Offer
    terms: Mapping[str, Any]
    method: PaymentMethod
    number: str = ""

    @property
    def total_minor(self) -> int:
        total: int = self.terms["price"]["total_minor"]
        return total


def place_order(
    *,
    purchase: Purchase,
    buyer: Organisation,
    actor: str,
    by_id: int,
    now: datetime,
    auto_renew: bool = False,
    agreed: bool = False,
    exclusive: bool = False,
) -> OrderStep:
    """Write the order and take its licence window. Above the organisation's limit it waits for a
    second person to confirm it, unless it was `agreed` elsewhere.

    Must be called in a transaction: the limit stays as it was read until the order is written.
    """
    product = purchase.offer.product
    price = purchase.terms["price"]
    limit = limit_of(organisation_id=buyer.pk, currency=price["currency"])
    needs_second = not agreed and limit is not None and purchase.total_minor > limit.minor
    order = Order(
        buyer=buyer,
        seller=product.seller,
        product=product,
        offer=purchase.offer,
        placed_by_id=by_id,
        needs_second=needs_second,
        title=product.title,
        title_zh=product.title_zh,
        terms=dict(purchase.terms),
        terms_hash=terms_hash(purchase.terms),
        currency=price["currency"],
        net_minor=price["net_minor"],
        tax_minor=price["tax_minor"],
        total_minor=price["total_minor"],
        payment_method=purchase.method,
        purchase_number=check_number(purchase.number),
        created_at=now,
    )
    facts = {"needs_second": needs_second, "auto_renew": auto_renew}
    if exclusive:
        facts["exclusive"] = True
    step = take_step(
        order=order,
        move=Move.PLACE,
        actor=actor,
        by_id=by_id,
        now=now,
        facts=facts,
        passes=not needs_second,
    )
    windows.take_window(order=order, exclusive=exclusive, now=now)
    return step


def place_renewal(*, of: Order, period: tuple[datetime, datetime], now: datetime) -> OrderStep:
    """Write the order for the next period, on the terms of the one that it renews."""
    order = Order(
        buyer=of.buyer,
        seller=of.seller,
        product_id=of.product_id,
        offer_id=of.offer_id,
        placed_by_id=of.placed_by_id,
        confirmed_by_id=of.confirmed_by_id,
        needs_second=of.needs_second,
        title=of.title,
        title_zh=of.title_zh,
        terms=of.terms,
        terms_hash=of.terms_hash,
        currency=of.currency,
        net_minor=of.net_minor,
        tax_minor=of.tax_minor,
        total_minor=of.total_minor,
        payment_method=of.payment_method,
        purchase_number=of.purchase_number,
        renews=of,
        period_from=period[0],
        period_until=period[1],
        created_at=now,
    )
    facts = {"renews": of.public_id}
    step = take_step(
        order=order, move=Move.PLACE, actor="system:clock", now=now, facts=facts, passes=True
    )
    windows.take_window(order=order, exclusive=windows.is_exclusive(of), now=now)
    return step


def check_method(method: PaymentMethod, *, accepted: Sequence[PaymentMethod]) -> PaymentMethod:
    """The way of paying, if it is one of those. Raises PaymentMethodRefused."""
    if method not in accepted:
        raise PaymentMethodRefused(
            _("This costs nothing.") if PaymentMethod.NONE in accepted else _("Choose how to pay."),
            accepted=[one.value for one in accepted],
        )
    return method


def check_number(number: str) -> str:
    """The buyer's own number, printed on the invoice."""
    number = number.strip()
    if len(number) > NUMBER_CHARS_MAX or not number.isprintable():
        raise PurchaseNumberRefused(
            _("Your own number may have at most %(limit)d printable characters.")
            % {"limit": NUMBER_CHARS_MAX},
            limit=NUMBER_CHARS_MAX,
        )
    return number
