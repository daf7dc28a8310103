"""The demo's meter: lookups of an API paid for one by one, counted by the seller's programs for two
weeks."""

from datetime import datetime, timedelta

from exchange.catalog import offers, products, review
from exchange.catalog.lifecycle import Future, History, OfferKind, Period
from exchange.catalog.models import Offer
from exchange.catalog.offers import OfferRequest
from exchange.catalog.plans import UseRates
from exchange.demo.acting import acting
from exchange.demo.demo_listings import product_of
from exchange.journeys import checkout
from exchange.metering import caps, intake, receipts
from exchange.metering.models import MeteredSubscription
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.placing import CheckoutRequest
from exchange.orders.terms import terms_hash
from pricing.money import Money

SELLER, BUYER, WARE, METER = "seller", "buyer", "portrait", "lookups"
RUNNING_DAYS = 14
CAP_MINOR, SOFT_MINOR = 40_000_00, 20_000_00
WORKING_DAYS = 5


def meter(now: datetime) -> None:
    """Tell it once: offered, subscribed to, used on working days, near its cap."""
    if MeteredSubscription.objects.exists():
        return
    begun = now - timedelta(days=RUNNING_DAYS)
    _subscribe(_offer(begun - timedelta(days=1)), begun)
    held = MeteredSubscription.objects.get()
    caps.set_cap(
        held.public_id,
        actor=acting(BUYER, begun),
        cap_minor=CAP_MINOR,
        soft_minor=SOFT_MINOR,
        now=begun,
    )
    for day in range(RUNNING_DAYS):
        at = begun + timedelta(days=day, hours=2)
        lines = [_event(held, day, hour, at + timedelta(hours=hour)) for hour in range(8)]
        if at.weekday() < WORKING_DAYS:
            intake.report(lines, actor=acting(SELLER, at), now=at + timedelta(hours=9))
    receipts.make_due(now=now)


def _offer(at: datetime) -> Offer:
    """A second offer of a listed product, which the exchange has to accept."""
    product_id = product_of(WARE).public_id
    offer, _price = offers.add_offer(
        product_id,
        actor=acting(SELLER, at),
        command=OfferRequest(
            name="Lookup by lookup 按次计费",
            kind=OfferKind.METERED,
            price=Money(0, "CNY"),
            period=Period.MONTH,
            history=History.ALL,
            future=Future.ALL,
            rates=UseRates(
                meter=METER,
                unit_price="40",
                free_units=20,
                sample_units=50,
                tiers=((200, "75"), (1_000, "55")),
                minimum="500",
            ),
        ),
        now=at,
    )
    products.propose_change(product_id, actor=acting(SELLER, at), now=at)
    review.accept_change(product_id, actor=acting("operator", at), now=at)
    return offer


def _subscribe(offer: Offer, at: datetime) -> None:
    buyer = acting(BUYER, at)
    terms = checkout.terms_now(actor=buyer, offer_id=offer.public_id, now=at)
    command = CheckoutRequest(
        offer_id=offer.public_id,
        terms_hash=terms_hash(terms),
        method=PaymentMethod.NONE,
        po_number="PO-METER",
        seen=terms,
    )
    checkout.checkout(command, actor=buyer, now=at)


def _event(held: MeteredSubscription, day: int, hour: int, at: datetime) -> dict[str, object]:
    return {
        "subscription": held.public_id,
        "source": "gateway",
        "event_id": f"{day:02d}-{hour}",
        "meter": METER,
        "quantity": 3 + (day * 5 + hour * 3) % 7,
        "at": at.isoformat(),
    }
