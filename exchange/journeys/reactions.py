"""What follows in the rooms above from a step in a room below: one row each."""

from exchange.flows import contract_endings, payments
from exchange.orders.lifecycle import ORDER
from exchange.orders.lifecycle import OrderTransition as X


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    ORDER.on((X.CANCEL, X.LAPSE), payments.give_up)
    ORDER.on((X.CLOSE, X.REFUND, X.CANCEL, X.LAPSE), contract_endings.end_with_order)
