"""How long money may lie at the provider before it is paid out, by the country of our account there."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet

from exchange.core.payment_settings import PaymentProvider
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments.lifecycle import PaymentState, PayoutState
from exchange.payments.models import Payment, Payout

# Stripe is no escrow service: these are the days after which it wants money of others paid out.
DAYS_MAX: Mapping[str, int] = {"US": 730, "TH": 10}
DAYS_MAX_ELSEWHERE = 90
ALARM_PERCENT = 80
ON_ITS_WAY = (PayoutState.PROMISED, PayoutState.SENT, PayoutState.PAID)


def days_max() -> int:
    """How many days our account may hold money."""
    return DAYS_MAX.get(settings.STRIPE_COUNTRY, DAYS_MAX_ELSEWHERE)


def is_limited() -> bool:
    """Whether the provider limits it: the test provider holds no money."""
    return bool(settings.PAYMENT_PROVIDER == PaymentProvider.STRIPE)


def held_long(*, now: datetime, percent: int = ALARM_PERCENT) -> QuerySet[Payment]:
    """Card payments whose money has lain at the provider for that part of the limit or longer, and neither
    went back nor on to the seller."""
    since = now - timedelta(days=days_max()) * percent / 100
    sent_on = Payout.objects.filter(
        organisation_id=OuterRef("order__seller_id"),
        state__in=ON_ITS_WAY,
        created_at__gte=OuterRef("order__settlement__cleared_at"),
    )
    held = Payment.objects.filter(
        method=PaymentMethod.CARD,
        provider=PaymentProvider.STRIPE.value,
        state=PaymentState.RECEIVED,
        received_at__lte=since,
        refunded_minor__lt=F("amount_minor"),
    )
    return held.filter(~Exists(sent_on)).order_by("received_at")
