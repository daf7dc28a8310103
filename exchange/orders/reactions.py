"""What follows from an order's step in its own room, and in the contract that it performs."""

from exchange.audit.coverage import must_be_recorded, subjects
from exchange.contracts import performance
from exchange.contracts.lifecycle import CONTRACT, ContractTransition
from exchange.core.lifecycle import Change, Named
from exchange.orders import licence_windows, notifications, rulings
from exchange.orders.lifecycle import ORDER, RULING
from exchange.orders.lifecycle import OrderTransition as X
from exchange.orders.models import DiscountTier, Order, OrderMessage, OrderStep, Ruling
from exchange.orders.queries import subject_of


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    ORDER.concerns = subject_of
    RULING.concerns = rulings.ruling_concerns
    ORDER.on(X.PLACE, notifications.ask_second, _begin_contract)
    ORDER.on((X.DECLINE, X.CANCEL, X.LAPSE, X.REFUND), licence_windows.free)
    ORDER.on((X.CLOSE, X.CANCEL, X.LAPSE, X.REFUND), _end_contract)
    _declare_records()


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


def _declare_records() -> None:
    """Say what of this room must be in the log."""
    must_be_recorded(
        name="orders.steps",
        rows=subjects("order_step", OrderStep.objects.all()),
        event=ORDER.events,
    )
    must_be_recorded(
        name="orders.certificates",
        rows="SELECT 'certificate:' || number FROM orders_certificate",
        event="orders.certificate.issued",
    )
    for name, kind, rows, event in (
        ("discount_tiers", "discount_tier", DiscountTier.objects.all(), "orders.discount_tier.granted"),
        ("messages", "message", OrderMessage.objects.all(), "orders.message.written"),
        ("rulings", "ruling", Ruling.objects.all(), "orders.ruling.proposed"),
    ):  # fmt: skip
        must_be_recorded(name=f"orders.{name}", rows=subjects(kind, rows), event=event)
