"""Subscriptions by use: begun with the delivery, money set aside for each period, caps, the end."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.catalog.lifecycle import OfferKind
from exchange.core.lifecycle import Named
from exchange.core.queries.rules import rule
from exchange.core.refusals import Refusal
from exchange.flows import usage_alerts
from exchange.ledger.errors import InsufficientFunds
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.metering.billing import Span, price
from exchange.metering.errors import CapReached, CapRefused, UnknownSubscription
from exchange.metering.models import MeteredSubscription, UsageBill, UsagePeriod
from exchange.metering.queries import bills
from exchange.orders.models import Order
from exchange.orders.periods import after_periods
from exchange.payments import wallets
from pricing.charges.plans import read_plan
from pricing.money import Money, round_to_minor

GRACE = "usage.grace_days"
HUNDRED = 100


def begin(*, order: Order, actor: str, now: datetime) -> MeteredSubscription | None:
    """Begin the metering of an order that is paid by use, once; nothing for any other.

    Raises InsufficientFunds unless the wallet covers what is expected of the first period.
    """
    if order.terms["offer"]["kind"] != OfferKind.METERED:
        return None
    price_terms = order.terms["price"]
    found, is_new = MeteredSubscription.objects.get_or_create(
        order_ref=order.public_id,
        defaults={
            "offer_id": order.offer_id,
            "buyer_id": order.buyer_id,
            "seller_id": order.seller_id,
            "taken_by_id": order.placed_by_id,
            "plan": without_tax(price_terms["plan"]),
            "tax_percent": price_terms["tax_percent"],
            "currency": price_terms["currency"],
            "period": order.terms["offer"]["period"],
            "began_at": now,
        },
    )
    if is_new:
        log.record(
            event="metering.subscription.begun",
            actor=actor,
            subject=f"metered:{found.public_id}",
            facts={"order": order.public_id, "terms": order.terms_hash, "period": found.period},
            at=now,
        )
        open_period(subscription=found, number=1, actor=actor, now=now)
    return found


def first_hold(terms: Mapping[str, Any], *, now: datetime) -> Money | None:
    """What the first period of terms by use sets aside in the wallet, tax included: the price of no
    use at all. None for terms of another kind."""
    if terms["offer"]["kind"] != OfferKind.METERED:
        return None
    price_terms = terms["price"]
    span = Span(1, now, now, None)
    net = price(read_plan(without_tax(price_terms["plan"])), {}, span).net
    return taxed(net, price_terms["tax_percent"])


def check_funds(*, terms: Mapping[str, Any], buyer: Organisation, now: datetime) -> None:
    """Raise InsufficientFunds where the wallet lacks what the first period sets aside."""
    needed = first_hold(terms, now=now)
    if needed is not None and needed.minor:
        wallets.need(organisation=buyer, amount=needed)


def without_tax(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan of terms as the offer had it: the tax of a bill is that of its own day."""
    return {key: part for key, part in plan.items() if key != "tax"}


def open_period(
    *, subscription: MeteredSubscription, number: int, actor: str, now: datetime
) -> UsagePeriod:
    """Open a period and set aside what is expected of it. The first one needs the money; a later one
    goes on without, since its bill waits for it."""
    start, until = bounds(subscription, number)
    period = UsagePeriod.objects.create(
        subscription=subscription,
        number=number,
        from_at=start,
        until_at=until,
        grace_until=until + timedelta(days=rule(key=GRACE, at=now).as_int()),
        hard_cap_minor=subscription.hard_cap_minor,
    )
    try:
        _set_aside(period, key=f"usage:{subscription.public_id}:{number}", actor=actor, now=now)
    except InsufficientFunds:
        if number == 1:
            raise
    return period


@transaction.atomic
def _set_aside(period: UsagePeriod, *, key: str, actor: str, now: datetime) -> None:
    """Set aside what is expected of the period, in place of what was before. Raises
    InsufficientFunds; what was set aside before stays so then. Nothing where the bill is final."""
    subscription = period.subscription
    amount = with_tax(subscription, expected_net(subscription, period))
    if amount.minor == period.hold_minor or period.number <= subscription.final_no:
        return
    free_hold(period, actor=actor, now=now)
    hold = None
    if amount.minor:
        hold = wallets.authorise(
            organisation=subscription.buyer,
            amount=amount,
            key=key,
            purpose=f"usage:{subscription.public_id}",
            actor=Named(actor),
            now=now,
        )
    period.hold_id, period.hold_minor = hold, amount.minor
    period.save(update_fields=["hold_id", "hold_minor"])


