"""What core keeps for every room."""

from exchange.core.models.idempotency import IdempotencyKey
from exchange.core.models.outbox import OutboxJob

__all__ = ["IdempotencyKey", "OutboxJob"]
