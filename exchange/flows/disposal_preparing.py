"""A state-asset sale until it is announced: planned, decided, valued, filed; and given up."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import OrganisationKind
from exchange.catalog.models import Product
from exchange.catalog.states import DealNature, ListingState
from exchange.core.ids import new_id
from exchange.core.refusals import NotFound
from exchange.disposals.actions import preparing
from exchange.disposals.actions.preparing import Upload, ValuationWish
from exchange.disposals.actions.steps import check_source, check_text, locked, take_step
from exchange.disposals.errors import DisposalExists, DisposalRefused, PathNotNeeded
from exchange.disposals.models import Conflict, Disposal
from exchange.disposals.models.disposals import ENDED, NUMBER_CHARS_MAX
from exchange.disposals.queries import limits
from exchange.disposals.queries.disposals import disposal_seen_by, subject_of
from exchange.disposals.states import Move, Paper
from exchange.flows import disposal_recording as recording
from exchange.flows.admission import person_of
from exchange.members import policy
from exchange.members.policy import Act, Actor, Subject


@transaction.atomic
def plan(*, actor: Actor, product_id: str, nature: DealNature, now: datetime) -> Disposal:
    """As a state-owned seller, plan to transfer or contribute a listed product.

    Raises NotFound, NotAllowed, PathNotNeeded, DisposalExists, DisposalRefused.
    """
    product = (
        Product.objects.select_for_update(of=("self",), no_key=True)
        .select_related("seller")
        .filter(public_id=product_id)
        .first()
    )
    if product is None:
        raise NotFound(_("There is no such product."))
    policy.permit(actor, Act.DISPOSAL_PREPARE, Subject(organisation_id=product.seller_id))
    if product.seller.kind != OrganisationKind.STATE_OWNED or product.state != ListingState.LISTED:
        raise PathNotNeeded(_("Only a listed product of a state-owned enterprise takes this path."))
    if nature not in {DealNature.TRANSFER, DealNature.CONTRIBUTION}:
        raise DisposalRefused(
            _("A licence is sold in the shop; this path is for transfers and contributions."),
            field="nature",
            accepted=[DealNature.TRANSFER.value, DealNature.CONTRIBUTION.value],
        )
    known = Disposal.objects.filter(product=product).exclude(state__in=ENDED).first()
    if known is not None:
        raise DisposalExists(
            _("There is a sale of this product already."), disposal=known.public_id
        )
    planned = Disposal(
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
def declare_conflict(*, actor: Actor, disposal_id: str, words: str, now: datetime) -> Conflict:
    """Declare one's own conflict of interest: one then decides on nothing of this sale."""
    disposal = disposal_seen_by(actor, disposal_id)
    kept = preparing.declare_conflict(
        disposal=disposal, user_id=person_of(actor), words=words, now=now
    )
    return recording.record_conflict(kept, actor=actor.name) if kept.at == now else kept


@transaction.atomic
def decide(
    *, actor: Actor, disposal_id: str, minutes: Upload, reason: str, now: datetime
) -> Disposal:
    """As the seller's committee, decide on the sale; the minutes are kept."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_DECIDE)
    check_source(disposal, Move.DECIDE)
    return _with_paper(disposal, Move.DECIDE, Paper.MINUTES, minutes, actor, now, reason=reason)


@transaction.atomic
def value(
    *, actor: Actor, disposal_id: str, wish: ValuationWish, report: Upload, now: datetime
) -> Disposal:
    """Hand in the appraisal, or the memo on the firms that were asked where none can be made."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_PREPARE)
    check_source(disposal, Move.VALUE)
    document = preparing.keep_document(
        disposal=disposal,
        kind=Paper.MEMO if wish.is_memo else Paper.VALUATION,
        upload=report,
        by_id=person_of(actor),
        now=now,
    )
    recording.record_document(document, actor=actor.name)
    kept, rules = preparing.keep_valuation(disposal=disposal, wish=wish, document=document, now=now)
    # A new valuation begins the path of announcements anew.
    disposal.first_announced_at = None
    step = take_step(
        disposal=disposal,
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
    *, actor: Actor, disposal_id: str, filing_no: str, proof: Upload, now: datetime
) -> Disposal:
    """Hand in the proof that the valuation was approved or filed."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_PREPARE)
    check_source(disposal, Move.FILE)
    disposal.filing_no = check_text(filing_no, "filing_no", limit=NUMBER_CHARS_MAX)
    return _with_paper(disposal, Move.FILE, Paper.FILING, proof, actor, now, due_at=disposal.due_at)


@transaction.atomic
def cancel(*, actor: Actor, disposal_id: str, reason: str, now: datetime) -> Disposal:
    """Give the sale up while nobody is bound."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_PREPARE)
    return _step(disposal, Move.CANCEL, actor, now, reason=reason)


def _permitted(actor: Actor, disposal_id: str, act: Act) -> Disposal:
    """The locked disposal, which the actor may do this to."""
    disposal_seen_by(actor, disposal_id)
    disposal = locked(disposal_id)
    policy.permit(actor, act, subject_of(disposal))
    return disposal


def _with_paper(
    disposal: Disposal,
    move: Move,
    kind: Paper,
    upload: Upload,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    due_at: datetime | None = None,
) -> Disposal:
    document = preparing.keep_document(
        disposal=disposal, kind=kind, upload=upload, by_id=person_of(actor), now=now
    )
    recording.record_document(document, actor=actor.name)
    facts = {"sha256": document.sha256}
    return _step(disposal, move, actor, now, reason=reason, facts=facts, due_at=due_at)


def _step(
    disposal: Disposal,
    move: Move,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    facts: dict[str, object] | dict[str, str] | None = None,
    due_at: datetime | None = None,
) -> Disposal:
    step = take_step(
        disposal=disposal, move=move, actor=actor.name, by_id=person_of(actor), now=now,
        reason=reason, facts=facts, due_at=due_at,
    )  # fmt: skip
    return recording.record_step(step)
