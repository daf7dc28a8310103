"""What follows from an order's step in its own room, and who permissions are asked about."""

from exchange.orders import licence_windows, notifications, rulings
from exchange.orders.lifecycle import ORDER, RULING
from exchange.orders.lifecycle import OrderTransition as X
from exchange.orders.queries import subject_of


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    ORDER.concerns = subject_of
    RULING.concerns = rulings.ruling_concerns
    ORDER.on(X.PLACE, notifications.ask_second)
    ORDER.on((X.DECLINE, X.CANCEL, X.LAPSE, X.REFUND), licence_windows.free)
