"""Discount tiers that sellers grant to discount_tiers, and the recorded reason why a price differs."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.core.lifecycle import checked_reason
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import ORDER, PriceGround
from exchange.orders.models import DiscountTier, Order, PriceReason
from exchange.orders.models.conditions import NAME_CHARS_MAX, PERCENT_MAX, WORDS_CHARS_MAX
from exchange.orders.queries import subject_of


class TierRefused(Invalid):
    """A field of the tier is not well formed; `field` names it."""

    code = "discount_tier_refused"


class TierExists(Refusal):
    """The buyer has a tier already: end it first."""

    code = "discount_tier_exists"


class PriceReasonKnown(Refusal):
    """The order has a recorded reason already; it is never changed."""

    code = "price_reason_known"


def _own_offers(*_args: object, actor: Actor, **_rest: object) -> Subject:
    return Subject(organisation_id=organisation_of(actor))


@use_case(Permission.OFFER_MAKE, about=_own_offers)
def grant(
    *,
    actor: Actor,
    buyer_id: str,
    name: str,
    percent: Decimal,
    ground: PriceGround,
    words: str,
    now: datetime,
) -> DiscountTier:
    """As a seller, grant an organisation a discount on all that it buys at one price, from now on.

    Raises NotFound, TierRefused and TierExists.
    """
    buyer = Organisation.objects.filter(public_id=buyer_id).first()
    if buyer is None:
        raise NotFound(_("There is no such organisation."), field="buyer")
    name, words = name.strip(), words.strip()
    if not 0 < len(name) <= NAME_CHARS_MAX or not name.isprintable():
        raise TierRefused(_("Give the tier a name."), field="name", limit=NAME_CHARS_MAX)
    if not 0 < len(words) <= WORDS_CHARS_MAX:
        raise TierRefused(_("Say why, in a sentence."), field="words", limit=WORDS_CHARS_MAX)
    if not 0 < percent <= PERCENT_MAX:
        raise TierRefused(
            _("A discount is above 0 and at most %(most)s percent.") % {"most": PERCENT_MAX},
            field="percent",
            maximum=str(PERCENT_MAX),
        )
    if buyer.pk == actor.organisation_id:
        raise TierRefused(_("The buyer must be another organisation."), field="buyer")
    try:
        with transaction.atomic():
            tier = DiscountTier.objects.create(
                seller_id=organisation_of(actor), buyer=buyer, name=name, percent=percent,
                ground=ground, words=words, granted_by_id=person_of(actor), granted_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise TierExists(
            _("This organisation has a tier already: end it before you grant another.")
        ) from None
    log.record(
        event="orders.discount_tier.granted",
        actor=actor.name,
        subject=f"discount_tier:{tier.public_id}",
        facts={
            "buyer": buyer.public_id,
            "percent": f"{tier.percent:f}",
            "ground": str(tier.ground),
        },
        personal={"words": tier.words},
        at=now,
    )
    return tier


@use_case(Permission.OFFER_MAKE, about=_own_offers)
def end(*, actor: Actor, tier_id: str, now: datetime) -> DiscountTier:
    """As the seller, end a discount for what is bought from now on; orders that were placed keep
    their price. Ending it again changes nothing."""
    tier = (
        DiscountTier.objects.select_for_update(of=("self",))
        .select_related("buyer")
        .filter(public_id=tier_id, seller=organisation_of(actor))
        .first()
    )
    if tier is None:
        raise NotFound(_("There is no such tier."))
    if tier.ended_at is None:
        tier.ended_at = now
        tier.save(update_fields=["ended_at"])
        log.record(
            event="orders.discount_tier.ended",
            actor=actor.name,
            subject=f"discount_tier:{tier.public_id}",
            facts={"buyer": tier.buyer.public_id},
            at=now,
        )
    return tier


def record_discount_reason(
    *, order: Order, tier: DiscountTier, actor: Actor, now: datetime
) -> None:
    """Record with an order under a discount tier why its price differs from others of its scope."""
    words = f"{tier.name}: {tier.words}"
    _write_reason(order, PriceGround(tier.ground), words, actor=actor, now=now)


@use_case(locks=ORDER)
def record_reason(
    order: Order, *, actor: Actor, ground: PriceGround, words: str, now: datetime
) -> PriceReason:
    """As the seller or an operator, record once why an order's price differs from others of its
    scope. Raises PriceReasonKnown."""
    policy.require(actor, Permission.ORDER_SEE, subject_of(order))
    is_seller = policy.allowed(
        actor, Permission.PRICE_PROPOSE, Subject(organisation_id=order.seller_id)
    ).allowed
    if not is_seller:
        policy.require(actor, Permission.ORDER_MODERATE, subject_of(order))
    return _write_reason(order, ground, words, actor=actor, now=now)


def _write_reason(
    order: Order, ground: PriceGround, words: str, *, actor: Actor, now: datetime
) -> PriceReason:
    words = checked_reason(words)
    if PriceReason.objects.filter(order=order).exists():
        raise PriceReasonKnown(_("This order has a recorded reason already."))
    reason = PriceReason.objects.create(
        order=order, ground=ground, words=words, by=actor.name, at=now
    )
    log.record(
        event="orders.price_reason.recorded",
        actor=actor.name,
        subject=f"order:{order.public_id}",
        facts={"ground": str(ground)},
        personal={"words": reason.words},
        at=now,
    )
    return reason
