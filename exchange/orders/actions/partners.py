"""Granting a partner a discount, and ending it."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.orders.models import PartnerTier
from exchange.orders.models.partners import NAME_CHARS_MAX, PERCENT_MAX, WORDS_CHARS_MAX
from exchange.orders.states import PriceGround


class TierRefused(Invalid):
    """A field of the tier is not well formed; `field` names it."""

    code = "partner_tier_refused"


class PartnerKnown(Refusal):
    """The partner has a tier already: end it first."""

    code = "partner_known"


@transaction.atomic
def grant(
    *,
    seller_id: int,
    partner_id: int,
    name: str,
    percent: Decimal,
    ground: PriceGround,
    words: str,
    by_id: int,
    now: datetime,
) -> PartnerTier:
    """Grant a discount from now on. Raises TierRefused or PartnerKnown."""
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
    if partner_id == seller_id:
        raise TierRefused(_("A partner is another organisation."), field="partner")
    try:
        with transaction.atomic():
            return PartnerTier.objects.create(
                seller_id=seller_id, partner_id=partner_id, name=name, percent=percent,
                ground=ground, words=words, granted_by_id=by_id, granted_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise PartnerKnown(
            _("This organisation has a tier already: end it before you grant another.")
        ) from None


@transaction.atomic
def end(*, seller_id: int, tier_id: str, now: datetime) -> PartnerTier:
    """End a tier; orders that were placed keep their price. Ending it again changes nothing."""
    found = (
        PartnerTier.objects.select_for_update(of=("self",))
        .select_related("partner")
        .filter(public_id=tier_id, seller=seller_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such tier."))
    if found.ended_at is None:
        found.ended_at = now
        found.save(update_fields=["ended_at"])
    return found
