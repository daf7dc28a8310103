"""Money of the buyer's wallet set aside for the periods of a subscription, and what is owed beyond it.

What is set aside for a period is never less than its bill would be now with all that was begun and may
still be sent, tax included, as far as the wallet has it: use that comes in raises it, and no ruling and
no cap that is set, lowered or lifted takes from that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.ids import new_id
from accounts.models import Organisation
from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from exchange.metering import bills
from exchange.metering.billing import Quantities, Span, price, with_tax
from exchange.metering.errors import UseBeyondPlan, UseNotCovered
from exchange.metering.models import MeteredSubscription, UsageBill, UsagePeriod
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import wallets
from pricing.charges.plans import read_plan
from pricing.money import Money
from pricing.refusals import PricingRefusal


class _Declared:
    """Filled in an `AppConfig.ready` by the room that delivers."""

    begun: Callable[[Order, datetime], Quantities] = staticmethod(lambda _order, _at: {})


def declare(*, begun: Callable[[Order, datetime], Quantities]) -> None:
    """Say who knows what uses of an order were begun at a moment and are not counted yet."""
    _Declared.begun = staticmethod(begun)


@use_case()
def set_aside(period: UsagePeriod, *, actor: Doer, now: datetime, needs_all: bool = False) -> None:
    """Set aside what is expected of the period, or what is owed with what was begun where that is more, in
    place of what was before. Nothing where the bill is final.

    A wallet that lacks the expected keeps aside what it had, and raises it to what is owed as far as
    it reaches; with `needs_all` it raises InsufficientFunds.
    """
    subscription = period.subscription
    # All that is open, since whoever changes one period may come to the others once money is locked.
    _lock([period, *_open_periods().filter(subscription=subscription)])
    if period.number <= subscription.final_no:
        return
    owed = taxed(subscription, owed_with_begun(period, now=now)).minor
    wanted = max(taxed(subscription, expected_net(subscription, period)).minor, owed)
    if needs_all:
        wallets.need(
            organisation=subscription.buyer, amount=Money(wanted, subscription.currency), lock=True
        )
    _hold(period, wanted, at_least=max(owed, period.hold_minor), actor=actor, now=now)


@use_case()
def keep_up(subscription_ids: Iterable[int], *, actor: Doer, now: datetime) -> None:
    """Raise what is set aside for running and ended periods to what is owed of them, as far as the
    wallets reach."""
    periods = list(_open_periods().filter(subscription__in=list(subscription_ids)))
    _lock(periods)
    nets = bills.owed(periods)
    for period in periods:
        subscription, net = period.subscription, nets[period.pk]
        owed = taxed(subscription, net).minor
        if owed > period.hold_minor:
            more = max(owed, taxed(subscription, _step(period, net)).minor)
            _hold(period, more, at_least=owed, actor=actor, now=now)


@use_case()
def cover(
    subscription: MeteredSubscription,
    more: Quantities,
    *,
    beside: Callable[[], Quantities],
    actor: Doer,
    now: datetime,
) -> Money:
    """Have what is owed of the running period with `more` use set aside; what that use costs, net of
    tax. `beside` says what else was begun and is not counted yet; it is asked when nobody else can
    begin. Raises UseNotCovered while the wallet lacks it or a bill is not paid, UseBeyondPlan where
    the plan has no price for so much."""
    period = _open_periods().filter(subscription=subscription).order_by("-number")[0]
    _lock([period])
    begun = beside()
    together = Counter(begun) + Counter(more)
    try:
        before, after = (bills.owed([period], more=one)[period.pk] for one in (begun, together))
    except PricingRefusal as refusal:
        raise UseBeyondPlan(
            _("The plan has no price for so much use: %(why)s") % {"why": refusal.message}
        ) from refusal
    owed = taxed(subscription, after).minor
    if owed > period.hold_minor:
        _hold(period, owed, at_least=owed, actor=actor, now=now)
    unpaid = _unpaid(usage_bill__period__subscription=subscription)
    if unpaid or owed > period.hold_minor:
        missing = Money(unpaid + max(owed - period.hold_minor, 0), subscription.currency)
        raise UseNotCovered(
            _("The wallet does not cover this use: %(missing)s are missing. Top it up to go on.")
            % {"missing": missing},
            missing_minor=missing.minor,
            currency=missing.currency,
        )
    return Money(max(after.minor - before.minor, 0), subscription.currency)


def owed_now(subscription: MeteredSubscription) -> Money:
    """What the periods without a final bill come to, net of tax."""
    nets = bills.owed(list(_open_periods().filter(subscription=subscription)))
    return Money(sum(one.minor for one in nets.values()), subscription.currency)


def claims_on(*, organisation: Organisation, currency: str) -> Money:
    """What an organisation owes for metered use and has not set aside: of periods without a final
    bill, and bills that are not paid. It stays in the wallet."""
    of_buyer = {"subscription__buyer": organisation, "subscription__currency": currency}
    periods = list(_open_periods().filter(**of_buyer))
    nets = bills.owed(periods)
    owed = sum(
        max(taxed(one.subscription, nets[one.pk]).minor - one.hold_minor, 0) for one in periods
    )
    return Money(owed + _unpaid(buyer=organisation, currency=currency), currency)


@use_case()
def free(period: UsagePeriod, *, actor: Doer, now: datetime) -> None:
    """Give what was set aside for a period free again. Whoever closes a period has its bill paid in
    the same transaction."""
    if period.hold_id is not None:
        wallets.void(hold=period.hold_id, key=f"usage:{period.hold_id}", actor=actor, now=now)


def expected_net(subscription: MeteredSubscription, period: UsagePeriod) -> Money:
    """The estimate of a period: the hard cap that the buyer set, else the last bill that was not
    free, else what no use at all costs."""
    if subscription.hard_cap_minor is not None:
        return Money(subscription.hard_cap_minor, subscription.currency)
    last = UsageBill.objects.filter(period__subscription=subscription).order_by("-pk").first()
    if last is not None and last.net.minor:
        return last.net
    span = Span(period.number, period.from_at, period.until_at, None)
    return price(read_plan(dict(subscription.plan)), {}, span).net


def taxed(subscription: MeteredSubscription, net: Money) -> Money:
    return with_tax(net, subscription.tax_percent)


def owed_with_begun(period: UsagePeriod, *, now: datetime) -> Money:
    """What is owed of a locked period with what was begun."""
    return bills.owed([period], more=begun_in(period, now=now))[period.pk]


def begun_in(period: UsagePeriod, *, now: datetime) -> dict[str, int]:
    """By meter, what was begun in a locked period and is not counted yet. It lies in the newest period,
    since nobody can begin while that is locked."""
    subscription = period.subscription
    if subscription.periods.filter(number__gt=period.number).exists():
        return {}
    meters = {charge.get("meter") for charge in subscription.plan["charges"]}
    begun = _Declared.begun(subscription.order, now)
    return {meter: count for meter, count in begun.items() if meter in meters}


def _unpaid(**which: object) -> int:
    """What bills for use are not paid yet, tax included."""
    waiting = Order.objects.filter(
        usage_bill__isnull=False, state=OrderState.CONTRACT_SIGNED, **which
    )
    return int(waiting.aggregate(total=Sum("total_minor"))["total"] or 0)


def _step(period: UsagePeriod, owed: Money) -> Money:
    """What is owed and a quarter more, so that not each event moves money; that not above the hard cap."""
    more, cap = owed.minor * 5 // 4, period.hard_cap_minor
    return Money(more if cap is None else min(more, cap), owed.currency)


def _open_periods() -> QuerySet[UsagePeriod]:
    periods = UsagePeriod.objects.filter(number__gt=F("subscription__final_no"))
    return periods.select_related("subscription__buyer").order_by("subscription_id", "number")


def _lock(periods: Sequence[UsagePeriod]) -> None:
    """Read what is set aside for the periods now, which nobody else changes before this transaction
    ends. It comes before what is owed is computed, so that who waited here sees the use of whom he
    waited for."""
    rows = UsagePeriod.objects.select_for_update(no_key=True).order_by("subscription_id", "number")
    known = {one.pk: one for one in rows.filter(pk__in=[one.pk for one in periods])}
    for period in periods:
        now = known[period.pk]
        period.hold_id, period.hold_minor = now.hold_id, now.hold_minor


def _hold(period: UsagePeriod, wanted: int, *, at_least: int, actor: Doer, now: datetime) -> None:
    """Set `wanted` aside in place of what was before, or where the wallet lacks it `at_least` as far
    as it reaches."""
    subscription = period.subscription
    buyer, currency = subscription.buyer, subscription.currency
    reach = period.hold_minor + max(wallets.available_in(buyer, currency, lock=True).minor, 0)
    minor = wanted if wanted <= reach else min(at_least, reach)
    if minor == period.hold_minor:
        return
    free(period, actor=actor, now=now)
    period.hold_id, period.hold_minor = None, minor
    if minor:
        period.hold_id = wallets.authorise(
            organisation=buyer,
            amount=Money(minor, currency),
            key=new_id("hld"),
            purpose=f"usage:{subscription.public_id}",
            actor=actor,
            now=now,
        )
    period.save(update_fields=["hold_id", "hold_minor"])
