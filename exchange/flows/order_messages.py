"""What the parties of an order write to each other."""

from datetime import datetime

from django.db import transaction

from exchange.audit.actions import log
from exchange.core.titles import Title
from exchange.flows.admission import organisation_of, person_of
from exchange.flows.buy_product import permit
from exchange.flows.order_recording import BUYERS, SELLERS, order_path
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.notices.actions.tell import tell_organisation
from exchange.orders.actions import messages
from exchange.orders.actions.steps import locked_order
from exchange.orders.models import Order, OrderMessage


@transaction.atomic
def write(*, actor: Actor, order_id: str, text: str, now: datetime) -> OrderMessage:
    """Write to the other party; the exchange reads along. The log keeps the text as a commitment."""
    permit(actor, writing_permission(actor), order_id)
    order = locked_order(order_id)
    writer_id = organisation_of(actor)
    message = messages.write_message(
        order=order, text=text, by_id=person_of(actor), organisation_id=writer_id, now=now
    )
    log.record(
        event="orders.message.written",
        actor=actor.name,
        subject=f"message:{message.public_id}",
        facts={"order": order.public_id},
        personal={"text": message.text},
        at=now,
    )
    _tell_others(order, message, writer_id=writer_id)
    return message


def writing_permission(actor: Actor) -> Permission:
    """What lets the actor write: parties write as such, the exchange as its operators."""
    return Permission.ORDER_MODERATE if actor.oversees else Permission.ORDER_MESSAGE


def _tell_others(order: Order, message: OrderMessage, *, writer_id: int) -> None:
    for organisation_id, roles in ((order.buyer_id, BUYERS), (order.seller_id, SELLERS)):
        if organisation_id == writer_id:
            continue
        tell_organisation(
            organisation_id=organisation_id,
            roles=roles,
            kind="orders.order.message",
            facts={"product": Title.of(order)},
            url=order_path(order),
            dedupe=f"order_message:{message.public_id}",
            now=message.at,
        )
