"""What a seller's standing does to its listings: hidden while it is suspended, back when that is lifted,
off the list when it leaves. Reactions to the steps of its admission.

A listing that the exchange suspended for a reason of its own stays so: the step names the kind of
reason, and only what was suspended for its seller's standing comes back with it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from exchange.catalog import listing
from exchange.catalog.lifecycle import AMENDABLE, LISTING, ListingState, ListingTransition
from exchange.catalog.listing import Said
from exchange.catalog.models import ListingStep, Product
from exchange.catalog.reasons import SELLER_LEFT, SELLER_SUSPENDED
from exchange.core.lifecycle import Change
from exchange.members.lifecycle import ADMISSION, AdmissionTransition
from exchange.members.models import Admission

X = ListingTransition


def declare() -> None:
    """Add the reactions. For `AppConfig.ready`."""
    ADMISSION.on(AdmissionTransition.SUSPEND, hide)
    ADMISSION.on(AdmissionTransition.RESTORE, show)
    ADMISSION.on(AdmissionTransition.EXIT, end)


def hide(admission: Admission, change: Change) -> None:
    """Suspend every listing of the seller."""
    said = Said(SELLER_SUSPENDED, _("Its seller is suspended at the exchange."))
    listed = Product.objects.filter(seller=admission.organisation, state=ListingState.LISTED)
    _each(listed.values_list("pk", flat=True), X.SUSPEND, said, change)


def show(admission: Admission, change: Change) -> None:
    """List again what was suspended for the seller's standing alone."""
    said = Said(SELLER_SUSPENDED, _("Its seller's suspension was lifted."))
    _each(hidden_of(admission.organisation_id), X.RESUME, said, change)


def end(admission: Admission, change: Change) -> None:
    """Take everything off the list: whoever bought keeps what was bought."""
    said = Said(SELLER_LEFT, _("Its seller left the exchange."))
    shown = Product.objects.filter(seller=admission.organisation, state__in=AMENDABLE)
    _each(shown.values_list("pk", flat=True), X.DELIST, said, change)


def hidden_of(seller_id: int) -> list[int]:
    """Keys of the listings that were suspended for their seller's standing and for nothing else."""
    steps = ListingStep.objects.filter(product=OuterRef("pk"), transition=X.SUSPEND)
    rows = Product.objects.filter(seller_id=seller_id, state=ListingState.SUSPENDED)
    why = Subquery(steps.order_by("-number").values("reason_code")[:1])
    return list(
        rows.annotate(why=why).filter(why=SELLER_SUSPENDED).order_by("pk").values_list("pk", flat=True)
    )  # fmt: skip


def _each(keys: Iterable[int], name: ListingTransition, said: Said, change: Change) -> None:
    """All are locked before any is moved, in one order: what follows a move locks the product's auctions, and who
    holds one of these does not wait for a product."""
    for product in [LISTING.lock_key(key) for key in sorted(keys)]:
        _move(product, name, said, change, now=change.at)


def _move(
    product: Product, name: ListingTransition, said: Said, change: Change, *, now: datetime
) -> None:
    if not LISTING.may(product, name):  # it was moved while we waited for it
        return
    if name is X.SUSPEND and product.state == ListingState.PAUSED:  # it is hidden already
        return
    listing.transition(
        product, name, actor=change.doer, said=said, now=now, notify=False, asks_gates=False
    )
