"""What buyers say of what they bought, and what the seller answers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.models import Product, Review
from exchange.catalog.models.interest import STARS_MAX, TEXT_CHARS_MAX
from exchange.core.refusals import Invalid, Refusal


class ReviewIncomplete(Invalid):
    """A review has one to five stars and says something."""

    code = "review_incomplete"


class AlreadyReviewed(Refusal):
    """This order has its review."""

    code = "already_reviewed"


class AlreadyReplied(Refusal):
    """The seller has replied to this review; a reply stands."""

    code = "already_replied"


@transaction.atomic
def write_review(
    *,
    product: Product,
    organisation_id: int,
    by_id: int,
    order_ref: str,
    stars: int,
    text: str,
    now: datetime,
) -> Review:
    """Keep the review of one order. Raises ReviewIncomplete or AlreadyReviewed."""
    text = _said(text)
    if not 1 <= stars <= STARS_MAX:
        raise ReviewIncomplete(_("Give one to five stars."), stars_max=STARS_MAX)
    review, is_new = Review.objects.get_or_create(
        order_ref=order_ref,
        defaults={
            "product": product,
            "organisation_id": organisation_id,
            "by_id": by_id,
            "stars": stars,
            "text": text,
            "at": now,
        },
    )
    if not is_new:
        raise AlreadyReviewed(_("This order was reviewed already."), review=review.public_id)
    return review


@transaction.atomic
def reply(*, review_id: int, text: str, now: datetime) -> Review:
    """The seller's one reply. Raises ReviewIncomplete or AlreadyReplied."""
    review = Review.objects.select_for_update().get(pk=review_id)
    if review.reply:
        raise AlreadyReplied(_("This review has its reply."))
    review.reply = _said(text)
    review.replied_at = now
    review.save(update_fields=["reply", "replied_at"])
    return review


def _said(text: str) -> str:
    said = text.strip()
    if not said or len(said) > TEXT_CHARS_MAX or "\x00" in said:
        raise ReviewIncomplete(
            _("Write between 1 and %(limit)d characters.") % {"limit": TEXT_CHARS_MAX},
            limit=TEXT_CHARS_MAX,
        )
    return said
