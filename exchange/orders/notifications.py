"""Who is told of an order's steps, and what the log says of it beside the step."""

from collections.abc import Mapping
from typing import Any

from exchange.core.lifecycle import Change
from exchange.core.titles import Title
from exchange.members.roles import Role
from exchange.notices import links, parties
from exchange.notices.parties import Party
from exchange.notices.tell import tell_organisation
from exchange.orders.lifecycle import ORDER, RULING, OrderTransition, Turn
from exchange.orders.models import Order, Ruling

BUYERS = (Role.BUYER_AGENT, Role.FINANCE)
SELLERS = (Role.DATA_OWNER, Role.DATA_OPERATOR, Role.FINANCE)


def declare() -> None:
    """Say who the parties of an order are. For `AppConfig.ready`."""
    parties.declare(
        ORDER,
        parties={
            Turn.BUYER: Party("buyer_id", BUYERS),
            Turn.SELLER: Party("seller_id", SELLERS),
        },
        facts=lambda order: {"product": Title.of(order), "total": order.total},
    )
    ORDER.record_facts = _facts_of_order
    RULING.record_facts = _facts_of_ruling


def ask_second(order: Order, change: Change) -> None:
    """Tell the buyer's people that an order above their limit waits for one of them. A reaction."""
    if order.needs_second and order.renews_id is None:
        tell_organisation(
            organisation_id=order.buyer_id,
            roles=BUYERS,
            kind="orders.order.to_confirm",
            facts={"product": Title.of(order), "total": order.total},
            url=links.path("order", order.public_id),
            dedupe=f"order_step:{change.step_id}",
            now=change.at,
        )


def _facts_of_order(order: Order, change: Change) -> Mapping[str, Any]:
    """What the first record says of the order. Amounts are strings: JSON readers round large ones."""
    if change.transition != OrderTransition.PLACE:
        return {}
    return {
        "buyer": order.buyer.public_id,
        "seller": order.seller.public_id,
        "product": str(order.terms["product"]["id"]),
        "offer": str(order.terms["offer"]["id"]),
        "terms": order.terms_hash,
        "currency": order.currency,
        "total_minor": str(order.total_minor),
        "renews": order.renews.public_id if order.renews else None,
        "needs_second": order.needs_second,
        "auto_renew": order.auto_renew,
    }


def _facts_of_ruling(ruling: Ruling, _change: Change) -> Mapping[str, Any]:
    return {
        "order": ruling.order.public_id,
        "move": ruling.transition,
        "reason_code": ruling.reason_code,
    }
