"""What an order's page says in plain words: what happens next, and what it means to each side."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.orders.queries import Side

S, B, V, X = OrderState, Side.BUYER, Side.SELLER, Side.EXCHANGE

TONES = {
    S.CREATED: "warn",
    S.CONTRACT_SIGNED: "warn",
    S.OBJECTED: "bad",
    S.CLOSED: "good",
    S.CANCELLED: "neutral",
    S.REFUNDED: "neutral",
}

# What happens next, by where the order stands and who reads.
NEXT: dict[tuple[OrderState, Side], str | Promise] = {
    (S.CREATED, B): _(
        "This order is above your organisation's limit. A second person confirms or declines it."
    ),
    (S.CREATED, V): _("The buyer's second person has yet to confirm this order."),
    (S.CREATED, X): _("The buyer's second person has yet to confirm this order."),
    (S.CONTRACT_SIGNED, B): _(
        "Pay, and the delivery starts at once. The exchange holds the money."
    ),
    (S.CONTRACT_SIGNED, V): _("The buyer has yet to pay. Nothing for you to do."),
    (S.CONTRACT_SIGNED, X): _("The buyer has yet to pay."),
    (S.ESCROWED, B): _("Your payment has arrived. The delivery starts."),
    (S.ESCROWED, V): _("The exchange holds the money. The delivery starts."),
    (S.ESCROWED, X): _("The money is held. The delivery starts."),
    (S.DELIVERING, B): _(
        "The delivery is held up. The exchange looks into it; your money is safe."
    ),
    (S.DELIVERING, V): _("The delivery is held up. The exchange looks into it."),
    (S.DELIVERING, X): _("The delivery is held up: find out why, try again or refund."),
    (S.DELIVERED, B): _(
        "Look at the data. Accept it, or object with a reason; after the deadline it counts as"
        " accepted."
    ),
    (S.DELIVERED, V): _("The buyer inspects the delivery. You are paid when they accept it."),
    (S.DELIVERED, X): _("The buyer inspects the delivery."),
    (S.OBJECTED, B): _("The exchange rules on your objection. The money stays held until then."),
    (S.OBJECTED, V): _("The buyer objects. Answer below; the exchange rules on it."),
    (S.OBJECTED, X): _("Read the objection and the answer, then release the money or refund it."),
    (S.CLOSED, B): _("Done. The data is yours to use within the licence."),
    (S.CLOSED, V): _("Done. What you earned is on its way to you."),
    (S.CLOSED, X): _("Done."),
    (S.CANCELLED, B): _("This order ended before payment. You may buy again at any time."),
    (S.CANCELLED, V): _("This order ended before payment."),
    (S.CANCELLED, X): _("This order ended before payment."),
    (S.REFUNDED, B): _("The money goes back to you, and the access has ended."),
    (S.REFUNDED, V): _("The money went back to the buyer, and the buyer's access has ended."),
    (S.REFUNDED, X): _("The money went back to the buyer."),
}

ROAD: tuple[tuple[str | Promise, frozenset[OrderState]], ...] = (
    (_("Ordered"), frozenset({S.CREATED, S.CONFIRMED})),
    (_("Payment"), frozenset({S.CONTRACT_SIGNED})),
    (_("Delivery"), frozenset({S.ESCROWED, S.DELIVERING})),
    (_("Inspection"), frozenset({S.DELIVERED, S.OBJECTED})),
    (_("Settlement"), frozenset({S.ACCEPTED, S.SETTLED, S.INVOICED, S.CERTIFICATE_ISSUED})),
    (pgettext_lazy("order", "Closed"), frozenset({S.CLOSED})),
)
FREE_ROAD = (ROAD[0], ROAD[2], ROAD[5])


def next_step(order: Order, side: Side) -> str:
    """The sentence that says what happens next."""
    return str(NEXT.get((OrderState(order.state), side), ""))


def stages(order: Order) -> list[tuple[str, str]]:
    """The road of the order as labels with done, now or next; empty once it has left the road."""
    road = FREE_ROAD if order.is_free else ROAD
    state = OrderState(order.state)
    reached = next((place for place, (_label, at) in enumerate(road) if state in at), None)
    if reached is None:
        return []
    ended = state is S.CLOSED
    return [
        (str(label), "done" if place < reached or ended else "now" if place == reached else "next")
        for place, (label, _states) in enumerate(road)
    ]
