"""Who approves a listing: one operator, two for a sensitive grade, never one of the seller's own house
or who made the product. The stages of the review, and what operators do with a listing afterwards."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.catalog import listing
from exchange.catalog.details import FIELDS
from exchange.catalog.errors import SecondOperatorNeeded
from exchange.catalog.facts import Listing, amended, draft_revision, listing_of
from exchange.catalog.lifecycle import LISTING, ListingTransition
from exchange.catalog.listing import HOLD_SELLER, NOTHING, Said, check_change
from exchange.catalog.models import Product
from exchange.catalog.offers import accept_proposed
from exchange.catalog.revisions import publish_draft
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, person_of
from exchange.members.permissions import Permission

X = ListingTransition


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def take_up(product: Product, *, actor: Actor, now: datetime, said: Said = NOTHING) -> Product:
    """Begin the review of a submitted product."""
    return listing.transition(product, X.TAKE_UP, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def pass_compliance(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Confirm that the product may be traded."""
    return listing.transition(product, X.PASS_COMPLIANCE, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def pass_quality(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Confirm that the product is what it says."""
    return listing.transition(product, X.PASS_QUALITY, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING, before=HOLD_SELLER)
def approve(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Confirm the price, publish the revision under review and put the product on the list.

    For a sensitive grade the first operator's approval is kept and the second one's lists. Raises
    SecondOperatorNeeded when that is the same person.
    """
    return _approve(product, listing_of(product, at=now), actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING, before=HOLD_SELLER)
def pass_whole_review(
    product: Product,
    *,
    actor: Actor,
    checklist: tuple[str, ...],
    now: datetime,
    notify: bool = True,
) -> Product:
    """All stages of the review at once, for who has looked at everything: the same steps, the same
    gates, each recorded. `checklist` holds the points of all stages. `notify` False: the seller is not
    told, where a thousand listings come at once.
    """
    said, seen = Said(checklist=checklist), listing_of(product, at=now)
    for stage in (X.TAKE_UP, X.PASS_COMPLIANCE, X.PASS_QUALITY):
        listing.transition(product, stage, actor=actor, said=said, seen=seen, now=now)
    return _approve(product, seen, actor=actor, said=said, now=now, notify=notify)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def return_listing(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Hand the product back to its seller, with what has to change."""
    return listing.transition(product, X.RETURN, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def reject(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Refuse the product for good."""
    return listing.transition(product, X.REJECT, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def suspend(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Take a listing out of the catalogue for a while. One operator may do so at once."""
    return listing.transition(product, X.SUSPEND, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING, before=HOLD_SELLER)
def resume(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """End a suspension: the listing is as it was before, on the list or paused by its seller."""
    LISTING.check(product, X.RESUME)
    name = listing.end_of_suspension(product)
    return listing.transition(product, name, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def delist(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Take a product off the list for good. Buyers keep what they bought; nobody new can buy."""
    return listing.transition(product, X.DELIST, actor=actor, said=said, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def accept_change(
    product: Product, *, actor: Actor, now: datetime, said: Said = NOTHING, notify: bool = True
) -> Product:
    """Let a standing listing change as its seller asked: its description, its offers, and the revision
    that was submitted, which buyers get at once. Two operators where it is or becomes sensitive.
    """
    check_change(product)
    was_sensitive = product.is_sensitive
    first, second = _approvers(
        product, actor, is_sensitive=was_sensitive or amended(product).is_sensitive
    )
    if first is not None and second is None:
        return _keep_first_approval(product, first, actor=actor, said=said, now=now)
    for field, value in (product.amendment or {}).items():
        setattr(product, field, value)
    product.amendment, product.change_proposed = None, False
    accept_proposed(product, actor=actor, now=now)
    listing.transition(
        product, X.ACCEPT_CHANGE, actor=actor, by_id=first, approved_by_id=second,
        was_sensitive=was_sensitive, said=said, save=tuple(FIELDS), notify=notify, now=now,
    )  # fmt: skip
    draft = draft_revision(product)
    if draft is not None and draft.submitted_at is not None:
        publish_draft(product, actor=actor, now=now)
    return product


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def decline_change(product: Product, *, actor: Actor, said: Said, now: datetime) -> Product:
    """Leave a standing listing as it is. Its seller may correct the change and submit it again."""
    check_change(product)
    product.change_proposed = False
    listing.recall_revision(product)
    listing.end_change(product)
    return listing.transition(product, X.DECLINE_CHANGE, actor=actor, said=said, now=now)


def _approve(
    product: Product,
    seen: Listing,
    *,
    actor: Actor,
    said: Said,
    now: datetime,
    notify: bool = True,
) -> Product:
    LISTING.check(product, X.APPROVE)
    first, second = _approvers(product, actor, is_sensitive=product.is_sensitive)
    if first is not None and second is None:
        return _keep_first_approval(product, first, actor=actor, said=said, now=now)
    listing.transition(
        product, X.APPROVE, actor=actor, by_id=first, approved_by_id=second, said=said, seen=seen,
        now=now,
    )  # fmt: skip
    publish_draft(product, actor=actor, now=now)
    return listing.transition(product, X.LIST, actor=actor, seen=seen, notify=notify, now=now)


def _keep_first_approval(
    product: Product, by_id: int, *, actor: Actor, said: Said, now: datetime
) -> Product:
    product.first_approved_by_id, product.first_approved_at = by_id, now
    return listing.transition(product, X.FIRST_APPROVAL, actor=actor, said=said, now=now)


def _approvers(
    product: Product, actor: Actor, *, is_sensitive: bool
) -> tuple[int | None, int | None]:
    """Where two are needed: who approved first and who second, None while one pair of eyes is
    missing. Nobody where the actor alone is enough."""
    if not is_sensitive:
        return None, None
    person, first = person_of(actor), product.first_approved_by_id
    if first is None:
        return person, None
    if first == person:
        raise SecondOperatorNeeded(
            _("You approved this already. Data of this grade needs a second operator."),
            grade=product.grade,
        )
    return first, person
