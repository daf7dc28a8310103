"""The inbox for messages of the provider: kept once, handled once."""

from datetime import datetime

from exchange.core.moves import check_move
from exchange.payments.models import ProviderEvent
from exchange.payments.states import EVENT_MOVES, EventState

OUTCOME_CHARS_MAX = 200


def keep(
    *,
    provider: str,
    event_id: str,
    kind: str,
    object_type: str,
    object_id: str,
    account: str,
    created_at: datetime,
    now: datetime,
) -> bool:
    """Keep the message; False when it was kept before. A second copy that comes at the same moment
    waits for the first to commit."""
    _event, is_new = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=event_id[:80],
        defaults={
            "kind": kind[:100],
            "object_type": object_type[:60],
            "object_id": object_id[:80],
            "account": account[:80],
            "created_at": created_at,
            "received_at": now,
        },
    )
    return is_new


def settle(*, event: ProviderEvent, state: EventState, outcome: str, now: datetime) -> None:
    """Write down that the message was handled, or that it asks for nothing."""
    check_move(EVENT_MOVES, EventState(event.state), state)
    event.state, event.outcome, event.handled_at = state, outcome[:OUTCOME_CHARS_MAX], now
    event.save(update_fields=["state", "outcome", "handled_at"])
