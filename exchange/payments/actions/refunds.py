"""Refunds: promised, given, refused, asked for again."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.moves import check_move
from exchange.core.refusals import NotFound
from exchange.payments.actions import payments
from exchange.payments.errors import NothingRefundable
from exchange.payments.models import Payment, Refund
from exchange.payments.models.payments import REASON_CHARS_MAX
from exchange.payments.states import REFUND_MOVES, RefundState
from pricing.money import Money


def promise(*, payment: Payment, amount: Money, reason: str, actor: str, now: datetime) -> Refund:
    """Promise money back on a locked payment. Raises NothingRefundable beyond what is left of it."""
    left = payment.refundable
    if not 0 < amount.minor <= left.minor:
        raise NothingRefundable(
            _("At most %(amount)s can be refunded.") % {"amount": left},
            refundable_minor=left.minor,
            currency=left.currency,
        )
    payments.count_refund(payment=payment, amount=amount)
    return Refund.objects.create(
        payment=payment,
        order_ref=payment.order_ref,
        currency=amount.currency,
        amount_minor=amount.minor,
        reason=reason[:REASON_CHARS_MAX],
        by=actor,
        created_at=now,
    )


def locked(refund_id: str) -> Refund:
    """The refund, locked, after its payment. Raises NotFound."""
    known = Refund.objects.filter(public_id=refund_id).select_related("payment").first()
    if known is None:
        raise NotFound(_("There is no such refund."))
    payment = payments.locked(known.payment.public_id)
    refund = Refund.objects.select_for_update(no_key=True).get(pk=known.pk)
    refund.payment = payment
    return refund


def succeed(*, refund: Refund, ref: str, now: datetime) -> None:
    check_move(REFUND_MOVES, RefundState(refund.state), RefundState.SUCCEEDED)
    refund.state, refund.provider_ref, refund.decided_at = RefundState.SUCCEEDED, ref, now
    refund.save(update_fields=["state", "provider_ref", "decided_at"])


def fail(*, refund: Refund, ref: str, failure: str, now: datetime) -> None:
    """It did not reach the buyer: what it was set aside from holds it again."""
    check_move(REFUND_MOVES, RefundState(refund.state), RefundState.FAILED)
    refund.state, refund.decided_at = RefundState.FAILED, now
    refund.provider_ref, refund.failure = ref or refund.provider_ref, failure[:60]
    refund.save(update_fields=["state", "provider_ref", "failure", "decided_at"])


def ask_again(*, refund: Refund) -> None:
    """Promise a refund that failed once more, as another attempt."""
    check_move(REFUND_MOVES, RefundState(refund.state), RefundState.PROMISED)
    refund.state, refund.decided_at, refund.failure = RefundState.PROMISED, None, ""
    refund.attempt += 1
    refund.save(update_fields=["state", "decided_at", "failure", "attempt"])
