"""What core keeps for every room."""

from exchange.core.models.calendar import CalendarDay, CalendarYear
from exchange.core.models.clockwork import Heartbeat, ScheduledTask
from exchange.core.models.idempotency import IdempotencyKey
from exchange.core.models.outbox import OutboxJob
from exchange.core.models.zone import BooksZone
from exchange.core.rules import Rule, RulePack, RuleTag, RuleVersion

__all__ = [
    "BooksZone",
    "CalendarDay",
    "CalendarYear",
    "Heartbeat",
    "IdempotencyKey",
    "OutboxJob",
    "Rule",
    "RulePack",
    "RuleTag",
    "RuleVersion",
    "ScheduledTask",
]
