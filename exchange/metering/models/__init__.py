"""What metering keeps: subscriptions by use, events, totals by day, periods, bills, receipts."""

from exchange.metering.models.bills import UsageBill, UsagePeriod
from exchange.metering.models.events import UsageDay, UsageEvent
from exchange.metering.models.receipts import UsageAlert, UsageReceipt
from exchange.metering.models.subscriptions import MeteredSubscription

__all__ = [
    "MeteredSubscription",
    "UsageAlert",
    "UsageBill",
    "UsageDay",
    "UsageEvent",
    "UsagePeriod",
    "UsageReceipt",
]
