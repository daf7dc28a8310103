"""Rounds of a state-asset sale: announced, extended, lowered with consent, suspended and resumed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.asset_sales.actions import announcing, preparing
from exchange.asset_sales.actions.announcing import RoundWish
from exchange.asset_sales.actions.preparing import Upload
from exchange.asset_sales.actions.steps import check_source, locked, take_step
from exchange.asset_sales.errors import ValuationRunOut
from exchange.asset_sales.models import Announcement, AssetSale
from exchange.asset_sales.queries import limits
from exchange.asset_sales.queries.asset_sales import (
    asset_sale_seen_by,
    round_of,
    subject_of,
    valuation_of,
)
from exchange.asset_sales.states import AssetSaleState, DocumentKind, Move, Round
from exchange.catalog import disclosure
from exchange.core.queries import calendar
from exchange.flows import asset_sale_recording as recording
from exchange.members import policy
from exchange.members.actors import Actor, person_of
from exchange.members.permissions import Permission

MOVES = {Round.FIRST: Move.ANNOUNCE, Round.EXTENDED: Move.EXTEND, Round.LOWERED: Move.LOWER}


@transaction.atomic
def announce(*, actor: Actor, asset_sale_id: str, wish: RoundWish, now: datetime) -> Announcement:
    """As the seller, announce the next round. What kind it is follows from where the sale stands and
    from the floor.

    Raises IllegalMove, ValuationRunOut, FloorTooLow, ConsentNeeded, DepositTooHigh, NoticeTooShort,
    AssetSaleRefused.
    """
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_PREPARE)
    disclosure.check_orderable(asset_sale.product)
    kind = _kind(asset_sale, wish)
    check_source(asset_sale, MOVES[kind])
    made, rules = announcing.open_round(asset_sale=asset_sale, kind=kind, wish=wish, now=now)
    facts = {
        "announcement": made.public_id,
        "floor_minor": str(made.floor_minor),
        "deposit_minor": str(made.deposit_minor),
        "days": made.days,
        "ends_at": made.ends_at.isoformat(),
    }
    step = take_step(
        asset_sale=asset_sale, move=MOVES[kind], actor=actor.name, by_id=person_of(actor), now=now,
        rules=rules, facts=facts, due_at=made.ends_at,
    )  # fmt: skip
    recording.record_step(step)
    return made


@transaction.atomic
def consent(
    *, actor: Actor, asset_sale_id: str, floor_minor: int, proof: Upload, now: datetime
) -> AssetSale:
    """As the committee, hand in the approver's consent to floors down to `floor_minor`."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_DECIDE)
    check_source(asset_sale, Move.CONSENT)
    valuation = valuation_of(asset_sale)
    if valuation is None:
        raise ValuationRunOut(_("There is no valuation yet."))
    document = preparing.keep_document(
        asset_sale=asset_sale,
        kind=DocumentKind.CONSENT,
        upload=proof,
        by_id=person_of(actor),
        now=now,
    )
    recording.record_document(document, actor=actor.name)
    preparing.keep_consent(valuation=valuation, floor_minor=floor_minor, document=document, now=now)
    facts = {"floor_minor": str(floor_minor), "sha256": document.sha256}
    step = take_step(
        asset_sale=asset_sale, move=Move.CONSENT, actor=actor.name, by_id=person_of(actor), now=now,
        facts=facts, due_at=asset_sale.due_at,
    )  # fmt: skip
    return recording.record_step(step)


@transaction.atomic
def suspend(*, actor: Actor, asset_sale_id: str, reason: str, now: datetime) -> AssetSale:
    """As the exchange, stop an announcement: nobody registers, and no working day counts."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_MODERATE)
    check_source(asset_sale, Move.SUSPEND)
    running = round_of(asset_sale)
    running.suspended_at = now
    running.save(update_fields=["suspended_at"])
    return _moderate(asset_sale, Move.SUSPEND, actor, reason, None, now)


@transaction.atomic
def resume(*, actor: Actor, asset_sale_id: str, reason: str, now: datetime) -> AssetSale:
    """Let it go on: the end moves by the working days that were lost, the day of the stop included."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_MODERATE)
    check_source(asset_sale, Move.RESUME)
    running = round_of(asset_sale)
    if running.suspended_at is not None:
        left = limits.days_left(running.ends_at, now=running.suspended_at)
        today = timezone.localtime(now).date()
        last = calendar.add_working_days(today, max(left, 1), counting_start=False)
        running.ends_at = max(running.ends_at, limits.midnight(last.day + timedelta(days=1)))
    running.suspended_at = None
    running.save(update_fields=["suspended_at", "ends_at"])
    return _moderate(asset_sale, Move.RESUME, actor, reason, running.ends_at, now)


def _moderate(
    asset_sale: AssetSale,
    move: Move,
    actor: Actor,
    reason: str,
    due_at: datetime | None,
    now: datetime,
) -> AssetSale:
    step = take_step(
        asset_sale=asset_sale, move=move, actor=actor.name, by_id=person_of(actor), now=now,
        reason=reason, due_at=due_at,
    )  # fmt: skip
    return recording.record_step(step)


def _kind(asset_sale: AssetSale, wish: RoundWish) -> Round:
    # After a new valuation the rounds begin anew, whatever was announced on the old one.
    if asset_sale.state != AssetSaleState.NO_BUYER or asset_sale.first_announced_at is None:
        return Round.FIRST
    return Round.LOWERED if wish.floor_minor < round_of(asset_sale).floor_minor else Round.EXTENDED


def _permitted(actor: Actor, asset_sale_id: str, permission: Permission) -> AssetSale:
    asset_sale_seen_by(actor, asset_sale_id)
    asset_sale = locked(asset_sale_id)
    policy.require(actor, permission, subject_of(asset_sale))
    return asset_sale
