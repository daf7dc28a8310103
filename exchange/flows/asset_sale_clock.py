"""What time does to state-asset sales: announcements and biddings end, notices run out, documents age.

Every step is a transaction of its own and does nothing when it was done before.
"""

from datetime import datetime

import structlog
from django.db import transaction

from exchange.asset_sales.actions.announcing import check_valuation
from exchange.asset_sales.actions.steps import locked, take_step
from exchange.asset_sales.errors import ValuationRunOut
from exchange.asset_sales.models import AssetSale
from exchange.asset_sales.queries.asset_sales import due
from exchange.asset_sales.states import MOVES, AssetSaleState, Move
from exchange.core.refusals import Refusal
from exchange.flows import asset_sale_bids, asset_sale_results
from exchange.flows import asset_sale_recording as recording

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
            logger.warning("asset_sales.asset_sale.waits", asset_sale=public_id, code=refusal.code)
        except Exception:
            logger.exception("asset_sales.asset_sale.stuck", asset_sale=public_id)
    return done


def tend(public_id: str, *, now: datetime) -> bool:
    """Take one as far as it goes now; whether anything was done."""
    moved = False
    while _advance(public_id, now=now):
        moved = True
    return moved


@transaction.atomic
def _advance(public_id: str, *, now: datetime) -> bool:
    asset_sale = locked(public_id)
    state = AssetSaleState(asset_sale.state)
    is_due = asset_sale.due_at is not None and asset_sale.due_at <= now
    if state is AssetSaleState.ANNOUNCED and is_due:
        _step(asset_sale, Move.CLOSE, now)
    elif state is AssetSaleState.QUALIFYING:
        return asset_sale_bids.find_buyers(asset_sale, now=now)
    elif state is AssetSaleState.BIDDING and is_due:
        asset_sale_results.award(asset_sale, now=now)
    elif state is AssetSaleState.RESULT_NOTICE and is_due:
        asset_sale_results.conclude(asset_sale, now=now)
    elif asset_sale.order_ref:
        return asset_sale_results.follow_order(asset_sale, now=now)
    elif state in MOVES[Move.EXPIRE].sources and _is_stale(asset_sale, now):
        _step(asset_sale, Move.EXPIRE, now)
    else:
        return False
    return True


def _is_stale(asset_sale: AssetSale, now: datetime) -> bool:
    try:
        check_valuation(asset_sale, now=now)
    except ValuationRunOut:
        return True
    return False


def _step(asset_sale: AssetSale, move: Move, now: datetime) -> None:
    recording.record_step(take_step(asset_sale=asset_sale, move=move, actor=CLOCK, now=now))
