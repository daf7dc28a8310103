"""Rounds of a state-asset sale: announced, extended, lowered with consent, suspended and resumed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.queries import calendar
from exchange.disposals.actions import announcing, preparing
from exchange.disposals.actions.announcing import RoundWish
from exchange.disposals.actions.preparing import Upload
from exchange.disposals.actions.steps import check_source, locked, take_step
from exchange.disposals.errors import ValuationRunOut
from exchange.disposals.models import Announcement, Disposal
from exchange.disposals.queries import limits
from exchange.disposals.queries.disposals import (
    disposal_seen_by,
    round_of,
    subject_of,
    valuation_of,
)
from exchange.disposals.states import DisposalState, Move, Paper, Round
from exchange.flows import disposal_recording as recording
from exchange.flows.admission import person_of
from exchange.members import policy
from exchange.members.policy import Act, Actor

MOVES = {Round.FIRST: Move.ANNOUNCE, Round.EXTENDED: Move.EXTEND, Round.LOWERED: Move.LOWER}


@transaction.atomic
def announce(*, actor: Actor, disposal_id: str, wish: RoundWish, now: datetime) -> Announcement:
    """As the seller, announce the next round. What kind it is follows from where the sale stands and
    from the floor.

    Raises IllegalMove, ValuationRunOut, FloorTooLow, ConsentNeeded, DepositTooHigh, NoticeTooShort,
    DisposalRefused.
    """
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_PREPARE)
    kind = _kind(disposal, wish)
    check_source(disposal, MOVES[kind])
    made, rules = announcing.open_round(disposal=disposal, kind=kind, wish=wish, now=now)
    facts = {
        "announcement": made.public_id,
        "floor_minor": str(made.floor_minor),
        "deposit_minor": str(made.deposit_minor),
        "days": made.days,
        "ends_at": made.ends_at.isoformat(),
    }
    step = take_step(
        disposal=disposal, move=MOVES[kind], actor=actor.name, by_id=person_of(actor), now=now,
        rules=rules, facts=facts, due_at=made.ends_at,
    )  # fmt: skip
    recording.record_step(step)
    return made


@transaction.atomic
def consent(
    *, actor: Actor, disposal_id: str, floor_minor: int, paper: Upload, now: datetime
) -> Disposal:
    """As the committee, hand in the approver's consent to floors down to `floor_minor`."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_DECIDE)
    check_source(disposal, Move.CONSENT)
    valuation = valuation_of(disposal)
    if valuation is None:
        raise ValuationRunOut(_("There is no valuation yet."))
    document = preparing.keep_document(
        disposal=disposal, kind=Paper.CONSENT, upload=paper, by_id=person_of(actor), now=now
    )
    recording.record_document(document, actor=actor.name)
    preparing.keep_consent(valuation=valuation, floor_minor=floor_minor, document=document, now=now)
    facts = {"floor_minor": str(floor_minor), "sha256": document.sha256}
    step = take_step(
        disposal=disposal, move=Move.CONSENT, actor=actor.name, by_id=person_of(actor), now=now,
        facts=facts, due_at=disposal.due_at,
    )  # fmt: skip
    return recording.record_step(step)


@transaction.atomic
def suspend(*, actor: Actor, disposal_id: str, reason: str, now: datetime) -> Disposal:
    """As the exchange, stop an announcement: nobody registers, and no working day counts."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_MODERATE)
    check_source(disposal, Move.SUSPEND)
    running = round_of(disposal)
    running.suspended_at = now
    running.save(update_fields=["suspended_at"])
    return _moderate(disposal, Move.SUSPEND, actor, reason, None, now)


@transaction.atomic
def resume(*, actor: Actor, disposal_id: str, reason: str, now: datetime) -> Disposal:
    """Let it go on: the end moves by the working days that were lost, the day of the stop included."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_MODERATE)
    check_source(disposal, Move.RESUME)
    running = round_of(disposal)
    if running.suspended_at is not None:
        left = limits.days_left(running.ends_at, now=running.suspended_at)
        today = timezone.localtime(now).date()
        last = calendar.add_working_days(today, max(left, 1), counting_start=False)
        running.ends_at = max(running.ends_at, limits.midnight(last.day + timedelta(days=1)))
    running.suspended_at = None
    running.save(update_fields=["suspended_at", "ends_at"])
    return _moderate(disposal, Move.RESUME, actor, reason, running.ends_at, now)


def _moderate(
    disposal: Disposal,
    move: Move,
    actor: Actor,
    reason: str,
    due_at: datetime | None,
    now: datetime,
) -> Disposal:
    step = take_step(
        disposal=disposal, move=move, actor=actor.name, by_id=person_of(actor), now=now,
        reason=reason, due_at=due_at,
    )  # fmt: skip
    return recording.record_step(step)


def _kind(disposal: Disposal, wish: RoundWish) -> Round:
    # After a new valuation the rounds begin anew, whatever was announced on the old one.
    if disposal.state != DisposalState.NO_BUYER or disposal.first_announced_at is None:
        return Round.FIRST
    return Round.LOWERED if wish.floor_minor < round_of(disposal).floor_minor else Round.EXTENDED


def _permitted(actor: Actor, disposal_id: str, act: Act) -> Disposal:
    disposal_seen_by(actor, disposal_id)
    disposal = locked(disposal_id)
    policy.permit(actor, act, subject_of(disposal))
    return disposal
