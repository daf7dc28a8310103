"""Writing to the other side of an order."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.actions import live
from exchange.core.refusals import Invalid, Refusal
from exchange.orders.models import Order, OrderMessage
from exchange.orders.models.messages import MESSAGES_MAX, TEXT_CHARS_MAX


class MessageRefused(Invalid):
    """A message says something, in at most so many characters."""

    code = "message_refused"


class ConversationFull(Refusal):
    """An order carries only so many messages."""

    code = "conversation_full"


def write_message(
    *, order: Order, text: str, by_id: int, organisation_id: int, now: datetime
) -> OrderMessage:
    """Add a message to a locked order."""
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
    live.announce(topic=f"order:{order.public_id}", version=order.version)
    return OrderMessage.objects.create(
        order=order, text=text, by_id=by_id, organisation_id=organisation_id, at=now
    )