def free_hold(period: UsagePeriod, *, actor: str, now: datetime) -> None:
    """Give what was set aside for a period free again."""
    if period.hold_id is not None:
        wallets.void(
            hold=period.hold_id, key=f"usage:{period.hold_id}", actor=Named(actor), now=now
        )


def bounds(subscription: MeteredSubscription, number: int) -> tuple[datetime, datetime]:
    """When a period begins and ends."""
    began, length = subscription.began_at, subscription.period
    start = began if number == 1 else after_periods(began, length, number - 1)
    return start, after_periods(began, length, number)


def expected_net(subscription: MeteredSubscription, period: UsagePeriod) -> Money:
    """The estimate of a period: the hard cap, else the last bill that was not free, else what no use
    at all costs."""
    currency = subscription.currency
    if period.hard_cap_minor is not None:
        return Money(period.hard_cap_minor, currency)
    last = UsageBill.objects.filter(period__subscription=subscription).order_by("-pk").first()
    if last is not None and last.net.minor:
        return last.net
    span = Span(period.number, period.from_at, period.until_at, None)
    return price(read_plan(dict(subscription.plan)), {}, span).net


def with_tax(subscription: MeteredSubscription, net: Money) -> Money:
    return taxed(net, subscription.tax_percent)


def taxed(net: Money, percent: str) -> Money:
    exact = Fraction(net.minor) * (HUNDRED + Fraction(percent)) / HUNDRED
    return Money(round_to_minor(exact, net.currency), net.currency)


@transaction.atomic
def set_cap(
    *,
    actor: Actor,
    subscription_id: str,
    cap_minor: int | None,
    now: datetime,
    soft_minor: int | None = None,
) -> MeteredSubscription:
    """As the buyer, cap what a period may cost before tax (None: no cap), from the running one on.
    Refused below what was used already. At the soft cap the buyer is told and nothing closes.

    What is set aside for the period follows, where the wallet has it: a cap protects the buyer, so an
    empty wallet is no reason to refuse one.
    """
    subscription = locked_of_buyer(actor, subscription_id)
    period = subscription.periods.order_by("-number")[0]
    spent = bills.running_net(period).minor
    if cap_minor is not None and cap_minor < max(spent, 1):
        raise CapRefused(_("More than this was used already."), least_minor=max(spent, 1))
    subscription.hard_cap_minor = period.hard_cap_minor = cap_minor
    subscription.soft_cap_minor = soft_minor
    subscription.save(update_fields=["hard_cap_minor", "soft_cap_minor"])
    period.save(update_fields=["hard_cap_minor"])
    record_id = log.record(
        event="metering.cap.set",
        actor=actor.name,
        subject=f"metered:{subscription.public_id}",
        facts={
            "hard_cap_minor": None if cap_minor is None else str(cap_minor),
            "soft_cap_minor": None if soft_minor is None else str(soft_minor),
        },
        at=now,
    )
    usage_alerts.raise_due([subscription.pk], now=now)
    with suppress(InsufficientFunds):
        _set_aside(period, key=f"usage:{record_id}", actor=actor.name, now=now)
    return subscription


@transaction.atomic
def end(*, actor: Actor, subscription_id: str, now: datetime) -> MeteredSubscription:
    """As the buyer, let the subscription end with its running period."""
    subscription = locked_of_buyer(actor, subscription_id)
    if subscription.ends_at is None:
        subscription.ends_at = subscription.periods.order_by("-number")[0].until_at
        subscription.save(update_fields=["ends_at"])
        log.record(
            event="metering.subscription.cancelled",
            actor=actor.name,
            subject=f"metered:{subscription.public_id}",
            facts={"ends_at": subscription.ends_at.isoformat()},
            at=now,
        )
    return subscription


def locked_of_buyer(actor: Actor, subscription_id: str) -> MeteredSubscription:
    found = MeteredSubscription.objects.select_for_update(of=("self",), no_key=True).filter(
        public_id=subscription_id, buyer_id=actor.organisation_id
    )
    subscription = found.first()
    if subscription is None:
        raise UnknownSubscription(_("There is no such subscription."))
    policy.require(actor, Permission.USAGE_CAP_SET, Subject(organisation_id=subscription.buyer_id))
    return subscription


def check_cap(subscription: MeteredSubscription) -> Refusal | None:
    """Why the data is closed at the moment, if the hard cap is reached."""
    period = subscription.periods.order_by("-number")[0]
    if not bills.is_capped(period):
        return None
    return CapReached(_("The cap of this period is reached."), until=period.until_at.isoformat())
