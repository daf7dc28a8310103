"""What follows from an order's step in its own room, and in the contract that it performs."""

from exchange.contracts import performance
from exchange.contracts.lifecycle import CONTRACT, ContractTransition
from exchange.core.lifecycle import Change, Named
from exchange.orders import licence_windows, notifications, rulings
from exchange.orders.lifecycle import ORDER, RULING
from exchange.orders.lifecycle import OrderTransition as X
from exchange.orders.models import Order
from exchange.orders.queries import subject_of


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    ORDER.concerns = subject_of
    RULING.concerns = rulings.ruling_concerns
    ORDER.on(X.PLACE, notifications.ask_second, _begin_contract)
    ORDER.on((X.DECLINE, X.CANCEL, X.LAPSE, X.REFUND), licence_windows.free)
    ORDER.on((X.CLOSE, X.CANCEL, X.LAPSE, X.REFUND), _end_contract)


def _begin_contract(order: Order, change: Change) -> None:
    """The first order begins the performance of its contract; further ones call a framework off."""
    contract = order.contract
    if contract is not None and CONTRACT.may(contract, ContractTransition.PERFORM):
        performance.begin(
            contract, order_id=order.public_id, actor=Named(change.actor), now=change.at
        )


def _end_contract(order: Order, change: Change) -> None:
    """A contract ends with its order: completed when that is closed, else before it was."""
    if order.contract is not None:
        performance.end(
            order.contract,
            is_completed=change.transition == X.CLOSE,
            actor=change.doer,
            now=change.at,
        )
