"""What metering keeps: subscriptions by use, events, totals by day, periods and bills."""

from exchange.metering.models.bills import UsageBill, UsagePeriod
from exchange.metering.models.events import UsageDay, UsageEvent
from exchange.metering.models.subscriptions import MeteredSubscription

__all__ = ["MeteredSubscription", "UsageBill", "UsageDay", "UsageEvent", "UsagePeriod"]
