"""A market for tests: a seller with a listed product, a buyer with people who may buy it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from exchange.catalog.lifecycle import ListingState, ListingTransition
from exchange.catalog.models import ListingStep, Offer, Product
from exchange.journeys import checkout
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Order
from exchange.orders.placing import CheckoutRequest
from exchange.orders.terms import terms_hash
from exchange.payments import collection
from exchange.payments.gateway.port import PaymentStatus, ProviderPayment
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import Payment
from tests.factories import accounts, listings
from tests.factories.members import NOON, Exchange, a_role, acting, an_exchange, minutes

DAY = NOON + minutes(120)
_numbers = count(1)


@dataclass(frozen=True)
class Market:
    """A founded exchange, a seller, and a buyer with one buyer's agent."""

    exchange: Exchange
    seller: Organisation
    buyer: Organisation
    agent: User

    @property
    def buying(self) -> Actor:
        return acting(self.agent, self.buyer)

    @property
    def selling(self) -> Actor:
        return acting(accounts.owner_of(self.seller), self.seller)

    @property
    def leading(self) -> Actor:
        """The buyer's owner: somebody else than the agent."""
        return acting(accounts.owner_of(self.buyer), self.buyer)

    def offer(self, yuan: int = 100, *, period: str = "", **fields: Any) -> Offer:
        """The one offer of a new listing, at so many yuan before tax."""
        product = listings.a_listing(
            seller=self.seller,
            price_minor=yuan * 100,
            period=period,
            refund_policy="inspection",
            **fields,
        )
        return product.offers.get()

    def order(self, offer: Offer, *, at: datetime = DAY, **command: Any) -> Order:
        """Buy the offer on its terms of the moment."""
        return checkout.checkout(
            a_command(self.buying, offer, at=at, **command), actor=self.buying, now=at
        )

    def delivered(self, yuan: int = 100, *, at: datetime = DAY, **offer: Any) -> Order:
        """An order whose money has come, and which its buyer inspects."""
        order = self.order(self.offer(yuan, **offer), at=at)
        pay(order, at=at)
        order.refresh_from_db()
        return order


def a_market() -> Market:
    exchange = an_exchange()
    seller = accounts.an_organisation(name="Pipeline Data")
    buyer = accounts.an_organisation(name="City Gas")
    exchange.admit(seller, Kind.SELLER)
    exchange.admit(buyer, Kind.BUYER)
    agent = accounts.a_member(buyer, user=accounts.a_user(name="Li Wei"))
    a_role(buyer, agent, Role.BUYER_AGENT)
    return Market(exchange=exchange, seller=seller, buyer=buyer, agent=agent)


def a_command(
    actor: Actor,
    offer: Offer,
    *,
    at: datetime = DAY,
    method: PaymentMethod | None = None,
    seen: Mapping[str, Any] | None = None,
    **fields: Any,
) -> CheckoutRequest:
    """What a buyer sends who has just seen the terms (or, with `seen`, other ones)."""
    terms = seen or checkout.terms_now(actor=actor, offer_id=offer.public_id, now=at)
    free = terms["price"]["total_minor"] == 0
    return CheckoutRequest(
        offer_id=offer.public_id,
        terms_hash=terms_hash(terms),
        method=method or (PaymentMethod.NONE if free else PaymentMethod.CARD),
        seen=terms,
        **fields,
    )


def pay(order: Order, *, at: datetime = DAY, number: str = "") -> None:
    """The provider says that the order's money has come: into the books, and on to the delivery."""
    waiting = Payment.objects.get(order=order, state=PaymentState.WAITING)
    hear_of(waiting, at=at, number=number)


def hear_of(
    payment: Payment,
    *,
    status: PaymentStatus = PaymentStatus.RECEIVED,
    refusal: str = "",
    at: datetime = DAY,
    number: str = "",
) -> str:
    """The provider says how far a payment is; what was done."""
    number = number or str(next(_numbers))
    told = ProviderPayment(
        ref=payment.provider_ref or f"pi_{number}",
        status=status,
        amount=payment.amount,
        payment_id=payment.public_id,
        charge_ref=payment.charge_ref or f"ch_{number}",
        refusal=refusal,
    )
    return collection.apply(told, payment, now=at)


@transaction.atomic
def take_off_the_list(product: Product) -> None:
    """Suspend the listing by one more legal step."""
    number = product.steps_count + 1
    Product.objects.filter(pk=product.pk).update(state=ListingState.SUSPENDED, steps_count=number)
    ListingStep.objects.create(
        product=product,
        number=number,
        transition=ListingTransition.SUSPEND,
        source=ListingState.LISTED,
        target=ListingState.SUSPENDED,
        actor="test:1",
        sensitive=False,
        reason="A doubt.",
        at=DAY,
    )
