"""What the parties of an order write to each other; the exchange reads along."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.refusals import Invalid, Refusal
from exchange.core.use_case import announce, use_case
from exchange.members import policy
from exchange.members.actors import Actor, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.notices import notify
from exchange.notices.notify import notify_organisation
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order, OrderMessage
from exchange.orders.models.orders import MESSAGES_MAX, TEXT_CHARS_MAX
from exchange.orders.queries import subject_of
from exchange.orders.reactions import BUYERS, SELLERS


class MessageRefused(Invalid):
    """A message says something, in at most so many characters."""

    code = "message_refused"


class ConversationFull(Refusal):
    """An order carries only so many messages."""

    code = "conversation_full"


def writing_permission(actor: Actor) -> Permission:
    """What lets the actor write: parties write as such, the exchange as its operators and support."""
    return Permission.ORDER_ASSIST if actor.oversees else Permission.ORDER_MESSAGE


@use_case(locks=ORDER)
def write(order: Order, *, actor: Actor, text: str, now: datetime) -> OrderMessage:
    """Write to the other party. The log keeps the text as a commitment only.

    Raises MessageRefused for an empty or too long text, and ConversationFull.
    """
    policy.require(actor, writing_permission(actor), subject_of(order))
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not 0 < len(text) <= TEXT_CHARS_MAX:
        raise MessageRefused(
            _("Write a message of at most %(limit)d characters.") % {"limit": TEXT_CHARS_MAX},
            limit=TEXT_CHARS_MAX,
        )
    if order.messages.count() >= MESSAGES_MAX:
        raise ConversationFull(
            _("An order carries at most %(limit)d messages.") % {"limit": MESSAGES_MAX},
            limit=MESSAGES_MAX,
        )
    order.version += 1
    order.save(update_fields=["version"])
    announce(topic=f"order:{order.public_id}", version=order.version)
    writer_id = organisation_of(actor)
    message = OrderMessage.objects.create(
        order=order, text=text, by_id=person_of(actor), organisation_id=writer_id, at=now
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


def _tell_others(order: Order, message: OrderMessage, *, writer_id: int) -> None:
    for organisation_id, roles in ((order.buyer_id, BUYERS), (order.seller_id, SELLERS)):
        if organisation_id == writer_id:
            continue
        notify_organisation(
            organisation_id=organisation_id,
            roles=roles,
            kind="orders.order.message",
            facts={"product": order},
            url=notify.path("order", order.public_id),
            dedupe=f"order_message:{message.public_id}",
            now=message.at,
        )
