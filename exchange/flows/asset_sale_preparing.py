"""A state-asset sale until it is announced: planned, decided, valued, filed; and given up."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.asset_sales.actions import preparing
from exchange.asset_sales.actions.preparing import Upload, ValuationWish
from exchange.asset_sales.actions.steps import check_source, check_text, locked, take_step
from exchange.asset_sales.errors import AssetSaleExists, AssetSaleRefused
from exchange.asset_sales.models import AssetSale, Conflict
from exchange.asset_sales.models.asset_sales import ENDED, NUMBER_CHARS_MAX
from exchange.asset_sales.queries import limits
from exchange.asset_sales.queries.asset_sales import asset_sale_seen_by, subject_of
from exchange.asset_sales.states import DocumentKind, Move
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.models import Product
from exchange.catalog.state_assets import check_takes_path
from exchange.core.ids import new_id
from exchange.core.refusals import NotFound
from exchange.flows import asset_sale_recording as recording
from exchange.members import policy
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.permissions import Permission


@transaction.atomic
def plan(*, actor: Actor, product_id: str, nature: DealNature, now: datetime) -> AssetSale:
    """As a state-owned seller, plan to transfer or contribute a listed product.

    Raises NotFound, NotAllowed, PathNotNeeded, AssetSaleExists, AssetSaleRefused,
    TrustedSpaceNotOpen.
    """
    product = (
        Product.objects.select_for_update(of=("self",), no_key=True)
        .select_related("seller")
        .filter(public_id=product_id)
        .first()
    )
    if product is None:
        raise NotFound(_("There is no such product."))
    policy.require(actor, Permission.ASSET_SALE_PREPARE, Subject(organisation_id=product.seller_id))
    check_takes_path(product)
    if nature not in {DealNature.TRANSFER, DealNature.CONTRIBUTION}:
        raise AssetSaleRefused(
            _("A licence is sold in the shop; this path is for transfers and contributions."),
            field="nature",
            accepted=[DealNature.TRANSFER.value, DealNature.CONTRIBUTION.value],
        )
    disclosure.check_orderable(product)
    known = AssetSale.objects.filter(product=product).exclude(state__in=ENDED).first()
    if known is not None:
        raise AssetSaleExists(
            _("There is a sale of this product already."), asset_sale=known.public_id
        )
    planned = AssetSale(
        public_id=new_id("dsp"),
        seller=product.seller,
        product=product,
        prepared_by_id=person_of(actor),
        deal_nature=nature,
        currency="CNY",
        created_at=now,
    )
    return _step(planned, Move.PLAN, actor, now, facts={"nature": nature.value})


@transaction.atomic
def declare_conflict(*, actor: Actor, asset_sale_id: str, words: str, now: datetime) -> Conflict:
    """Declare one's own conflict of interest: one then decides on nothing of this sale."""
    asset_sale = asset_sale_seen_by(actor, asset_sale_id)
    kept = preparing.declare_conflict(
        asset_sale=asset_sale, user_id=person_of(actor), words=words, now=now
    )
    return recording.record_conflict(kept, actor=actor.name) if kept.at == now else kept


@transaction.atomic
def decide(
    *, actor: Actor, asset_sale_id: str, minutes: Upload, reason: str, now: datetime
) -> AssetSale:
    """As the seller's committee, decide on the sale; the minutes are kept."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_DECIDE)
    check_source(asset_sale, Move.DECIDE)
    return _with_document(
        asset_sale, Move.DECIDE, DocumentKind.MINUTES, minutes, actor, now, reason=reason
    )


@transaction.atomic
def value(
    *, actor: Actor, asset_sale_id: str, wish: ValuationWish, report: Upload, now: datetime
) -> AssetSale:
    """Hand in the appraisal, or the memo on the firms that were asked where none can be made."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_PREPARE)
    check_source(asset_sale, Move.VALUE)
    document = preparing.keep_document(
        asset_sale=asset_sale,
        kind=DocumentKind.MEMO if wish.is_memo else DocumentKind.VALUATION,
        upload=report,
        by_id=person_of(actor),
        now=now,
    )
    recording.record_document(document, actor=actor.name)
    kept, rules = preparing.keep_valuation(
        asset_sale=asset_sale, wish=wish, document=document, now=now
    )
    # A new valuation begins the path of announcements anew.
    asset_sale.first_announced_at = None
    step = take_step(
        asset_sale=asset_sale,
        move=Move.VALUE,
        actor=actor.name,
        by_id=person_of(actor),
        now=now,
        rules=rules,
        facts={"valuation": kept.number, "sha256": document.sha256},
        due_at=limits.midnight(kept.valid_until),
    )
    return recording.record_step(step)


@transaction.atomic
def file(
    *, actor: Actor, asset_sale_id: str, filing_no: str, proof: Upload, now: datetime
) -> AssetSale:
    """Hand in the proof that the valuation was approved or filed."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_PREPARE)
    check_source(asset_sale, Move.FILE)
    asset_sale.filing_no = check_text(filing_no, "filing_no", limit=NUMBER_CHARS_MAX)
    return _with_document(
        asset_sale, Move.FILE, DocumentKind.FILING, proof, actor, now, due_at=asset_sale.due_at
    )


@transaction.atomic
def cancel(*, actor: Actor, asset_sale_id: str, reason: str, now: datetime) -> AssetSale:
    """Give the sale up while nobody is bound."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_PREPARE)
    return _step(asset_sale, Move.CANCEL, actor, now, reason=reason)


def _permitted(actor: Actor, asset_sale_id: str, permission: Permission) -> AssetSale:
    """The locked asset sale, which the actor may do this to."""
    asset_sale_seen_by(actor, asset_sale_id)
    asset_sale = locked(asset_sale_id)
    policy.require(actor, permission, subject_of(asset_sale))
    return asset_sale


def _with_document(
    asset_sale: AssetSale,
    move: Move,
    kind: DocumentKind,
    upload: Upload,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    due_at: datetime | None = None,
) -> AssetSale:
    document = preparing.keep_document(
        asset_sale=asset_sale, kind=kind, upload=upload, by_id=person_of(actor), now=now
    )
    recording.record_document(document, actor=actor.name)
    facts = {"sha256": document.sha256}
    return _step(asset_sale, move, actor, now, reason=reason, facts=facts, due_at=due_at)


def _step(
    asset_sale: AssetSale,
    move: Move,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    facts: dict[str, object] | dict[str, str] | None = None,
    due_at: datetime | None = None,
) -> AssetSale:
    step = take_step(
        asset_sale=asset_sale, move=move, actor=actor.name, by_id=person_of(actor), now=now,
        reason=reason, facts=facts, due_at=due_at,
    )  # fmt: skip
    return recording.record_step(step)
