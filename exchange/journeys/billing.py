"""Use to order: a period of metered use ends and the next begins; after its grace the bill is final and
becomes an order, paid from the wallet as soon as that covers it; with the last one the access ends, and
what that one has in the buyer's favour is given back of the bills that were paid. No bill is made whose
lines do not sum to its order."""

from datetime import datetime
from fractions import Fraction

import structlog
from django.utils.translation import gettext as _

from exchange.catalog.lifecycle import LISTING, Future, History, OfferKind
from exchange.catalog.offers import OfferRequest, reserve_offer
from exchange.core.problems import REFUSALS
from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.journeys import checkout
from exchange.members import standing
from exchange.members.standing import Business
from exchange.metering import bills, disputes, focus, holds, subscriptions
from exchange.metering.models import MeteredSubscription, UsageBill
from exchange.orders import placing
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import invoices, order_refunds, reconciliation
from exchange.payments.lifecycle import DifferenceKind
from pricing.money import Money, round_to_minor

BATCH_MAX = 100
BILL_ACCESS_DAYS = 1  # what was used was delivered already

log = structlog.get_logger(__name__)


def run_due(*, now: datetime) -> int:
    """Do all that is due; return for how many subscriptions and disputes. One that is stuck holds up no
    other."""
    done = disputes.run_due(now=now)
    for key in subscriptions.due(at=now, limit=BATCH_MAX):
        try:
            done += run_one(key, now=now)
        except REFUSALS as refusal:
            _note_stuck(key, str(refusal.message), now=now)
        except Exception:
            log.exception("metering.subscription.stuck", subscription=key)
    return done


@use_case()
def _note_stuck(key: int, why: str, *, now: datetime) -> None:
    """Have finance look into a bill that cannot be made: it is open until the bill is made, or explained."""
    subscription = subscriptions.lock(pk=key)
    reconciliation.open_difference(
        kind=DifferenceKind.BILL_STUCK,
        subject=subscription.order.public_id,
        amount=Money(0, subscription.currency),
        detail=f"{subscription.public_id}: {why}",
        now=now,
    )


def run_one(key: int, *, now: datetime) -> bool:
    """Take one subscription as far as time takes it; whether anything was done."""
    moved = False
    while _advance(key, now=now):
        moved = True
    return moved


@use_case()
def _advance(key: int, *, now: datetime) -> bool:
    """Open one period or close one, in a transaction of its own; whether either was due."""
    subscription = subscriptions.lock(pk=key)
    if _runs(subscription) and subscriptions.open_next(subscription, now=now):
        return True
    bill = bills.to_close(subscription, now=now)
    if bill is None:
        return False
    if bill.net_minor:  # the product is locked before any account, as it is at a checkout
        LISTING.lock_key(subscription.offer.product_id)
    if bills.is_last(bill):  # rights are locked before any account, too
        reason = _("The subscription by use has ended.")
        entitlements.revoke_order(subscription.order, actor=bills.CLOCK, reason=reason, now=now)
        _pay_back(bill, now=now)
    holds.free(bill.period, actor=bills.CLOCK, now=now)
    order = _order(bill, now=now)
    focus.check(bill, billed=bill.net if order is None else order.net)
    bills.close(bill, order=order, now=now)
    reconciliation.close_about(
        kind=DifferenceKind.BILL_STUCK,
        subject=subscription.order.public_id,
        explanation=_("The bill is made."),
        actor=bills.CLOCK,
        now=now,
    )
    return True


def _pay_back(bill: UsageBill, *, now: datetime) -> None:
    """Give back what the last bill has in the buyer's favour, with the tax of the bills that it comes from:
    the newest first, each up to what was paid for it. An unpaid bill gives nothing back."""
    rest = Fraction(-bill.carried_minor)
    earlier = Order.objects.filter(usage_bill__period__subscription=bill.period.subscription_id)
    keys = earlier.order_by("-pk").values_list("pk", flat=True) if rest else ()
    for order in [ORDER.lock_key(key) for key in keys]:  # all of them before any account
        with_tax = 1 + invoices.tax_rate(order)
        wanted = Money(round_to_minor(rest * with_tax, order.currency), order.currency)
        given = min(wanted, order_refunds.refundable(order))
        if given.minor > 0:
            order_refunds.refund(
                order, amount=given, reason=_("The last bill for use is in your favour."),
                actor=bills.CLOCK, now=now,
            )  # fmt: skip
            rest = Fraction(0) if given == wanted else rest - given.minor / with_tax
    if rest:
        log.warning("metering.credit.left", bill=bill.public_id, net_minor=str(rest))


def _runs(subscription: MeteredSubscription) -> bool:
    """Whether both parties take part; else no further period opens. What was used is billed anyway."""
    parties = {subscription.buyer_id, subscription.seller_id}
    return standing.are(parties, Business.RUNNING) == parties


def _order(bill: UsageBill, *, now: datetime) -> Order | None:
    """The order that a bill becomes; none where nothing is due."""
    if not bill.net_minor:
        return None
    subscription = bill.period.subscription
    offer = reserve_offer(
        product_id=subscription.offer.product.public_id,
        command=OfferRequest(
            name=_("Use in period %(number)d") % {"number": bill.period.number},
            kind=OfferKind.ONE_OFF,
            price=bill.net,
            access_days=BILL_ACCESS_DAYS,
            history=History.NONE,
            future=Future.NONE,
        ),
        reserved_for_id=subscription.buyer_id,
        basis=f"{placing.USAGE_BASIS}{bill.public_id}",
        by_id=None,
        actor=placing.CLOCK,
        now=now,
    )
    return checkout.place_agreed(
        offer,
        buyer_id=subscription.buyer_id,
        by_id=subscription.taken_by_id,
        supplied_at=subscriptions.supplied_at(bill.period),
        shared_at=bill.period.from_at,
        actor=placing.CLOCK,
        now=now,
    )
