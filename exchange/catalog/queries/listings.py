"""Listings as reviews, gates and sellers' pages read them."""

import copy
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.catalog.columns import inherited
from exchange.catalog.details import FIELDS
from exchange.catalog.facts import Listing, TableFacts
from exchange.catalog.lifecycle import (
    ListingState,
    Move,
    OfferState,
    RevisionState,
    Term,
)
from exchange.catalog.models import ListingStep, Offer, Product, Revision, RevisionTable
from exchange.catalog.queries.products import open_offers
from exchange.core.queries import calendar
from exchange.core.queries.rules import rule
from exchange.core.refusals import NotFound
from exchange.members.actors import Actor, Subject
from exchange.vault.lifecycle import FileState

QUALITY_MIN = "list.quality_score"
_APPROVING = (Move.APPROVE, Move.ACCEPT_CHANGE)


def product_named(public_id: str) -> Product:
    """The product of an address with its seller. Raises NotFound."""
    found = Product.objects.select_related("seller").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such product."))
    return found


def subject_of(product: Product, *, made_by: frozenset[int] = frozenset()) -> Subject:
    """What policy needs to know of a product."""
    return Subject(organisation_id=product.seller_id, made_by=made_by)


def products_of(actor: Actor) -> QuerySet[Product]:
    """The products of the organisation acted for: what waits for the seller first."""
    return (
        Product.objects.filter(seller_id=actor.organisation_id)
        .exclude(state=ListingState.ARCHIVED)
        .order_by("-id")
    )


def draft_revision(product: Product) -> Revision | None:
    """The revision that is being prepared."""
    rows = product.revisions.filter(state=RevisionState.DRAFT).select_related("file")
    return rows.first()


def newest_revision(product: Product) -> Revision | None:
    """The newest revision that buyers get."""
    rows = product.revisions.filter(state=RevisionState.PUBLISHED).select_related("file")
    return rows.order_by("-number").first()


def last_published(product: Product) -> Revision | None:
    """The last revision that was published, revoked or not: what the next one is compared with."""
    rows = product.revisions.exclude(state=RevisionState.DRAFT)
    return rows.order_by("-number").first()


def tables_of(revision: Revision | None) -> list[RevisionTable]:
    """The tables of a revision. While a draft was never corrected they are those of its file as read,
    described as in the revision before, and not saved.
    """
    if revision is None:
        return []
    saved = list(revision.tables.select_related("table").order_by("position"))
    if saved or revision.state != RevisionState.DRAFT or revision.file is None:
        return saved
    if revision.file.state != FileState.READY:
        return []
    last = last_published(revision.product)
    known = [] if last is None else list(last.tables.order_by("position"))
    return [
        RevisionTable(
            revision=revision,
            table=table,
            position=table.position,
            **inherited(table.document, [(row.document, row.decisions) for row in known]),
        )
        for table in revision.file.tables.order_by("position")
    ]


def amended(product: Product) -> Product:
    """The product as its seller wants it: with the changes that are not accepted yet."""
    wanted = copy.copy(product)
    for field, value in (product.amendment or {}).items():
        setattr(wanted, field, value)
    return wanted


def listing_of(product: Product, *, at: datetime, with_changes: bool = False) -> Listing:
    """Everything of a listing. `with_changes` applies what the seller wants changed."""
    seen = amended(product) if with_changes else product
    revision = draft_revision(product) or newest_revision(product)
    return Listing(
        product=seen,
        revision=revision,
        tables=[
            TableFacts(position=row.position, document=row.document, decisions=row.decisions)
            for row in tables_of(revision)
        ],
        offers=open_offers(product, at=at),
        quality_min=rule(key=QUALITY_MIN, at=at).as_decimal(),
        part_states=_part_states(seen),
    )


def offers_of(product: Product) -> list[Offer]:
    """The offers that stand for everybody, in their order."""
    return list(
        product.offers.filter(state=OfferState.ACTIVE, reserved_for=None).order_by("number")
    )


def details_of(product: Product) -> dict[str, Any]:
    """The fields in which the product is described, by value."""
    return {field: copy.deepcopy(getattr(product, field)) for field in FIELDS}


def snapshot_of(listing: Listing) -> dict[str, Any]:
    """The listing as it is approved: details, tables and offers, to compare the next with."""
    return {
        "details": details_of(listing.product),
        "tables": {
            str(table.document["name"]): {
                "rows": table.document["rows"],
                "score": None if table.score is None else str(table.score),
                "columns": {
                    column["name"]: [
                        column["type"],
                        column.get("unit") or "",
                        column.get("description") or "",
                    ]
                    for column in table.document["columns"]
                },
            }
            for table in listing.tables
        },
        "offers": {
            offer.public_id: {
                "name": offer.name,
                "kind": offer.kind,
                "price": f"{offer.price_minor} {offer.currency}",
                "period": offer.period,
            }
            for offer in listing.offers
        },
    }


def approved_snapshot(product: Product) -> Mapping[str, Any] | None:
    """The listing as it was approved last; None where it never was."""
    steps = product.steps.filter(move__in=_APPROVING, snapshot__isnull=False)
    found = steps.order_by("-number").values_list("snapshot", flat=True).first()
    return found if isinstance(found, Mapping) else None


def voucher_of(product: Product) -> ListingStep | None:
    """The first operator's approval that waits for the second one's, if there is one."""
    begun = product.steps.filter(move__in=[Move.SUBMIT, Move.PROPOSE_CHANGE]).order_by("-number")
    since = begun.values_list("number", flat=True).first() or 0
    vouched = product.steps.filter(move=Move.VOUCH, number__gt=since)
    return vouched.select_related("by").order_by("-number").first()


def steps_of(product: Product) -> list[ListingStep]:
    """What happened to the listing, the newest first."""
    return list(product.steps.select_related("by", "approved_by").order_by("-number"))


def review_queue() -> QuerySet[Product]:
    """What waits for the exchange, the most urgent first."""
    return (
        Product.objects.filter(turn="operator")
        .select_related("seller")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def deadline(*, term: Term, now: datetime) -> datetime:
    """The first moment that is too late: working days of the rule pack, the day of `now` aside."""
    days = rule(key=term.value, at=now).as_int()
    today = timezone.localtime(now).date()
    last = calendar.add_working_days(today, days, counting_start=False).day
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))


def _part_states(product: Product) -> dict[str, str]:
    named = [part["product"] for part in product.parts if part.get("kind") == "product"]
    if not named:
        return {}
    own = Product.objects.filter(seller_id=product.seller_id, public_id__in=named)
    return dict(own.exclude(pk=product.pk).values_list("public_id", "state"))
