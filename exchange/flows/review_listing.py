"""An operator's work on listings: the stages of the review, and what may follow it."""

from datetime import datetime

from django.db import transaction

from exchange.catalog.actions import review
from exchange.catalog.actions.listing import NOTHING, Said
from exchange.catalog.models import ListingStep, Product
from exchange.catalog.queries.listings import product_named, subject_of
from exchange.catalog.states import Move
from exchange.flows.listing_recording import record_step
from exchange.members import policy
from exchange.members.actors import Actor, person_of
from exchange.members.permissions import Permission


@transaction.atomic
def take_up(*, actor: Actor, product_id: str, said: Said = NOTHING, now: datetime) -> Product:
    """Begin the review of a submitted product."""
    return _move(actor, product_id, Move.TAKE_UP, said, now)


@transaction.atomic
def pass_compliance(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Confirm that the product may be traded."""
    return _move(actor, product_id, Move.PASS_COMPLIANCE, said, now)


@transaction.atomic
def pass_quality(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Confirm that the product is what it says."""
    return _move(actor, product_id, Move.PASS_QUALITY, said, now)


@transaction.atomic
def approve(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Confirm the price and list the product. A sensitive grade waits for a second operator."""
    return _approve(actor, product_id, said, now)


@transaction.atomic
def pass_whole_review(
    *, actor: Actor, product_id: str, checklist: tuple[str, ...], now: datetime
) -> Product:
    """All stages of the review at once, for who has looked at everything: the same steps, the same
    gates, each recorded. `checklist` holds the points of all stages.
    """
    said = Said(checklist=checklist)
    take_up(actor=actor, product_id=product_id, now=now)
    pass_compliance(actor=actor, product_id=product_id, said=said, now=now)
    pass_quality(actor=actor, product_id=product_id, said=said, now=now)
    return approve(actor=actor, product_id=product_id, said=said, now=now)


@transaction.atomic
def return_listing(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Hand the product back to its seller, with what has to change."""
    return _move(actor, product_id, Move.RETURN, said, now)


@transaction.atomic
def reject(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Refuse the product for good."""
    return _move(actor, product_id, Move.REJECT, said, now)


@transaction.atomic
def suspend(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Take a listing out of the catalogue for a while. One operator may do so at once."""
    return _move(actor, product_id, Move.SUSPEND, said, now)


@transaction.atomic
def resume(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Put a suspended listing back."""
    return _move(actor, product_id, Move.RESUME, said, now)


@transaction.atomic
def delist(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Take a product off the list for good. Buyers keep what they bought; nobody new can buy."""
    return _move(actor, product_id, Move.DELIST, said, now)


@transaction.atomic
def accept_change(*, actor: Actor, product_id: str, said: Said = NOTHING, now: datetime) -> Product:
    """Let a standing listing change as its seller asked."""
    _permit(actor, product_id)
    step = review.accept_change(
        product_id=product_id, actor=actor.name, by_id=person_of(actor), now=now, said=said
    )
    return record_step(step)


@transaction.atomic
def decline_change(*, actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    """Leave a standing listing as it is."""
    _permit(actor, product_id)
    step = review.decline_change(
        product_id=product_id, actor=actor.name, by_id=person_of(actor), now=now, said=said
    )
    return record_step(step)


def _approve(actor: Actor, product_id: str, said: Said, now: datetime) -> Product:
    _permit(actor, product_id)
    steps: list[ListingStep] = review.approve(
        product_id=product_id, actor=actor.name, by_id=person_of(actor), now=now, said=said
    )
    return [record_step(step) for step in steps][-1]


def _move(actor: Actor, product_id: str, move: Move, said: Said, now: datetime) -> Product:
    _permit(actor, product_id)
    step = review.move_listing(
        product_id=product_id,
        move=move,
        actor=actor.name,
        by_id=person_of(actor),
        now=now,
        said=said,
    )
    return record_step(step)


def _permit(actor: Actor, product_id: str) -> None:
    """Operators decide on everybody's products but their own house's and those that they made."""
    product = product_named(product_id)
    made_by = (
        frozenset[int]() if product.created_by_id is None else frozenset({product.created_by_id})
    )
    policy.require(actor, Permission.LISTING_REVIEW, subject_of(product, made_by=made_by))
