"""Partners of a seller: who buys for less, on which recorded ground."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.core.refusals import NotFound
from exchange.flows.admission import organisation_of, person_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.actions import partners, prices
from exchange.orders.models import Order, PartnerTier
from exchange.orders.states import PriceGround


@transaction.atomic
def grant(
    *,
    actor: Actor,
    partner_id: str,
    name: str,
    percent: Decimal,
    ground: PriceGround,
    words: str,
    now: datetime,
) -> PartnerTier:
    """As a seller, grant an organisation a discount on all that it buys at one price."""
    seller_id = _selling(actor)
    partner = Organisation.objects.filter(public_id=partner_id).first()
    if partner is None:
        raise NotFound(_("There is no such organisation."))
    tier = partners.grant(
        seller_id=seller_id, partner_id=partner.pk, name=name, percent=percent, ground=ground,
        words=words, by_id=person_of(actor), now=now,
    )  # fmt: skip
    log.record(
        event="orders.partner.granted",
        actor=actor.name,
        subject=f"partner_tier:{tier.public_id}",
        facts={
            "partner": partner.public_id,
            "percent": f"{tier.percent:f}",
            "ground": str(tier.ground),
        },
        personal={"words": tier.words},
        at=now,
    )
    return tier


@transaction.atomic
def end(*, actor: Actor, tier_id: str, now: datetime) -> PartnerTier:
    """As the seller, end a partner's discount for what is bought from now on."""
    tier = partners.end(seller_id=_selling(actor), tier_id=tier_id, now=now)
    if tier.ended_at == now:
        log.record(
            event="orders.partner.ended",
            actor=actor.name,
            subject=f"partner_tier:{tier.public_id}",
            facts={"partner": tier.partner.public_id},
            at=now,
        )
    return tier


def keep_ground(*, order: Order, tier: PartnerTier, actor: str, now: datetime) -> None:
    """Record with a partner's order why its price differs from others of its scope."""
    words = f"{tier.name}: {tier.words}"
    made = prices.record_reason(
        order=order, ground=PriceGround(tier.ground), words=words, actor=actor, now=now
    )
    log.record(
        event="orders.price_reason.recorded",
        actor=actor,
        subject=f"order:{order.public_id}",
        facts={"ground": str(tier.ground)},
        personal={"words": made.words},
        at=now,
    )


def _selling(actor: Actor) -> int:
    seller_id = organisation_of(actor)
    policy.require(actor, Permission.OFFER_MAKE, Subject(organisation_id=seller_id))
    return seller_id
