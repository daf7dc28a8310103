"""A seller's data: the file of the next revision, its dictionary, publishing and revoking."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.actions import dictionary, revisions
from exchange.catalog.actions.dictionary import TableCorrection
from exchange.catalog.models import Revision, RevisionTable
from exchange.catalog.queries.listings import subject_of
from exchange.core.refusals import NotFound
from exchange.flows.publish_listing import permitted
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.vault.files import file_of


@transaction.atomic
def attach_file(*, actor: Actor, product_id: str, file_id: str, now: datetime) -> Revision:
    """Make a file of the seller's own the next revision of the product."""
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    file = file_of(product.seller_id, file_id)
    return revisions.attach_file(product_id=product_id, file=file, by_id=actor.user_id, now=now)


@transaction.atomic
def discard_draft(*, actor: Actor, product_id: str, now: datetime) -> None:
    """Throw the draft of a revision away."""
    permitted(actor, Permission.OFFER_MAKE, product_id)
    revisions.discard_draft(product_id=product_id, now=now)


@transaction.atomic
def correct_dictionary(
    *, actor: Actor, product_id: str, corrections: tuple[TableCorrection, ...], now: datetime
) -> list[RevisionTable]:
    """Describe the columns of the draft and answer the findings of personal data."""
    permitted(actor, Permission.OFFER_MAKE, product_id)
    return dictionary.correct_dictionary(product_id=product_id, corrections=corrections, now=now)


@transaction.atomic
def publish_revision(*, actor: Actor, product_id: str, note: str = "", now: datetime) -> Revision:
    """Publish the next revision of a listed product. Raises GatesShut where the data is not fit."""
    permitted(actor, Permission.OFFER_MAKE, product_id)
    return revisions.publish_revision(product_id=product_id, note=note, actor=actor, now=now)


@transaction.atomic
def revoke_revision(*, actor: Actor, revision_id: str, reason: str, now: datetime) -> Revision:
    """Stop delivering a revision, with a reason that its buyers read."""
    found = Revision.objects.select_related("product").filter(public_id=revision_id).first()
    if found is None:
        raise NotFound(_("There is no such revision."))
    policy.require(actor, Permission.LISTING_END, subject_of(found.product))
    return revisions.revoke_revision(revision_id=revision_id, reason=reason, actor=actor, now=now)
