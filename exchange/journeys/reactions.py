"""What follows in the rooms above from a step in a room below: one row each."""

from exchange.journeys import delivery
from exchange.payments.lifecycle import PAYMENT, PaymentTransition


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    PAYMENT.on(PaymentTransition.RECEIVE, delivery.money_received)
