"""What every journey of an order does with a step: write it to the log and tell whom it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.audit.actions import log
from exchange.core.titles import Title
from exchange.flows.contract_endings import end_with_order
from exchange.members.roles import Role
from exchange.notices.actions.tell import tell_organisation
from exchange.orders.models import Order, OrderStep
from exchange.orders.states import EVENTS, Move, Turn

BUYERS = (Role.BUYER_AGENT, Role.FINANCE)
SELLERS = (Role.DATA_OWNER, Role.DATA_OPERATOR, Role.FINANCE)


@dataclass(frozen=True)
class Telling:
    """Whom a step is told to, and as what kind of notice."""

    side: Turn
    kind: str


NEWS: Mapping[Move, tuple[Telling, ...]] = {
    Move.DECLINE: (Telling(Turn.BUYER, "orders.order.declined"),),
    Move.PAYMENT_FAILED: (Telling(Turn.BUYER, "orders.order.payment_failed"),),
    Move.PAY: (Telling(Turn.SELLER, "orders.order.paid"),),
    Move.DELIVER: (Telling(Turn.BUYER, "orders.order.delivered"),),
    Move.OBJECT: (Telling(Turn.SELLER, "orders.order.objected"),),
    Move.RELEASE: (
        Telling(Turn.BUYER, "orders.order.released"),
        Telling(Turn.SELLER, "orders.order.released"),
    ),
    Move.REFUND: (
        Telling(Turn.BUYER, "orders.order.refunded"),
        Telling(Turn.SELLER, "orders.order.refunded"),
    ),
    Move.CLOSE: (Telling(Turn.SELLER, "orders.order.closed"),),
    Move.LAPSE: (Telling(Turn.BUYER, "orders.order.lapsed"),),
}


def record_step(step: OrderStep) -> Order:
    """Write the step to the log, its reason as a commitment only, and tell whom it concerns."""
    order = step.order
    log.record(
        event=EVENTS[Move(step.move)],
        actor=step.actor,
        subject=f"order_step:{step.public_id}",
        facts={
            "order": order.public_id,
            "number": step.number,
            "from": step.source,
            "to": step.target,
            "approved_by": step.approved_by.public_id if step.approved_by else None,
            "reason_code": step.reason_code,
            **(_whole(order) if step.move == Move.PLACE else {}),
            **step.facts,
        },
        personal={"reason": step.reason} if step.reason else None,
        at=step.at,
    )
    end_with_order(step)
    for telling in NEWS.get(Move(step.move), ()):
        tell_party(order, telling, dedupe=step.public_id, step=step)
    if step.move == Move.PLACE and order.needs_second and order.renews_id is None:
        tell_party(
            order,
            Telling(Turn.BUYER, "orders.order.to_confirm"),
            dedupe=step.public_id,
            step=step,
        )
    return order


def tell_party(order: Order, telling: Telling, *, dedupe: str, step: OrderStep) -> None:
    """Tell one side of the order what has happened."""
    is_buyer = telling.side is Turn.BUYER
    tell_organisation(
        organisation_id=order.buyer_id if is_buyer else order.seller_id,
        roles=BUYERS if is_buyer else SELLERS,
        kind=telling.kind,
        facts={"product": Title.of(order), "total": order.total},
        url=order_path(order),
        dedupe=f"order_step:{dedupe}",
        now=step.at,
    )


def order_path(order: Order) -> str:
    """The order's page, as the doors serve it."""
    return f"/orders/{order.public_id}/"


def _whole(order: Order) -> dict[str, str | None]:
    """What the first record says of the order. Amounts are strings: JSON readers round large ones."""
    return {
        "buyer": order.buyer.public_id,
        "seller": order.seller.public_id,
        "product": str(order.terms["product"]["id"]),
        "offer": str(order.terms["offer"]["id"]),
        "terms": order.terms_hash,
        "currency": order.currency,
        "total_minor": str(order.total_minor),
        "renews": order.renews.public_id if order.renews else None,
    }
