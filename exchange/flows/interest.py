"""Judging what was bought: public words, each with its record in the log."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.catalog.actions import reviews
from exchange.catalog.models import Product, Review
from exchange.catalog.queries import interest
from exchange.core.refusals import NotAllowed
from exchange.core.titles import Title
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.members.roles import Role
from exchange.notices.actions.tell import tell_organisation
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order

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


def write_review(
    *, actor: Actor, product_id: str, order_id: str, stars: int, text: str, now: datetime
) -> Review:
    """Judge what one's organisation bought and accepted. Raises NotBought."""
    organisation_id = _acting(actor, Permission.REVIEW_WRITE)
    order = (
        Order.objects.filter(
            public_id=order_id,
            buyer_id=organisation_id,
            product__public_id=product_id,
            state__in=JUDGED_STATES,
        )
        .select_related("product", "buyer")
        .first()
    )
    if order is None:
        raise NotBought(_("You can review a product once your order of it is accepted."))
    with transaction.atomic():
        review = reviews.write_review(
            product=order.product,
            organisation_id=organisation_id,
            by_id=person_of(actor),
            order_ref=order.public_id,
            stars=stars,
            text=text,
            now=now,
        )
        _record_review(review, order.product, "written", actor, now)
        tell_organisation(
            organisation_id=order.seller_id,
            roles=[Role.DATA_OWNER, Role.DATA_OPERATOR],
            kind="catalog.product.reviewed",
            facts={
                "organisation": order.buyer.name,
                "product": Title.of(order.product),
                "stars": review.stars,
            },
            url=reverse("web:product", args=[order.product.public_id]) + "#reviews",
            dedupe=f"review:{review.public_id}",
            now=now,
        )
        return review


def reply_to_review(*, actor: Actor, review_id: str, text: str, now: datetime) -> Review:
    """The seller's one reply to a review of its product."""
    review = interest.review_named(review_id)
    policy.require(
        actor, Permission.DEMAND_ANSWER, Subject(organisation_id=review.product.seller_id)
    )
    with transaction.atomic():
        replied = reviews.reply(review_id=review.pk, text=text, now=now)
        _record_review(replied, review.product, "replied", actor, now)
        return replied


def orders_to_review(actor: Actor, product: Product) -> list[str]:
    """Public ids of the actor's orders of the product that have no review yet."""
    if actor.organisation_id is None:
        return []
    orders = Order.objects.filter(
        buyer_id=actor.organisation_id, product=product, state__in=JUDGED_STATES
    ).order_by("-id")
    refs = list(orders.values_list("public_id", flat=True))
    known = set(Review.objects.filter(order_ref__in=refs).values_list("order_ref", flat=True))
    return [ref for ref in refs if ref not in known]


def _acting(actor: Actor, permission: Permission) -> int:
    subject = None
    if actor.organisation_id is not None:
        subject = Subject(organisation_id=actor.organisation_id)
    policy.require(actor, permission, subject)
    return organisation_of(actor)


def _record_review(
    review: Review, product: Product, step: str, actor: Actor, now: datetime
) -> None:
    log.record(
        event=f"catalog.review.{step}",
        actor=actor.name,
        subject=f"review:{review.public_id}",
        facts={"product": product.public_id, "order": review.order_ref, "stars": review.stars},
        documents={"text": (review.reply if step == "replied" else review.text).encode()},
        at=now,
    )
