"""Receipts as both sides read them."""

from datetime import date

from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.metering.models import MeteredSubscription, UsageReceipt


def receipt_of(subscription: MeteredSubscription, day: date) -> UsageReceipt:
    """The receipt of a day. Raises NotFound."""
    found = subscription.receipts.filter(day=day).first()
    if found is None:
        raise NotFound(_("There is no receipt of that day."))
    return found


def receipt_file(receipt: UsageReceipt) -> dict[str, str]:
    """What a reader keeps of a receipt: `verify_receipt.py` checks it."""
    return {
        "content": bytes(receipt.document).decode(),
        "note": receipt.note,
        "record": receipt.record_id,
    }
