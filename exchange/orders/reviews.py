"""Judging what was bought: public words of buyers, one reply of the seller, each with its record."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, QuerySet
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.catalog.buyable import receivers_in, receivers_of
from exchange.catalog.models import Product
from exchange.core.refusals import Invalid, NotAllowed, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import notify_organisation
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Review
from exchange.orders.models.orders import STARS_MAX, TEXT_CHARS_MAX

REVIEWS_MAX = 50
# From acceptance on: who has not said that the data is what was promised does not judge it yet.
JUDGED_STATES = (
    OrderState.ACCEPTED,
    OrderState.SETTLED,
    OrderState.INVOICED,
    OrderState.CERTIFICATE_ISSUED,
    OrderState.CLOSED,
)


class NotBought(NotAllowed):
    """Only buyers review: the order is not this organisation's, or not accepted yet."""

    code = "not_bought"


class ReviewIncomplete(Invalid):
    """A review has one to five stars and says something."""

    code = "review_incomplete"


class AlreadyReviewed(Refusal):
    """This order has its review."""

    code = "already_reviewed"


class AlreadyReplied(Refusal):
    """The seller has replied to this review; a reply stands."""

    code = "already_replied"


@dataclass(frozen=True)
class Opinion:
    """Reviews in figures. `stars` is the mean, None where there is none."""

    count: int
    stars: float | None


def _of_buyer(*, actor: Actor, order_id: str, **_request: object) -> Subject | None:
    """The organisation acted for, opposite the one that sold and those who got a part of the price: nobody
    praises what brings money to a house of their own."""
    own = actor.organisation_id
    if own is None:
        return None
    bought = Order.objects.filter(public_id=order_id, buyer_id=own).first()
    if bought is None:
        return Subject(organisation_id=own)
    return Subject(
        organisation_id=own,
        engaged=frozenset({bought.seller_id}),
        receivers=lambda: receivers_in(bought.terms) | receivers_of(bought.product_id),
    )


@use_case(Permission.REVIEW_WRITE, about=_of_buyer)
def write_review(
    *, actor: Actor, product_id: str, order_id: str, stars: int, text: str, now: datetime
) -> Review:
    """Judge what one's organisation bought and accepted, once for each order.

    Raises NotBought, ReviewIncomplete or AlreadyReviewed.
    """
    order = (
        Order.objects.filter(
            public_id=order_id,
            buyer_id=organisation_of(actor),
            product__public_id=product_id,
            state__in=JUDGED_STATES,
        )
        .select_related("product", "buyer")
        .first()
    )
    if order is None:
        raise NotBought(_("You can review a product once your order of it is accepted."))
    text = _cleaned(text)
    if not 1 <= stars <= STARS_MAX:
        raise ReviewIncomplete(_("Give one to five stars."), stars_max=STARS_MAX)
    review, is_new = Review.objects.get_or_create(
        order=order, defaults={"by_id": person_of(actor), "stars": stars, "text": text, "at": now}
    )
    if not is_new:
        raise AlreadyReviewed(_("This order was reviewed already."), review=review.public_id)
    _record(review, "written", review.text, actor, now)
    notify_organisation(
        organisation_id=order.seller_id,
        roles=[Role.DATA_OWNER, Role.DATA_OPERATOR],
        kind="catalog.product.reviewed",
        facts={
            "organisation": order.buyer.name,
            "product": order.product,
            "stars": review.stars,
        },
        url=notify.path("product", order.product.public_id) + "#reviews",
        dedupe=f"review:{review.public_id}",
        now=now,
    )
    return review


def _of_seller(review_id: str, **_request: object) -> Subject:
    """Whose product was judged. Raises NotFound."""
    review = Review.objects.select_related("order").filter(public_id=review_id).first()
    if review is None:
        raise NotFound(_("There is no such review."))
    return Subject(organisation_id=review.order.seller_id)


@use_case(Permission.DEMAND_ANSWER, about=_of_seller)
def reply_to_review(review_id: str, *, actor: Actor, text: str, now: datetime) -> Review:
    """The seller's one reply to a review of its product. Raises ReviewIncomplete or AlreadyReplied."""
    review = (
        Review.objects.select_for_update(of=("self",))
        .select_related("order__product")
        .get(public_id=review_id)
    )
    if review.reply:
        raise AlreadyReplied(_("This review has its reply."))
    review.reply, review.replied_at = _cleaned(text), now
    review.save(update_fields=["reply", "replied_at"])
    _record(review, "replied", review.reply, actor, now)
    return review


def orders_to_review(actor: Actor, product: Product) -> list[str]:
    """Public ids of the actor's orders of the product that have no review yet.

    None for who belongs to the seller as well: they may not review it.
    """
    if actor.organisation_id is None or product.seller_id in actor.own:
        return []
    orders = Order.objects.filter(
        buyer_id=actor.organisation_id, product=product, state__in=JUDGED_STATES, review=None
    )
    return list(orders.order_by("-id").values_list("public_id", flat=True))


def reviews_of(product: Product) -> list[Review]:
    """The newest reviews."""
    rows = Review.objects.filter(order__product=product).select_related("order__buyer")
    return list(rows.order_by("-id")[:REVIEWS_MAX])


def opinion_of(product: Product) -> Opinion:
    """How many reviews, and their mean."""
    return _opinion(Review.objects.filter(order__product=product))


def opinion_of_seller(seller_id: int) -> Opinion:
    """The same of all that a seller sold."""
    return _opinion(Review.objects.filter(order__seller=seller_id))


def _opinion(rows: QuerySet[Review]) -> Opinion:
    figures = rows.aggregate(number=Count("id"), mean=Avg("stars"))
    mean = figures["mean"]
    return Opinion(count=figures["number"], stars=None if mean is None else float(mean))


def _record(review: Review, step: str, text: str, actor: Actor, now: datetime) -> None:
    log.record(
        event=f"catalog.review.{step}",
        actor=actor.name,
        subject=f"review:{review.public_id}",
        facts={
            "product": review.order.product.public_id,
            "order": review.order.public_id,
            "stars": review.stars,
        },
        documents={"text": text.encode()},
        at=now,
    )


def _cleaned(text: str) -> str:
    text = text.strip()
    if not text or len(text) > TEXT_CHARS_MAX or "\x00" in text:
        raise ReviewIncomplete(
            _("Write between 1 and %(limit)d characters.") % {"limit": TEXT_CHARS_MAX},
            limit=TEXT_CHARS_MAX,
        )
    return text
