"""Revisions: from a file that was read to what buyers get."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.actions.indexing import follow
from exchange.catalog.actions.listing import locked_product
from exchange.catalog.differences import revision_difference
from exchange.catalog.errors import (
    FileNotReady,
    LimitReached,
    ProductClosed,
    RevisionMissing,
    RevisionUnchanged,
)
from exchange.catalog.gates import check_revision
from exchange.catalog.lifecycle import (
    AMENDABLE,
    EDITABLE,
    REVISION,
    ListingState,
    RevisionState,
    RevisionTransition,
)
from exchange.catalog.models import Product, Revision, RevisionTable
from exchange.catalog.models.revisions import NOTE_CHARS_MAX
from exchange.catalog.queries.listings import (
    draft_revision,
    last_published,
    listing_of,
    tables_of,
)
from exchange.core.lifecycle import Change, Doer
from exchange.core.refusals import NotFound
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile

REVISIONS_MAX = 10_000


@transaction.atomic
def attach_file(*, product_id: str, file: DataFile, by_id: int | None, now: datetime) -> Revision:
    """Make the file the product's next revision, in place of a draft that is there.

    The file may still be being read. Raises ProductClosed, FileNotReady for a refused file and
    RevisionUnchanged when the last revision was made of it.
    """
    product = locked_product(product_id)
    check_open(product)
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
    _drop_draft(product)
    product.synthetic = product.synthetic or file.synthetic
    product.updated_at = now
    product.save(update_fields=["synthetic", "updated_at"])
    return Revision.objects.create(
        product=product, number=number, file=file, created_by_id=by_id, created_at=now
    )


@transaction.atomic
def discard_draft(*, product_id: str, now: datetime) -> None:
    """Throw the draft of a revision away."""
    product = locked_product(product_id)
    check_open(product)
    if draft_revision(product) is None:
        raise RevisionMissing(_("There is no draft of a revision."))
    _drop_draft(product)
    product.updated_at = now
    product.save(update_fields=["updated_at"])


@transaction.atomic
def publish_revision(*, product_id: str, note: str, actor: Doer, now: datetime) -> Revision:
    """Publish the draft of a listed product: buyers whose access covers it get it at once."""
    product = locked_product(product_id)
    if product.state not in AMENDABLE:
        raise ProductClosed(
            _("The first revision is published with the listing, when it is approved."),
            state=product.state,
            accepted=sorted(one.value for one in AMENDABLE),
        )
    check_revision(listing_of(product, at=now))
    published = publish_draft(product=product, note=note, actor=actor, now=now)
    if published is None:
        raise RevisionMissing(_("There is no draft of a revision to publish."))
    return published


def publish_draft(
    *, product: Product, actor: Doer, now: datetime, note: str = ""
) -> Revision | None:
    """Publish the draft of a locked product, with its difference to the last revision."""
    revision = draft_revision(product)
    if revision is None:
        return None
    tables = keep_tables(revision)
    before = tables_of(last_published(product))
    revision.published_at = now
    revision.note = note.strip()[:NOTE_CHARS_MAX]
    revision.difference = revision_difference(
        [row.document for row in before], [row.document for row in tables]
    )
    revision.product = product
    product.updated_at = now
    product.save(update_fields=["updated_at"])
    published = ("published_at", "note", "difference")
    return REVISION.transition(
        revision, RevisionTransition.PUBLISH, actor=actor, now=now, save=published
    )


@transaction.atomic
def revoke_revision(*, revision_id: str, reason: str, actor: Doer, now: datetime) -> Revision:
    """Stop delivering a revision. Whoever has it keeps it; nobody gets it any more."""
    found = Revision.objects.filter(public_id=revision_id).select_related("product").first()
    if found is None:
        raise NotFound(_("There is no such revision."))
    product = locked_product(found.product.public_id)
    revision = REVISION.lock_key(found.pk)
    REVISION.check(revision, RevisionTransition.REVOKE)
    revision.product, revision.revoked_at, revision.revoked_reason = product, now, reason.strip()
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


def check_open(product: Product) -> None:
    """Raise ProductClosed where the data cannot be changed: while the exchange looks at it."""
    state = ListingState(product.state)
    if state not in EDITABLE | AMENDABLE:
        raise ProductClosed(
            _("In the state “%(state)s” the product cannot be changed.") % {"state": state.label},
            state=state.value,
            accepted=sorted(one.value for one in EDITABLE | AMENDABLE),
        )


def _drop_draft(product: Product) -> None:
    product.revisions.filter(state=RevisionState.DRAFT).delete()


def _facts(revision: Revision, _change: Change) -> dict[str, object]:
    """What the log keeps of a revision: the content that it names."""
    return {
        "product": revision.product.public_id,
        "number": revision.number,
        "tables": [
            row.table.parquet.sha256
            for row in revision.tables.select_related("table__parquet").order_by("position")
        ],
    }


REVISION.record_facts = _facts
REVISION.on(
    (RevisionTransition.PUBLISH, RevisionTransition.REVOKE),
    lambda revision, _change: follow(revision.product),
)
