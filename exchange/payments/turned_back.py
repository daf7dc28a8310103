"""Money that had arrived and was turned back: refunds, withdrawals and payouts that are final here are asked for again
for as long as banks may still return them, since the message about it may be lost.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import F, Q, QuerySet

from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import payouts, refunds, withdrawals
from exchange.payments.gateway.port import OutcomeUnknown, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.lifecycle import PayoutState, RefundState, WithdrawalState
from exchange.payments.models import Payout, Refund, Withdrawal

# Banks return a payout within days, the bank of a card a refund within weeks.
RETURNED_WITHIN = timedelta(days=45)
ASKED_EVERY = timedelta(days=1)
ASKED_AT_ONCE_MAX = 50

log = structlog.get_logger(__name__)


def ask_again(*, now: datetime) -> int:
    """Ask the provider for those that were asked for longest ago, each once a day; return how
    many were turned back."""
    given = Refund.objects.filter(
        state=RefundState.SUCCEEDED, payment__method=PaymentMethod.CARD, to_wallet=False
    )
    paid = Payout.objects.filter(state=PayoutState.PAID).exclude(provider_ref="")
    sent = Withdrawal.objects.filter(state=WithdrawalState.SENT).exclude(top_up=None)
    due = [*_due(given, now), *_due(paid, now), *_due(sent, now)]
    return sum(_ask(one, now=now) for one in due)


def _due(rows: QuerySet[Any], now: datetime) -> list[Any]:
    due = Q(asked_at=None) | Q(asked_at__lte=now - ASKED_EVERY)
    waiting = rows.filter(due, decided_at__gt=now - RETURNED_WITHIN)
    return list(waiting.order_by(F("asked_at").asc(nulls_first=True), "pk")[:ASKED_AT_ONCE_MAX])


def _ask(one: Refund | Payout | Withdrawal, *, now: datetime) -> bool:
    """Whether it was turned back. One that the provider gives no answer about waits until tomorrow too."""
    type(one)._default_manager.filter(pk=one.pk).update(asked_at=now)
    try:
        if isinstance(one, Refund):
            return bool(refunds.apply(provider().find_refund(one.provider_ref), now=now))
        if isinstance(one, Withdrawal):
            return bool(withdrawals.apply(provider().find_refund(one.bank_ref), now=now))
        account_ref = one.account.provider_ref
        return bool(
            payouts.apply(provider().payout(one.provider_ref, account_ref=account_ref), now=now)
        )
    except (OutcomeUnknown, ProviderRefused) as error:
        log.warning("payments.final.unseen", subject=one.public_id, error=str(error))
        return False
