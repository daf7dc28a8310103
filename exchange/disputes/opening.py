"""Opening a dispute: what is wrong with an order, and what is asked for."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid
from exchange.core.use_case import use_case
from exchange.disputes.lifecycle import DISPUTE, DisputeKind, DisputeTransition, Remedy
from exchange.disputes.models import Dispute
from exchange.members.actors import Actor, person_of
from exchange.members.permissions import Permission
from exchange.orders import performance
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from pricing.money import Money


class DisputeRefused(Invalid):
    """A dispute says what is wrong, and asks for no more than the order cost."""

    code = "dispute_refused"


@use_case(Permission.ORDER_ACCEPT, locks=ORDER)
def open_dispute(
    order: Order,
    *,
    actor: Actor,
    kind: str,
    reason: str,
    now: datetime,
    remedy: str = Remedy.REFUND,
    wanted: Money | None = None,
) -> Dispute:
    """As the buyer, dispute an order within its inspection period: the money stays held until the
    dispute has ended. `wanted` is how much is asked back where that is a part. Raises DisputeRefused."""
    _check(order, kind=kind, remedy=remedy, wanted=wanted)
    performance.object_to(order, actor=actor, reason=reason, kind=kind, now=now)
    dispute = Dispute(
        order=order,
        claimant=order.buyer,
        respondent=order.seller,
        opened_by_id=person_of(actor),
        kind=kind,
        remedy=remedy,
        currency=order.currency,
        wanted_minor=None if wanted is None else wanted.minor,
        opened_at=now,
    )
    return DISPUTE.transition(
        dispute, DisputeTransition.OPEN, actor=actor, reason=reason, reason_code=kind, now=now
    )


def _check(order: Order, *, kind: str, remedy: str, wanted: Money | None) -> None:
    if kind not in DisputeKind.values or remedy not in Remedy.values:
        raise DisputeRefused(
            _("Say what is wrong, and what you ask for."),
            kinds=list(DisputeKind.values),
            remedies=list(Remedy.values),
        )
    if remedy != Remedy.PART:
        if wanted is not None:
            raise DisputeRefused(_("An amount belongs to a refund of a part."), field="wanted")
        return
    if wanted is None or wanted.currency != order.currency:
        raise DisputeRefused(_("Say how much you ask back."), field="wanted")
    if not 0 < wanted.minor < order.total_minor:
        raise DisputeRefused(
            _("Ask for more than nothing and less than %(total)s, or for all of it.")
            % {"total": order.total},
            field="wanted",
            total_minor=order.total_minor,
        )
