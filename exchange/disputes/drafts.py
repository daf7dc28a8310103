"""The ruling that the published rules draft for a disputed order: decision support, which decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exchange.delivery import comparisons, drafting
from exchange.delivery.entitlements import entitlement_of_order
from exchange.orders.models import Order
from pricing.money import Money


@dataclass(frozen=True)
class RulingDraft:
    """What one rule of the table proposes: when it applies, what it says then, and how much goes back."""

    rule: str
    version: int
    when: str
    then: str
    refund: Money

    @property
    def is_refund(self) -> bool:
        return self.refund.minor > 0


def draft_of(order: Order, document: Mapping[str, Any] | None) -> RulingDraft:
    """What the rules propose for an order, by its comparison, if one was made, and by what is disputed."""
    codes = {
        *order.steps.exclude(reason_code="").values_list("reason_code", flat=True),
        *order.disputes.values_list("kind", flat=True),
    }
    drafted = drafting.draft(
        document,
        total_minor=order.total_minor,
        currency=order.currency,
        objections=codes,
        is_delivered=document is not None or entitlement_of_order(order) is not None,
    )
    return RulingDraft(
        rule=drafted.rule.code,
        version=drafting.RULES_VERSION,
        when=str(drafted.rule.when),
        then=str(drafted.rule.then),
        refund=Money(drafted.refund_minor, order.currency),
    )


def newest_draft(order: Order) -> RulingDraft:
    """The same, by the newest comparison that was made of the order's delivery."""
    made = comparisons.comparison_of(order)
    return draft_of(order, None if made is None else made.document)
