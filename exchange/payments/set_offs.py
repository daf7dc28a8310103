"""Refunds that failed, set off against chargebacks that took their money.

A refund counts as given from its promise, so a chargeback leaves it out of what the sale gives. Where the
provider then refuses the refund, since the payer's bank has the money, that money is still set aside here. It
waits for the bank: if the chargeback is won, the refund is tried again; once it is lost, the payer has the money,
and what was set aside pays for it instead of the exchange. The payment is locked before.

Money of a top-up that was on its way back to the card, and came back into the wallet, is the wallet's owner's to give
in the same way.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.members.actors import system_actor
from exchange.payments import reconciliation
from exchange.payments.card_lifecycle import CARD_TOP_UP, CardTopUpTransition
from exchange.payments.errors import RefundAwaitsBank
from exchange.payments.lifecycle import (
    REFUND,
    ChargebackState,
    DifferenceKind,
    DifferenceState,
    RefundState,
    RefundTransition,
)
from exchange.payments.models import CardTopUp, Chargeback, Difference, Payment, Refund
from pricing.money import Money

PROVIDER = system_actor("payments")
DECIDED = (ChargebackState.WON, ChargebackState.LOST)


def check_not_taken(payment: Payment) -> None:
    """Raise RefundAwaitsBank while the payer's bank has money back that a refund was to give."""
    undecided = Chargeback.objects.filter(payment=payment).exclude(state__in=DECIDED)
    if any(one.uncovered.minor for one in undecided):
        raise RefundAwaitsBank(
            _(
                "The payer's bank has taken this money back. The refund can be tried again if it is given back."
            )
        )


def lock_for_loss(payment: Payment) -> None:
    """Lock the refunds of a locked payment that failed, and what was opened about them, before the books are."""
    failed = _failed(payment.pk)
    names = [refund.public_id for refund in failed]
    list(_open_differences(names).select_for_update(no_key=True).order_by("pk"))


def at_loss(chargeback: Chargeback, *, now: datetime) -> list[tuple[str, Money]]:
    """Set refunds that failed off against a chargeback that is lost just now, the oldest first. Gives the accounts in
    which they were set aside, and how much each gives; what nobody gives is left in `uncovered`."""
    if chargeback.payment_id is None or not chargeback.uncovered.minor:
        return []
    sources: list[tuple[str, Money]] = []
    for refund in _failed(chargeback.payment_id):
        part = _set_off(refund, chargeback, now=now)
        if part.minor:
            note_difference(refund, now=now)
            sources.append((refund.source, part))
    return sources


def after_failure(refund: Refund, *, now: datetime) -> Money:
    """Set a refund that failed just now off against what chargebacks of its payment took that are lost already; how
    much the exchange gets back of what it bore of them."""
    rows = Chargeback.objects.select_for_update(no_key=True).filter(
        payment=refund.payment, state=ChargebackState.LOST
    )
    before = refund.set_off
    for chargeback in rows.order_by("pk"):
        _set_off(refund, chargeback, now=now)
    return refund.set_off - before


def at_loss_of_top_up(chargeback: Chargeback, top_up: CardTopUp, *, now: datetime) -> Money:
    """What the owner of a wallet gives besides of a chargeback that is lost just now: what of the locked top-up came
    back into the wallet since the bank took it."""
    return _take_back([chargeback], top_up, now=now)


def after_return(top_up: CardTopUp, *, now: datetime) -> Money:
    """What chargebacks of a locked top-up that are lost already took of what is counted back to it just now; by so
    much the exchange gets back what it bore of them."""
    rows = Chargeback.objects.select_for_update(no_key=True).filter(
        top_up=top_up, state=ChargebackState.LOST
    )
    return _take_back(rows.order_by("pk"), top_up, now=now)


def _take_back(lost: Iterable[Chargeback], top_up: CardTopUp, *, now: datetime) -> Money:
    before = top_up.disputed
    for chargeback in lost:
        part = min(chargeback.uncovered, top_up.refundable)
        if part.minor:
            chargeback.set_off_minor += part.minor
            chargeback.save(update_fields=["set_off_minor"])
            top_up.disputed_minor += part.minor
    if top_up.disputed != before:
        CARD_TOP_UP.transition(
            top_up, CardTopUpTransition.TAKE_BACK, actor=PROVIDER, now=now, save=("disputed_minor",)
        )
    return top_up.disputed - before


def _failed(payment_id: int) -> list[Refund]:
    rows = Refund.objects.select_for_update(no_key=True, of=("self",)).filter(
        payment=payment_id, state=RefundState.FAILED
    )
    return list(rows.select_related("payment__order").order_by("pk"))


def _open_differences(subjects: Sequence[str]) -> QuerySet[Difference]:
    return Difference.objects.filter(
        kind=DifferenceKind.REFUND_FAILED, subject__in=subjects, state=DifferenceState.OPEN
    )


def note_difference(refund: Refund, *, now: datetime) -> None:
    """Have somebody look into what is left of a refund that failed; nobody, once nothing is."""
    if refund.state == RefundState.FAILED:
        reconciliation.open_difference(
            kind=DifferenceKind.REFUND_FAILED,
            subject=refund.public_id,
            amount=refund.to_give,
            detail=refund.failure,
            now=now,
        )
        return
    reconciliation.close_about(
        kind=DifferenceKind.REFUND_FAILED,
        subject=refund.public_id,
        explanation=_("The payer's bank took the money back."),
        actor=PROVIDER,
        now=now,
    )


def _set_off(refund: Refund, chargeback: Chargeback, *, now: datetime) -> Money:
    """Note how much of the refund pays for the chargeback."""
    part = min(refund.to_give, chargeback.uncovered)
    if not part.minor:
        return part
    chargeback.set_off_minor += part.minor
    chargeback.save(update_fields=["set_off_minor"])
    refund.set_off_minor += part.minor
    is_whole = not refund.to_give.minor
    REFUND.transition(
        refund,
        RefundTransition.SET_OFF if is_whole else RefundTransition.SET_OFF_PART,
        actor=PROVIDER,
        now=now,
        save=("set_off_minor",),
        facts={"chargeback": chargeback.public_id, "set_off_minor": str(part.minor)},
    )
    return part
