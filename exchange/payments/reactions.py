"""What follows for money from a step of an order, and whom payments tell."""

from exchange.core.lifecycle import Change
from exchange.notices import parties
from exchange.notices.parties import Party
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.orders.notifications import SELLERS
from exchange.payments import collection, deposits
from exchange.payments.lifecycle import PAYOUT, SELLER


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    ORDER.on((OrderTransition.CANCEL, OrderTransition.LAPSE), give_up_payment)
    parties.declare(
        PAYOUT,
        parties={SELLER: Party("organisation_id", SELLERS)},
        facts=lambda payout: {"amount": payout.amount},
    )


def give_up_payment(order: Order, change: Change) -> None:
    """Give the payment of an order up that ends before it is paid, and forfeit what was set aside for
    it. Raises MoneyAlreadyReceived, so that an order whose money is on the way goes on."""
    if change.source == OrderState.CONTRACT_SIGNED and not order.is_free:
        collection.give_up(order, actor=change.doer, now=change.at)
        deposits.forfeit_bound(order, actor=change.doer, now=change.at)
