"""What time does to state-asset sales: announcements and biddings end, notices run out, papers age.

Every step is a transaction of its own and does nothing when it was done before.
"""

from datetime import datetime

import structlog
from django.db import transaction

from exchange.core.refusals import Refusal
from exchange.disposals.actions.announcing import check_valuation
from exchange.disposals.actions.steps import locked, take_step
from exchange.disposals.errors import ValuationRunOut
from exchange.disposals.models import Disposal
from exchange.disposals.queries.disposals import due
from exchange.disposals.states import MOVES, DisposalState, Move
from exchange.flows import disposal_bids, disposal_results
from exchange.flows import disposal_recording as recording

CLOCK = "system:clock"
BATCH_MAX = 100

logger = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> int:
    """Do all that is due; return for how many. One that cannot go on holds up no other."""
    done = 0
    for public_id in due(now=now, limit=BATCH_MAX):
        try:
            done += tend(public_id, now=now)
        except Refusal as refusal:
            logger.warning("disposals.disposal.waits", disposal=public_id, code=refusal.code)
        except Exception:
            logger.exception("disposals.disposal.stuck", disposal=public_id)
    return done


def tend(public_id: str, *, now: datetime) -> bool:
    """Take one as far as it goes now; whether anything was done."""
    moved = False
    while _advance(public_id, now=now):
        moved = True
    return moved


@transaction.atomic
def _advance(public_id: str, *, now: datetime) -> bool:
    disposal = locked(public_id)
    state = DisposalState(disposal.state)
    is_due = disposal.due_at is not None and disposal.due_at <= now
    if state is DisposalState.ANNOUNCED and is_due:
        _step(disposal, Move.CLOSE, now)
    elif state is DisposalState.QUALIFYING:
        return disposal_bids.find_buyers(disposal, now=now)
    elif state is DisposalState.BIDDING and is_due:
        disposal_results.award(disposal, now=now)
    elif state is DisposalState.RESULT_NOTICE and is_due:
        disposal_results.conclude(disposal, now=now)
    elif disposal.order_ref:
        return disposal_results.follow_order(disposal, now=now)
    elif state in MOVES[Move.EXPIRE].sources and _is_stale(disposal, now):
        _step(disposal, Move.EXPIRE, now)
    else:
        return False
    return True


def _is_stale(disposal: Disposal, now: datetime) -> bool:
    try:
        check_valuation(disposal, now=now)
    except ValuationRunOut:
        return True
    return False


def _step(disposal: Disposal, move: Move, now: datetime) -> None:
    recording.record_step(take_step(disposal=disposal, move=move, actor=CLOCK, now=now))
