"""What an operator does about a listing, and what ends one. Sensitive grades take two operators."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.actions.listing import NOTHING, Said, locked_product, take_step
from exchange.catalog.actions.products import check_change
from exchange.catalog.actions.revisions import keep_tables, publish_draft
from exchange.catalog.errors import SecondOperatorNeeded
from exchange.catalog.lifecycle import Move
from exchange.catalog.models import ListingStep, Product
from exchange.catalog.queries.listings import amended, draft_revision, tables_of, voucher_of
from exchange.members.actors import Actor, ActorKind

ENDING = frozenset({Move.DELIST, Move.REJECT, Move.ARCHIVE})


@transaction.atomic
def move_listing(
    *,
    product_id: str,
    move: Move,
    actor: str,
    by_id: int | None,
    now: datetime,
    said: Said = NOTHING,
) -> ListingStep:
    """A move that is one person's to make and changes nothing but where the listing stands."""
    product = locked_product(product_id)
    if move in ENDING:
        product.amendment, product.change_proposed = None, False
    return take_step(product=product, move=move, actor=actor, by_id=by_id, now=now, said=said)


@transaction.atomic
def submit(*, product_id: str, actor: str, by_id: int | None, now: datetime) -> ListingStep:
    """Hand the product to the exchange. Its tables are kept now: what is reviewed is published."""
    product = locked_product(product_id)
    draft = draft_revision(product)
    if draft is not None and tables_of(draft):
        keep_tables(draft)
    return take_step(product=product, move=Move.SUBMIT, actor=actor, by_id=by_id, now=now)


@transaction.atomic
def approve(
    *, product_id: str, actor: str, by_id: int | None, now: datetime, said: Said
) -> list[ListingStep]:
    """Approve and put on the list, publishing the revision under review.

    For a sensitive grade the first operator's approval is kept and the second one's lists. Raises
    SecondOperatorNeeded when that is the same person.
    """
    product = locked_product(product_id)
    first, second = _pair(product, by_id, is_sensitive=product.is_sensitive)
    if product.is_sensitive and second is None:
        return [
            take_step(
                product=product, move=Move.VOUCH, actor=actor, by_id=first, now=now, said=said
            )
        ]
    approved = take_step(
        product=product,
        move=Move.APPROVE,
        actor=actor,
        by_id=first,
        approved_by_id=second,
        now=now,
        said=said,
    )
    doer = Actor(kind=ActorKind.PERSON, name=actor, user_id=by_id)
    publish_draft(product=product, actor=doer, now=now)
    listed = take_step(product=product, move=Move.LIST, actor=actor, by_id=by_id, now=now)
    return [approved, listed]


@transaction.atomic
def accept_change(
    *, product_id: str, actor: str, by_id: int | None, now: datetime, said: Said = NOTHING
) -> ListingStep:
    """Let a standing listing change as its seller asked. Two operators where it is or becomes
    sensitive.
    """
    product = locked_product(product_id)
    check_change(product)
    was_sensitive = product.is_sensitive
    is_sensitive = was_sensitive or amended(product).is_sensitive
    first, second = _pair(product, by_id, is_sensitive=is_sensitive)
    if is_sensitive and second is None:
        return take_step(
            product=product, move=Move.VOUCH, actor=actor, by_id=first, now=now, said=said
        )
    for field, value in (product.amendment or {}).items():
        setattr(product, field, value)
    product.amendment, product.change_proposed = None, False
    return take_step(
        product=product,
        move=Move.ACCEPT_CHANGE,
        actor=actor,
        by_id=first,
        approved_by_id=second,
        was_sensitive=was_sensitive,
        now=now,
        said=said,
    )


@transaction.atomic
def decline_change(
    *, product_id: str, actor: str, by_id: int | None, now: datetime, said: Said
) -> ListingStep:
    """Leave a standing listing as it is. Its seller may correct the change and submit it again."""
    product = locked_product(product_id)
    check_change(product)
    product.change_proposed = False
    return take_step(
        product=product, move=Move.DECLINE_CHANGE, actor=actor, by_id=by_id, now=now, said=said
    )


def _pair(
    product: Product, by_id: int | None, *, is_sensitive: bool
) -> tuple[int | None, int | None]:
    """Who approved first and who second; the second None while one pair of eyes is missing."""
    vouched = voucher_of(product) if is_sensitive else None
    if vouched is None:
        return by_id, None
    if by_id is None or vouched.by_id == by_id:
        raise SecondOperatorNeeded(
            _("You approved this already. Data of this grade needs a second operator."),
            grade=product.grade,
        )
    return vouched.by_id, by_id
