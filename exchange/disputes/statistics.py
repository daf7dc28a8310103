"""What disputes say of a seller: how many of its trades, how they ended, how soon it answers.

Only trades of the year before count, so that each of them ages out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q

from exchange.disputes.lifecycle import Outcome
from exchange.disputes.models import Dispute
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order

WINDOW = timedelta(days=365)
DAY = timedelta(days=1)
LOST = (Outcome.PART_REFUNDED, Outcome.REFUNDED, Outcome.CREDITED)
DISPUTABLE = (
    OrderState.DELIVERED, OrderState.OBJECTED, OrderState.ACCEPTED, OrderState.SETTLED,
    OrderState.INVOICED, OrderState.CERTIFICATE_ISSUED, OrderState.CLOSED, OrderState.REFUNDED,
)  # fmt: skip


@dataclass(frozen=True)
class SellerDisputes:
    """Of the trades of one year: `lost` are the disputes that ended with a refund; `answer_days` is the
    mean, in whole days begun, None where none was answered."""

    trades: int
    disputes: int
    lost: int
    answer_days: int | None

    @property
    def per_hundred(self) -> str:
        """Disputes for each hundred trades, to one decimal."""
        return f"{100 * self.disputes / self.trades:.1f}" if self.trades else "0"


def disputes_of_seller(seller_id: int, *, now: datetime) -> SellerDisputes:
    """What the seller traded within the year, and what of it was disputed with it."""
    since = now - WINDOW
    trades = Order.objects.filter(seller_id=seller_id, created_at__gte=since, state__in=DISPUTABLE)
    disputes = Dispute.objects.filter(order__in=trades.order_by(), respondent_id=seller_id)
    told = disputes.aggregate(
        disputes=Count("pk"),
        lost=Count("pk", filter=Q(outcome__in=LOST)),
        waited=Avg(F("answered_at") - F("opened_at")),
    )
    waited = told["waited"]
    return SellerDisputes(
        trades=trades.count(),
        disputes=told["disputes"],
        lost=told["lost"],
        answer_days=None if waited is None else -(-waited // DAY),
    )
