"""What the clock does to money: clear, and run the day's payouts of each currency."""

from datetime import datetime

from django.utils import timezone

from exchange.members.actors import system_actor
from exchange.payments import payouts, settlement

CLOCK = system_actor("clock")


def run_due(*, now: datetime) -> dict[str, int]:
    """Do all that is due; return how many settlements cleared and payouts were promised."""
    cleared = settlement.clear_due(actor=CLOCK, now=now)
    today = timezone.localtime(now).date()
    runs = [
        payouts.run_payouts(run_date=today, currency=currency, actor=CLOCK, now=now)
        for currency in payouts.currencies_due(today)
    ]
    return {"cleared": cleared, "payouts": sum(run.payouts_count for run in runs if run)}
