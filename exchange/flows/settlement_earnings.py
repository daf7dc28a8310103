"""What the books say that an organisation has to come."""

from dataclasses import dataclass

from accounts.models import Organisation
from exchange.flows.settlement_books import available, balance
from exchange.payments import chart
from pricing.money import Money


@dataclass(frozen=True)
class Balances:
    """Earned and not cleared yet; available for the next payout; owed to the exchange."""

    pending: Money
    available: Money
    owed: Money


def balances_of(organisation_id: int, *, currency: str) -> Balances:
    """Read from the books, so that no other sum can say something else."""
    ref = Organisation.objects.values_list("public_id", flat=True).get(pk=organisation_id)
    return Balances(
        pending=balance(chart.pending(ref, currency), currency),
        available=available(chart.available(ref, currency), currency),
        owed=balance(chart.receivable(ref, currency), currency),
    )
