"""Revisions: from a file that was read to what buyers get."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.catalog import listing
from exchange.catalog.differences import revision_difference
from exchange.catalog.disclosure import without
from exchange.catalog.errors import (
    FileNotReady,
    LimitReached,
    ProductClosed,
    RevisionMissing,
    RevisionUnchanged,
)
from exchange.catalog.exposures import exposures_of
from exchange.catalog.facts import (
    draft_revision,
    last_published,
    listing_of,
    personal_keys,
    tables_of,
)
from exchange.catalog.gates import check_revision
from exchange.catalog.lifecycle import (
    AMENDABLE,
    LISTING,
    REVISION,
    ListingTransition,
    RevisionState,
    RevisionTransition,
)
from exchange.catalog.listing import begin_change, check_data_open, check_editable
from exchange.catalog.models import Product, Revision, RevisionTable
from exchange.catalog.models.revisions import NOTE_CHARS_MAX
from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.vault import answers
from exchange.vault.files import file_of
from exchange.vault.lifecycle import FileState

REVISIONS_MAX = 10_000


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def attach_file(product: Product, *, actor: Actor, file_id: str, now: datetime) -> Revision:
    """Make a file of the seller's own the product's next revision, in place of a draft that is there.

    The file may still be being read. What was answered of the file before is taken where this one asks the
    same. Raises ProductClosed, FileNotReady for a refused file and
    RevisionUnchanged when the last revision was made of it.
    """
    check_data_open(product)
    file = file_of(product.seller_id, file_id)
    if file.state == FileState.REFUSED:
        raise FileNotReady(file.refusal_text, file=file.public_id, refusal=file.refusal_code)
    last = last_published(product)
    if last is not None and last.file_id == file.pk:
        raise RevisionUnchanged(
            _("This is the file of revision %(number)d. Upload the changed data.")
            % {"number": last.number},
            revision=last.public_id,
        )
    number = 1 if last is None else last.number + 1
    if number > REVISIONS_MAX:
        raise LimitReached(
            _("A product has at most %(limit)d revisions.") % {"limit": REVISIONS_MAX},
            limit=REVISIONS_MAX,
        )
    draft = draft_revision(product)
    known = answers.carried(None if last is None else last.file, file)
    known = known.with_all(answers.carried(None if draft is None else draft.file, file))
    _drop_draft(product)
    answers.carry(file, known, actor=actor, now=now)
    product.synthetic = product.synthetic or file.synthetic
    product.updated_at = now
    product.save(update_fields=["synthetic", "updated_at"])
    return Revision.objects.create(
        product=product, number=number, file=file, created_by_id=actor.user_id, created_at=now
    )


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def publish_revision(product: Product, *, actor: Actor, note: str = "", now: datetime) -> Revision:
    """Publish the draft of a listed product: buyers whose access covers it get it at once. One that
    shows what the exchange has not looked at (`exposures`) is submitted instead and stays a draft
    until its change is accepted. Raises GatesShut where the data is not fit."""
    if product.state not in AMENDABLE:
        raise ProductClosed(
            _("The first revision is published with the listing, when it is approved."),
            state=product.state,
            accepted=sorted(one.value for one in AMENDABLE),
        )
    check_data_open(product)
    check_revision(listing_of(product, at=now))
    draft = draft_revision(product)
    if draft is not None and exposures_of(product, draft):
        return _submit(product, draft, note=note, actor=actor, now=now)
    published = publish_draft(product, note=note, actor=actor, now=now)
    if published is None:
        raise RevisionMissing(_("There is no draft of a revision to publish."))
    return published


def _submit(
    product: Product, draft: Revision, *, note: str, actor: Doer, now: datetime
) -> Revision:
    """Have the exchange look at the draft, with all else of the listing that was changed."""
    check_editable(product)
    keep_tables(draft)
    draft.submitted_at, draft.note = now, note.strip()[:NOTE_CHARS_MAX]
    draft.save(update_fields=["submitted_at", "note"])
    begin_change(product)
    product.change_proposed = True
    listing.transition(product, ListingTransition.PROPOSE_CHANGE, actor=actor, now=now)
    return draft


def publish_draft(
    product: Product, *, actor: Doer, now: datetime, note: str = ""
) -> Revision | None:
    """Publish the draft of a locked product, with its difference to the last revision."""
    revision = draft_revision(product)
    if revision is None:
        return None
    tables = keep_tables(revision)
    before = tables_of(last_published(product))
    personal = personal_keys([*before, *tables], list(product.flags.all()))
    revision.published_at = now
    revision.note = note.strip()[:NOTE_CHARS_MAX] or revision.note
    revision.difference = revision_difference(
        [without(row.document, personal) for row in before],
        [without(row.document, personal) for row in tables],
    )
    revision.product = product
    product.updated_at = now
    product.save(update_fields=["updated_at"])
    published = ("published_at", "note", "difference")
    return REVISION.transition(
        revision, RevisionTransition.PUBLISH, actor=actor, now=now, save=published
    )


def _lock_product(revision: Revision | str) -> None:
    """Lock what the revision is of before it, as those do who attach or publish one."""
    name = revision if isinstance(revision, str) else revision.public_id
    for key in Revision.objects.filter(public_id=name).values_list("product_id", flat=True):
        LISTING.lock_key(key)


@use_case(Permission.LISTING_END, locks=REVISION, before=_lock_product)
def revoke_revision(revision: Revision, *, actor: Actor, reason: str, now: datetime) -> Revision:
    """Stop delivering a revision, with a reason that its buyers read. Whoever has it keeps it; nobody
    gets it any more."""
    REVISION.check(revision, RevisionTransition.REVOKE)
    revision.revoked_at, revision.revoked_reason = now, reason.strip()
    return REVISION.transition(
        revision,
        RevisionTransition.REVOKE,
        actor=actor,
        now=now,
        reason=reason,
        save=("revoked_at", "revoked_reason"),
    )


def keep_tables(revision: Revision) -> list[RevisionTable]:
    """The tables of a draft, saved now if they were only those of its file so far.

    Raises FileNotReady while the file is being read.
    """
    rows = tables_of(revision)
    if not rows and revision.file is not None:
        raise FileNotReady(
            _("The file is still being read. Please wait until it is ready."),
            file=revision.file.public_id,
            state=revision.file.state,
        )
    if not revision.tables.exists():
        RevisionTable.objects.bulk_create(rows)
    return rows


def _drop_draft(product: Product) -> None:
    product.revisions.filter(state=RevisionState.DRAFT).delete()
