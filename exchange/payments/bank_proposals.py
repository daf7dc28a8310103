"""Payments that a bank line may be for, the likeliest first: by the reference in its text, the amount, the
payer. Only payments with its very reference or its very amount are read, each by an index."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.members.names import skeletons
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import parties
from exchange.payments.lifecycle import IncomingState, PaymentState
from exchange.payments.models import IncomingTransfer, Payment

READ_MAX = 200
PROPOSED_MAX = 5


@dataclass(frozen=True)
class Proposal:
    """A payment that waits, and what it has in common with the line."""

    payment: Payment
    by_reference: bool
    by_amount: bool
    by_payer: bool

    @property
    def likeness(self) -> int:
        return 4 * self.by_reference + 2 * self.by_amount + self.by_payer

    @property
    def reasons(self) -> str:
        """In words, what agrees."""
        said = (
            (self.by_reference, _("reference")),
            (self.by_amount, _("amount")),
            (self.by_payer, _("payer")),
        )
        return ", ".join(word for holds, word in said if holds)


def waiting_for_bank() -> QuerySet[Payment]:
    """Payments that wait for a transfer."""
    return Payment.objects.filter(method=PaymentMethod.BANK_TRANSFER, state=PaymentState.WAITING)


def proposals(transfer: IncomingTransfer) -> list[Proposal]:
    """At most PROPOSED_MAX payments that the line may be for; none for one that is matched."""
    if transfer.state != IncomingState.NEW:
        return []
    references = parties.references_in(transfer.text)
    alike = Q(reference__in=references) | Q(amount_minor=transfer.amount_minor)
    rows = waiting_for_bank().filter(alike, currency=transfer.currency)
    payer = skeletons(transfer.payer_name) if transfer.payer_name else frozenset()
    found = [
        Proposal(
            payment=payment,
            by_reference=payment.reference in references,
            by_amount=payment.amount_minor == transfer.amount_minor,
            by_payer=bool(payer & skeletons(payment.payer.name)),
        )
        for payment in rows.select_related("payer").order_by("-pk")[:READ_MAX]
    ]
    return sorted(found, key=lambda one: -one.likeness)[:PROPOSED_MAX]
