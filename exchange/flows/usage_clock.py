"""What time does to usage plans: a period ends and the next begins; after the grace its bill is final."""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit.actions import log as transparency
from exchange.catalog.lifecycle import Future, History, OfferKind
from exchange.catalog.offers import OfferWish, reserve_offer
from exchange.core.ids import new_id
from exchange.flows import deliver_order
from exchange.flows.usage_plans import free_hold, open_period
from exchange.journeys.checkout import place_agreed
from exchange.metering.billing import Drawn
from exchange.metering.models import MeteredSubscription, UsageBill, UsagePeriod
from exchange.metering.queries import bills, due
from exchange.orders import placing
from exchange.orders.models import Order

CLOCK = "system:clock"
BATCH_MAX = 100
BILL_ACCESS_DAYS = 1  # what was used was delivered already

log = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> int:
    """Do all that is due; return for how many subscriptions. One that is stuck holds up no other."""
    done = 0
    for pk in due.due(at=now, limit=BATCH_MAX):
        try:
            done += tend(pk, now=now)
        except Exception:
            log.exception("metering.subscription.stuck", subscription=pk)
    return done


def tend(pk: int, *, now: datetime) -> bool:
    """Take one subscription as far as time takes it; whether anything was done."""
    moved = False
    while _advance(pk, now=now):
        moved = True
    return moved


@transaction.atomic
def _advance(pk: int, *, now: datetime) -> bool:
    subscription = MeteredSubscription.objects.select_for_update(of=("self",), no_key=True).get(
        pk=pk
    )
    periods = subscription.periods.order_by("number")
    last = periods.last()
    if last is None:
        return False
    if last.until_at <= now and (
        subscription.ends_at is None or last.until_at < subscription.ends_at
    ):
        open_period(subscription=subscription, number=last.number + 1, actor=CLOCK, now=now)
        return True
    period = periods.filter(number=subscription.final_no + 1, grace_until__lte=now).first()
    if period is None:
        return False
    _close(subscription, period, now=now)
    return True


def _close(subscription: MeteredSubscription, period: UsagePeriod, *, now: datetime) -> UsageBill:
    """Make the bill of a period final: kept, in the log, and an order of its own."""
    period.subscription = subscription
    drawn = bills.drawn(period)
    bill_id = new_id("ubl")
    free_hold(period, actor=CLOCK, now=now)
    order_ref = _order(subscription, bill_id, drawn, period, now=now)
    record_id = transparency.record(
        event="metering.bill.closed",
        actor=CLOCK,
        subject=f"usage_bill:{bill_id}",
        facts={
            "subscription": subscription.public_id,
            "period": period.number,
            "net_minor": str(drawn.due.minor),
            "currency": subscription.currency,
            "order": order_ref,
        },
        documents={"bill": drawn.content},
        at=now,
    )
    bill = UsageBill.objects.create(
        public_id=bill_id,
        period=period,
        document=drawn.content,
        digest=drawn.digest,
        currency=subscription.currency,
        net_minor=drawn.due.minor,
        carried_minor=drawn.carried.minor,
        order_ref=order_ref,
        record_id=record_id,
        final_at=now,
    )
    subscription.final_no = period.number
    subscription.save(update_fields=["final_no"])
    if subscription.ends_at is not None and period.until_at >= subscription.ends_at:
        order = Order.objects.get(public_id=subscription.order_ref)
        reason = _("The subscription by use has ended.")
        deliver_order.revoke(order=order, reason=reason, actor=CLOCK, now=now)
    return bill


def _order(
    subscription: MeteredSubscription,
    bill_id: str,
    drawn: Drawn,
    period: UsagePeriod,
    *,
    now: datetime,
) -> str:
    """The order that the bill becomes, paid from the wallet as soon as it covers it."""
    if not drawn.due.minor:
        return ""
    offer = reserve_offer(
        product_id=subscription.offer.product.public_id,
        wish=OfferWish(
            name=_("Use in period %(number)d") % {"number": period.number},
            kind=OfferKind.ONE_OFF,
            price=drawn.due,
            access_days=BILL_ACCESS_DAYS,
            history=History.NONE,
            future=Future.NONE,
        ),
        reserved_for_id=subscription.buyer_id,
        basis=f"usage:{bill_id}",
        by_id=None,
        actor=placing.CLOCK,
        now=now,
    )
    order = place_agreed(
        offer=offer,
        buyer_id=subscription.buyer_id,
        by_id=subscription.taken_by_id,
        actor=placing.CLOCK,
        now=now,
    )
    return order.public_id
