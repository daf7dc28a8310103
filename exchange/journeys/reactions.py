"""What follows in the rooms above from a step in a room below: one row each."""

from exchange.flows import contract_endings
from exchange.journeys import delivery
from exchange.orders.lifecycle import ORDER
from exchange.orders.lifecycle import OrderTransition as X
from exchange.payments.lifecycle import PAYMENT, PaymentTransition


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    ORDER.on((X.CLOSE, X.REFUND, X.CANCEL, X.LAPSE), contract_endings.end_with_order)
    PAYMENT.on(PaymentTransition.RECEIVE, delivery.money_received)
