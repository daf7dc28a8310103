"""How long money may lie at the provider before it is paid out, by the country of our account there."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat

from exchange.core.payment_settings import PaymentProvider
from exchange.ledger.models import Account
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import chart
from exchange.payments.card_lifecycle import CardTopUpState
from exchange.payments.lifecycle import PaymentState, PayoutState
from exchange.payments.models import CardTopUp, Payment, Payout

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
    since = _near_the_end(now=now, percent=percent)
    sent_on = Payout.objects.filter(
        organisation_id=OuterRef("order__seller_id"),
        currency=OuterRef("currency"),
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


def top_ups_held_long(*, now: datetime, percent: int = ALARM_PERCENT) -> QuerySet[CardTopUp]:
    """Top-ups by card whose money has lain at the provider for that part of the limit or longer, and of which some
    is still in the wallet. What came first is spent first: so it is where the wallet has more than came by card after
    it."""
    its_own = CardTopUp.objects.filter(
        provider=PaymentProvider.STRIPE.value, state=CardTopUpState.RECEIVED
    )
    left = F("amount_minor") - F("refunded_minor") - F("disputed_minor")
    later = its_own.filter(
        wallet_id=OuterRef("wallet_id"), received_at__gt=OuterRef("received_at")
    ).order_by()
    code = Concat(
        Value(chart.wallet("", "")[:-1]),
        OuterRef("wallet__organisation__public_id"),
        Value(":"),
        OuterRef("currency"),
        output_field=CharField(),
    )
    in_wallet = Account.objects.filter(code=code).annotate(held=F("cr_minor") - F("dr_minor"))
    held = its_own.filter(
        received_at__lte=_near_the_end(now=now, percent=percent),
        amount_minor__gt=F("refunded_minor") + F("disputed_minor"),
    ).annotate(
        in_wallet=Subquery(in_wallet.values("held")[:1]),
        came_later=Coalesce(
            Subquery(later.values("wallet_id").annotate(minor=Sum(left)).values("minor")), 0
        ),
    )
    return held.filter(in_wallet__gt=F("came_later")).order_by("received_at")


def _near_the_end(*, now: datetime, percent: int) -> datetime:
    """Money that came until then has lain for that part of the limit."""
    return now - timedelta(days=days_max()) * percent / 100
