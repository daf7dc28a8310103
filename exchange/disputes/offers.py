"""Settling a dispute between its sides: one offers how much goes back to the buyer, the other takes it or not.

One offer stands at a time, until it is declined or taken or its time has passed; it changes nobody's turn
and no deadline. The number of its step names it. Taking it ends the dispute (`endings.take_offer`).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.calendar import deadline
from exchange.core.lifecycle import Doer
from exchange.core.refusals import Invalid, Refusal
from exchange.core.use_case import use_case
from exchange.disputes.lifecycle import ANSWER_DAYS, DISPUTE, DisputeTransition
from exchange.disputes.models import OFFER_FIELDS, Dispute
from exchange.disputes.queries import as_offered, as_speaker, side_of
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments import order_refunds
from pricing.money import Money

OFFERS_MAX = 20


class OfferRefused(Invalid):
    """An offer is more than nothing, and no more than can go back to the buyer."""

    code = "offer_refused"


class OfferStands(Refusal):
    """One offer stands at a time."""

    code = "offer_stands"


class OffersFull(Refusal):
    """The sides of a dispute make only so many offers."""

    code = "offers_full"


class OfferGone(Refusal):
    """The offer was declined or taken, or its time has passed."""

    code = "offer_gone"


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_speaker)
def offer(dispute: Dispute, *, actor: Actor, refund: Money, reason: str, now: datetime) -> Dispute:
    """As one of the sides, offer to end a running dispute with so much of the money going back to the
    buyer. It stands for the time of an answer. Raises OfferRefused, OfferStands and OffersFull."""
    DISPUTE.check(dispute, DisputeTransition.OFFER)
    if dispute.offer_number is not None:
        raise OfferStands(_("An offer stands already; it is answered before another is made."))
    if dispute.steps.filter(transition=DisputeTransition.OFFER).count() >= OFFERS_MAX:
        raise OffersFull(
            _("At most %(limit)d offers are made in a dispute.") % {"limit": OFFERS_MAX},
            limit=OFFERS_MAX,
        )
    left = order_refunds.refundable(dispute.order)
    if refund.currency != left.currency or not 0 < refund.minor <= left.minor:
        raise OfferRefused(
            _("Offer more than nothing and at most %(total)s.") % {"total": left},
            field="refund",
            total_minor=left.minor,
        )
    side = side_of(dispute, actor)
    dispute.offer_by, dispute.offer_minor = side, refund.minor
    dispute.offer_until = deadline(ANSWER_DAYS, now=now)
    dispute.offer_number = dispute.steps_count + 1
    return DISPUTE.transition(
        dispute,
        DisputeTransition.OFFER,
        actor=actor,
        reason=reason,
        facts={"side": side, "refund_minor": str(refund.minor)},
        save=OFFER_FIELDS,
        now=now,
    )


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_offered)
def decline(dispute: Dispute, *, actor: Actor, number: int, now: datetime) -> Dispute:
    """As the side that an offer was made to, decline it: the dispute goes on. Raises OfferGone."""
    check_stands(dispute, number, now=now)
    return _clear(dispute, DisputeTransition.DECLINE_OFFER, actor=actor, now=now)


def lapse(dispute: Dispute, *, actor: Doer, now: datetime) -> Dispute:
    """End the offer of a locked dispute whose time has passed."""
    return _clear(dispute, DisputeTransition.LAPSE_OFFER, actor=actor, now=now)


def lapsed(*, now: datetime, limit: int) -> list[int]:
    """Keys of the disputes whose offer has had its time, the oldest first."""
    rows = Dispute.objects.filter(offer_until__lte=now).order_by("offer_until", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def check_stands(dispute: Dispute, number: int, *, now: datetime) -> None:
    """Raise OfferGone unless the offer of this number stands still."""
    until = dispute.offer_until
    if dispute.offer_number != number or until is None or until <= now:
        raise OfferGone(_("This offer does not stand any more. Look at the dispute again."))


def _clear(dispute: Dispute, name: DisputeTransition, *, actor: Doer, now: datetime) -> Dispute:
    made_by = dispute.offer_by
    dispute.clear_offer()
    return DISPUTE.transition(
        dispute, name, actor=actor, facts={"made_by": made_by}, save=OFFER_FIELDS, now=now
    )
