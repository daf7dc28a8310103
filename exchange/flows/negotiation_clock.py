"""What time does to negotiations: what nobody answered expires, what nobody signed lapses with it."""

from datetime import datetime

import structlog
from django.db import transaction

from exchange.contracts import performance
from exchange.core.refusals import Refusal
from exchange.flows import negotiation_recording as recording
from exchange.negotiation.actions import deciding
from exchange.negotiation.queries.negotiations import overdue

CLOCK = "system:clock"
BATCH_MAX = 100

log = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> int:
    """End what is overdue; return how many. One that is stuck holds up no other."""
    done = 0
    for public_id in overdue(now=now, limit=BATCH_MAX):
        try:
            done += expire(public_id, now=now)
        except Refusal as refusal:
            log.warning("negotiation.negotiation.waits", one=public_id, code=refusal.code)
        except Exception:
            log.exception("negotiation.negotiation.stuck", one=public_id)
    return done + performance.run_due(now=now)


@transaction.atomic
def expire(public_id: str, *, now: datetime) -> bool:
    """End one that is overdue, and with it the contract that waits for signatures."""
    step = deciding.expire(negotiation_id=public_id, actor=CLOCK, now=now)
    if step is None:
        return False
    negotiation = recording.record_step(step)
    if negotiation.contract_ref:
        performance.lapse(negotiation.contract_ref, actor=performance.CLOCK, now=now)
    return True
