"""Orders as those see them whom they concern."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from exchange.catalog.buyable import receivers_in
from exchange.catalog.lifecycle import OfferKind
from exchange.core.formatting import money_shown
from exchange.core.refusals import NotFound
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import ENDED, OrderState, PaymentMethod, Turn
from exchange.orders.models import DiscountTier, Order, Subscription

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


# What the buyer has, whatever is still to be settled.
HAD = (
    OrderState.DELIVERED, OrderState.ACCEPTED, OrderState.SETTLED, OrderState.INVOICED,
    OrderState.CERTIFICATE_ISSUED, OrderState.CLOSED,
)  # fmt: skip


# What was never paid, or is paid back.
NOT_BOUGHT = (
    OrderState.CREATED, OrderState.CONFIRMED, OrderState.CONTRACT_SIGNED, OrderState.CANCELLED,
    OrderState.REFUNDED,
)  # fmt: skip


class Side(StrEnum):
    """From which side an organisation looks at an order."""

    BUYER = "buyer"
    SELLER = "seller"
    EXCHANGE = "exchange"


def total_shown(order: Order) -> str:
    """What the order costs with tax, in words of a list. By use, nothing is paid at once: each period has a
    bill of its own."""
    kind = OfferKind(order.terms["offer"]["kind"])
    return str(kind.label) if kind == OfferKind.METERED else money_shown(order.total)


def subject_of(order: Order) -> Subject:
    """The order as policy knows things: the buyer's, with the seller called in. Who gets a part of its
    money is a party, too."""
    return Subject(
        organisation_id=order.buyer_id,
        engaged=frozenset({order.seller_id}),
        made_by=frozenset({order.placed_by_id}),
        other_side=frozenset({order.seller_id}),
        receivers=partial(receivers_in, order.terms),
    )


def parties_of(order: Order) -> frozenset[int]:
    """Buyer, seller, and who else gets a part of its money."""
    return frozenset({order.buyer_id, order.seller_id}) | receivers_in(order.terms)


def order_seen_by(actor: Actor, order_id: str) -> Order:
    """The order with its parties and product. Raises NotFound to those whom it does not concern."""
    order = (
        Order.objects.filter(public_id=order_id)
        .select_related("buyer", "seller", "product", "offer", "placed_by", "confirmed_by")
        .first()
    )
    if order is None:
        raise NotFound(_("There is no such order."))
    policy.require(actor, Permission.ORDER_SEE, subject_of(order))
    return order


def side_of(order: Order, actor: Actor) -> Side:
    """Whose eyes the actor sees the order with."""
    if actor.organisation_id == order.buyer_id:
        return Side.BUYER
    if actor.organisation_id == order.seller_id:
        return Side.SELLER
    return Side.EXCHANGE


def purchases_since(since: datetime) -> QuerySet[Order]:
    """What was bought since then: a subscription once, not with each period."""
    rows = Order.objects.filter(created_at__gte=since, renews=None)
    return rows.exclude(state__in=NOT_BOUGHT)


def orders_of(organisation_id: int, *, side: Side | None = None) -> QuerySet[Order]:
    """The orders in which the organisation buys, sells, or either."""
    bought, sold = Q(buyer_id=organisation_id), Q(seller_id=organisation_id)
    wanted = bought if side is Side.BUYER else sold if side is Side.SELLER else bought | sold
    return Order.objects.filter(wanted).select_related("buyer", "seller")


class Urgency(TypedDict):
    """How soon the organisation looks at an order."""

    waits: int


def titles_of(order_ids: Iterable[str]) -> dict[str, str]:
    """What was bought with each of the orders, in the reader's language."""
    found = Order.objects.filter(public_id__in=list(order_ids))
    return {one.public_id: title_of(one) for one in found.only("public_id", "title", "title_zh")}


def needing_first(
    orders: QuerySet[Order], *, organisation_id: int
) -> "QuerySet[WithAnnotations[Order, Urgency]]":
    """With `waits`: 0 where it is this organisation's turn, 1 while it runs, 2 when it has ended.

    What needs the organisation comes first; ("waits", "-pk") is a steady key.
    """
    sorted_orders = orders.annotate(
        waits=Case(
            When(_turn_of(organisation_id), then=Value(0)),
            When(state__in=[state.value for state in ENDED], then=Value(2)),
            default=Value(1),
            output_field=IntegerField(),
        )
    )
    return sorted_orders.order_by("waits", "-pk")


def _turn_of(organisation_id: int) -> Q:
    return Q(turn=Turn.BUYER, buyer_id=organisation_id) | Q(
        turn=Turn.SELLER, seller_id=organisation_id
    )


def waiting_for(organisation_id: int) -> QuerySet[Order]:
    """The orders in which the organisation has to do the next thing."""
    return orders_of(organisation_id).filter(_turn_of(organisation_id))


def traded_since(at: datetime) -> QuerySet[Order]:
    """What was ordered since then and delivered to its buyer."""
    return Order.objects.filter(created_at__gte=at, state__in=HAD)


def subscription_of(order: Order) -> Subscription | None:
    """The subscription that the order began or last continued, if it did."""
    return (
        Subscription.objects.filter(Q(first=order) | Q(latest=order))
        .select_related("latest")
        .first()
    )


def renewal_that_waits(subscription: Subscription) -> Order | None:
    """The order for the next period, while it can be paid."""
    return subscription.latest.renewals.filter(state=OrderState.CONTRACT_SIGNED).first()


def ending(*, remind: datetime, renew: datetime, now: datetime, limit: int) -> Iterator[str]:
    """Public ids of the latest orders of subscriptions with which something is to be done, soonest first: their
    time is over, they end until `remind` and nobody was told, or they renew until `renew` and are not renewed
    or not paid by card yet. Read by so many at a time."""
    renewals = Order.objects.filter(renews=OuterRef("latest"))
    unpaid = renewals.filter(state=OrderState.CONTRACT_SIGNED, payment_method=PaymentMethod.CARD)
    rows = Subscription.objects.filter(ended_at=None).filter(
        Q(paid_until__lte=now)
        | Q(paid_until__lte=remind) & ~Q(reminded_until=F("paid_until"))
        | Q(paid_until__lte=renew, auto_renew=True) & (~Exists(renewals) | Exists(unpaid))
    )
    after = Q()
    while True:
        page = rows.filter(after).order_by("paid_until", "pk")
        found = list(page.values_list("paid_until", "pk", "latest__public_id")[:limit])
        yield from (order_id for _until, _key, order_id in found)
        if len(found) < limit:
            return
        until, key, _order_id = found[-1]
        after = Q(paid_until__gt=until) | Q(paid_until=until, pk__gt=key)


def tiers_of(seller_id: int) -> QuerySet[DiscountTier]:
    """All that the seller granted, those that ended too."""
    rows = DiscountTier.objects.filter(seller=seller_id)
    return rows.select_related("buyer", "granted_by").order_by("-pk")
