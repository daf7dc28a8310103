"""What follows from a step in the catalogue: the search index, notices, and what the log says and must
have. Who permissions are asked about."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.catalog import questions, sellers, sharing
from exchange.catalog.lifecycle import (
    DEMAND,
    FLAG,
    LISTING,
    OFFER,
    REVISION,
    SHARING,
    ListingTransition,
    SharingTransition,
    Turn,
)
from exchange.catalog.models import (
    ColumnFlag,
    ListingStep,
    Offer,
    Product,
    Question,
    Revision,
    Sharing,
)
from exchange.catalog.queries import subject_of
from exchange.catalog.search.indexing import follow
from exchange.core.lifecycle import Change
from exchange.members.actors import Subject
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import Party, notify_operators


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    LISTING.concerns = subject_of
    REVISION.concerns = lambda revision: subject_of(revision.product)
    FLAG.concerns = lambda flag: subject_of(flag.product)
    SHARING.concerns = sharing.subject_of
    DEMAND.concerns = lambda demand: Subject(organisation_id=demand.organisation_id)
    LISTING.on(ListingTransition, lambda product, _change: follow(product))
    LISTING.on((ListingTransition.SUBMIT, ListingTransition.PROPOSE_CHANGE), _tell_operators)
    REVISION.on(REVISION.transitions, lambda revision, _change: follow(revision.product))
    OFFER.on(OFFER.transitions, lambda offer, _change: follow(offer.product))
    notify.declare(
        LISTING,
        parties={Turn.SELLER: Party("seller_id", (Role.DATA_OWNER, Role.DATA_OPERATOR))},
        facts=_facts_of_notice,
    )
    notify.declare(
        FLAG,
        parties={Turn.SELLER: Party("seller_id", (Role.DATA_OWNER, Role.DATA_OPERATOR))},
        facts=lambda flag: {**_facts_of_notice(flag.product), "column": flag.column},
        shown_at=lambda flag: flag.product.public_id,
    )
    notify.declare(
        SHARING,
        parties={Turn.SELLER: Party("seller_id", (Role.FINANCE, Role.DATA_OWNER))},
        facts=lambda row: _facts_of_notice(row.product),
        shown_at=lambda row: row.product.public_id,
    )
    LISTING.record_facts = _facts_of_listing
    REVISION.record_facts = _facts_of_revision
    OFFER.record_facts = _facts_of_offer
    FLAG.record_facts = lambda flag, _change: {
        "product": flag.product.public_id,
        "party": flag.party,
    }
    SHARING.record_facts = _facts_of_sharing
    DEMAND.record_facts = lambda demand, _change: {
        "organisation": demand.organisation.public_id,
        "state": str(demand.state),
    }
    sellers.declare()
    questions.declare()
    _declare_rows()
    _declare_records()


def _declare_records() -> None:
    """Say what of this room must be in the log."""
    for name, kind, rows, event in (
        ("steps", "listing_step", ListingStep.objects.all(), LISTING.events),
        (
            "revisions", "revision", Revision.objects.exclude(state=REVISION.start),
            "catalog.revision.published",
        ),
        ("offers", "offer", Offer.objects.all(), ("catalog.offer.made", "catalog.offer.proposed")),
        ("flags", "column_flag", ColumnFlag.objects.all(), "catalog.column.flagged"),
        ("questions", "question", Question.objects.all(), "catalog.question.asked"),
        ("sharings", "sharing", Sharing.objects.all(), "catalog.sharing.proposed"),
    ):  # fmt: skip
        require_record(name=f"catalog.{name}", rows=subjects(kind, rows), event=event)


def _declare_rows() -> None:
    """Say where the subjects of this room's records stand, and what they repeat."""
    of_product = "JOIN catalog_product AS product ON product.id = row.product_id"
    agreement.rows_of("product", "catalog_product AS row", is_recorded=False)
    agreement.rows_of(
        "column_flag",
        f"catalog_columnflag AS row {of_product}",
        facts={"product": "product.public_id"},
    )
    agreement.rows_of(
        "question",
        f"catalog_question AS row {of_product}"
        " JOIN accounts_organisation AS o ON o.id = row.organisation_id",
        facts={"product": "product.public_id", "organisation": "o.public_id"},
    )
    agreement.rows_of(
        "sharing",
        f"catalog_sharing AS row {of_product}",
        facts={"product": "product.public_id", "number": "row.number"},
    )
    agreement.rows_of(
        "revision",
        f"catalog_revision AS row {of_product}",
        facts={"product": "product.public_id", "number": "row.number"},
        is_recorded=False,  # a draft has no record yet
    )
    agreement.rows_of(
        "offer",
        f"catalog_offer AS row {of_product}",
        facts={
            "product": "product.public_id",
            "currency": "row.currency",
            "kind": "row.kind",
            "period": "row.period",
            "plan": "row.plan_digest",
            "price_minor": "row.price_minor::text",
        },
        gone_after=("catalog.offer.withdrawn",),
    )
    agreement.rows_of(
        "demand",
        "catalog_demand AS row JOIN accounts_organisation AS o ON o.id = row.organisation_id",
        facts={"organisation": "o.public_id"},
    )


def _facts_of_notice(product: Product) -> Mapping[str, object]:
    return {"product": product if product.title else product.public_id}


def _tell_operators(product: Product, change: Change) -> None:
    """Tell the exchange's operators that something waits for their review: of the first of a day only,
    since sellers submit by the hundred."""
    kind = LISTING.transitions[change.transition].event
    notify_operators(
        kind=kind,
        facts={**_facts_of_notice(product), "seller": product.seller.name},
        url=notify.path("review", ""),
        dedupe=f"{kind}:{timezone.localtime(change.at).date()}",
        now=change.at,
    )


def _facts_of_listing(product: Product, change: Change) -> Mapping[str, Any]:
    begins = change.transition == ListingTransition.DRAFT
    return {"seller": product.seller.public_id} if begins else {}


def _facts_of_revision(revision: Revision, _change: Change) -> Mapping[str, Any]:
    """The content that a revision names."""
    return {
        "product": revision.product.public_id,
        "number": revision.number,
        "tables": [
            row.table.parquet.sha256
            for row in revision.tables.select_related("table__parquet").order_by("position")
        ],
    }


def _facts_of_offer(offer: Offer, _change: Change) -> Mapping[str, Any]:
    """What is offered at which price, with the digest of its plan."""
    return {
        "product": offer.product.public_id,
        "kind": offer.kind,
        "price_minor": str(offer.price_minor),
        "currency": offer.currency,
        "period": offer.period,
        "plan": offer.plan_digest,
    }


def _facts_of_sharing(row: Sharing, change: Change) -> Mapping[str, Any]:
    """Which version of which product's shares; with the one that took effect, the hash of who gets what."""
    takes_effect = change.transition == SharingTransition.TAKE_EFFECT
    said = {"shares": sharing.digest(row)} if takes_effect else {}
    return {"product": row.product.public_id, "number": row.number, **said}
