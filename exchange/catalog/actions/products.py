"""Beginning a product, describing it, and changing what is said of it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.actions.listing import locked_product, take_step
from exchange.catalog.details import check_details
from exchange.catalog.errors import ChangeMissing, ChangePending, LimitReached, ProductClosed
from exchange.catalog.lifecycle import (
    AMENDABLE,
    EDITABLE,
    Delivery,
    ListingState,
    Move,
    ProductKind,
)
from exchange.catalog.models import ListingStep, Product
from exchange.catalog.queries.listings import details_of

DRAFTS_MAX = 200
# How a kind is delivered unless its seller says otherwise.
DELIVERIES: Mapping[ProductKind, Delivery] = {
    ProductKind.DATASET: Delivery.FILE,
    ProductKind.API: Delivery.API,
    ProductKind.REPORT: Delivery.FILE,
    ProductKind.MODEL: Delivery.FILE,
    ProductKind.PORTRAIT: Delivery.API,
    ProductKind.SERVICE: Delivery.SERVICE,
    ProductKind.BUNDLE: Delivery.SERVICE,
}


@transaction.atomic
def draft_product(
    *,
    seller_id: int,
    kind: ProductKind,
    values: Mapping[str, object],
    actor: str,
    by_id: int | None,
    now: datetime,
    synthetic: bool = False,
    origin: str | None = None,
) -> ListingStep:
    """Begin a product as a draft. `origin` names where it was imported from, once in the exchange."""
    drafts = Product.objects.filter(seller_id=seller_id, state=ListingState.DRAFT)
    if origin is None and drafts.count() >= DRAFTS_MAX:
        raise LimitReached(
            _("You may have at most %(limit)d drafts at once.") % {"limit": DRAFTS_MAX},
            limit=DRAFTS_MAX,
        )
    product = Product(
        seller_id=seller_id,
        kind=kind,
        delivery=DELIVERIES[kind],
        synthetic=synthetic,
        origin=origin,
        created_by_id=by_id,
        created_at=now,
    )
    for field, value in check_details(values).items():
        setattr(product, field, value)
    return take_step(product=product, move=Move.DRAFT, actor=actor, by_id=by_id, now=now)


@transaction.atomic
def save_details(*, product_id: str, values: Mapping[str, object], now: datetime) -> Product:
    """Change what is said of a product. Nothing else of it changes.

    Before the listing at once; while it stands, in the change that an operator has to accept.
    """
    product = locked_product(product_id)
    cleaned = check_details(values)
    check_editable(product)
    if product.state in EDITABLE:
        for field, value in cleaned.items():
            setattr(product, field, value)
    else:
        listed = details_of(product)
        wanted = {**(product.amendment or {}), **cleaned}
        product.amendment = {
            field: value for field, value in wanted.items() if value != listed[field]
        } or None
    product.updated_at = now
    product.save()
    return product


def check_editable(product: Product) -> None:
    """Raise ProductClosed or ChangePending where its seller cannot change the product now."""
    state = ListingState(product.state)
    if state not in EDITABLE | AMENDABLE:
        raise ProductClosed(
            _("In the state “%(state)s” the product cannot be changed.") % {"state": state.label},
            state=state.value,
            accepted=sorted(one.value for one in EDITABLE | AMENDABLE),
        )
    if product.change_proposed:
        raise ChangePending(
            _("The exchange is looking at your change. Take it back to change more.")
        )


@transaction.atomic
def propose_change(*, product_id: str, actor: str, by_id: int | None, now: datetime) -> ListingStep:
    """Ask the exchange to accept what was changed. The listing stays as it is meanwhile."""
    product = locked_product(product_id)
    if product.amendment is None:
        raise ChangeMissing(_("Nothing was changed that the exchange would have to look at."))
    if product.change_proposed:
        raise ChangePending(_("The exchange has your change already."))
    product.change_proposed = True
    return take_step(product=product, move=Move.PROPOSE_CHANGE, actor=actor, by_id=by_id, now=now)


@transaction.atomic
def take_change_back(
    *, product_id: str, actor: str, by_id: int | None, now: datetime
) -> ListingStep:
    """Work on a change again that the exchange has not decided on."""
    product = locked_product(product_id)
    check_change(product)
    product.change_proposed = False
    return take_step(product=product, move=Move.TAKE_CHANGE_BACK, actor=actor, by_id=by_id, now=now)


@transaction.atomic
def discard_change(*, product_id: str, now: datetime) -> Product:
    """Throw away what was changed and never submitted."""
    product = locked_product(product_id)
    check_editable(product)
    product.amendment = None
    product.updated_at = now
    product.save()
    return product


def check_change(product: Product) -> None:
    """Raise ChangeMissing unless a change waits for the exchange."""
    if not product.change_proposed:
        raise ChangeMissing(_("No change of this product waits for a decision."))
