"""Whom money by hand concerns: the parties of what a bank line names, and of a difference.

Nobody of the exchange's finance who is tied to one of them asks, approves or explains.
"""

from collections.abc import Callable, Mapping

from django.db.models import Q, QuerySet

from accounts.models import Organisation
from exchange.ledger.models import Transfer
from exchange.orders.models import Order
from exchange.payments.collection import REFERENCE_GROUP_CHARS, REFERENCE_GROUPS
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import (
    CardTopUp,
    Difference,
    IncomingTransfer,
    Payment,
    Payout,
    Refund,
    Wallet,
)

ABOUT_TRANSFERS = frozenset({DifferenceKind.OVERPAID, DifferenceKind.UNKNOWN_TRANSFER})


def references_in(text: str) -> list[str]:
    """Every payment reference that a text may hold, as references are written. How people space one
    does not matter."""
    bare = "".join(char for char in text.upper() if char.isalnum())
    size = REFERENCE_GROUPS * REFERENCE_GROUP_CHARS
    starts = [at for at in range(len(bare)) if bare.startswith("AS", at)]
    codes = [bare[at + 2 : at + 2 + size] for at in starts]
    return ["-".join(["AS", *_groups(code)]) for code in codes if len(code) == size]


def _groups(code: str) -> list[str]:
    return [
        code[at : at + REFERENCE_GROUP_CHARS] for at in range(0, len(code), REFERENCE_GROUP_CHARS)
    ]


def named_in(text: str) -> set[int]:
    """Both parties of the payments and the owners of the wallets that a bank line names."""
    references = references_in(text)
    owners = Wallet.objects.filter(reference__in=references)
    return {
        *of_payments(Payment.objects.filter(reference__in=references)),
        *owners.values_list("organisation_id", flat=True),
    }


def of_payments(payments: QuerySet[Payment]) -> set[int]:
    """Who pays and whose order it is."""
    return {one for pair in payments.values_list("payer_id", "order__seller_id") for one in pair}


def of_refund(public_id: str) -> set[int]:
    """The parties of the payment that is given back."""
    refunds = Refund.objects.filter(public_id=public_id)
    return of_payments(Payment.objects.filter(pk__in=refunds.values("payment_id")))


def of_payout_file(public_id: str) -> set[int]:
    """The sellers whom the file pays."""
    paid = Payout.objects.filter(file__public_id=public_id)
    return set(paid.values_list("organisation_id", flat=True))


def of_payout(public_id: str) -> set[int]:
    """The seller whom the payout pays."""
    paid = Payout.objects.filter(public_id=public_id)
    return set(paid.values_list("organisation_id", flat=True))


def of_transfer(public_id: str) -> set[int]:
    """Whom a transfer names, and whose payment or wallet it went to."""
    transfer = IncomingTransfer.objects.filter(public_id=public_id).first()
    if transfer is None:
        return set()
    used = of_payments(Payment.objects.filter(incoming=transfer))
    owners = Wallet.objects.filter(incoming=transfer).values_list("organisation_id", flat=True)
    return used | set(owners) | named_in(transfer.text)


def of_difference(difference: Difference) -> set[int]:
    """The parties of the transfer, refund, payment, payout or order that it is about; nobody's where the
    provider's balance as a whole differs."""
    known = _BY_KIND.get(difference.kind)
    return _of_source(difference.subject) if known is None else known(difference)


def _of_source(subject: str) -> set[int]:
    """Whose the line of the provider is that a difference is about."""
    source = subject.partition(":")[0]
    refunds = Refund.objects.filter(provider_ref=source)
    payouts = Payout.objects.filter(transfer_ref=source)
    payments = Payment.objects.filter(
        Q(provider_ref=source) | Q(charge_ref=source) | Q(pk__in=refunds.values("payment_id"))
    )
    top_ups = CardTopUp.objects.filter(
        Q(provider_ref=source) | Q(charge_ref=source) | Q(withdrawals__bank_ref=source)
    )
    return (
        of_payments(payments)
        | set(payouts.values_list("organisation_id", flat=True))
        | set(top_ups.values_list("wallet__organisation_id", flat=True))
    )


def _of_hold(transfer_id: str) -> set[int]:
    """Who owns the accounts between which money is held."""
    rows = Transfer.objects.filter(pk=transfer_id)
    owners = {
        one for pair in rows.values_list("debit__owner_id", "credit__owner_id") for one in pair
    }
    return owners - {None}


def _of_order(public_id: str) -> set[int]:
    sides = Order.objects.filter(public_id=public_id).values_list("buyer_id", "seller_id")
    return {side for order in sides for side in order}


def _of_member(public_id: str) -> set[int]:
    return set(Organisation.objects.filter(public_id=public_id).values_list("pk", flat=True))


_BY_KIND: Mapping[str, Callable[[Difference], set[int]]] = {
    **dict.fromkeys(ABOUT_TRANSFERS, lambda one: of_transfer(one.subject)),
    DifferenceKind.REFUND_FAILED: lambda one: of_refund(one.subject),
    DifferenceKind.BANK_ONLY: lambda one: named_in(one.detail),
    DifferenceKind.HOLD_OVERDUE: lambda one: _of_hold(one.subject),
    DifferenceKind.CARD_OVERDUE: lambda one: of_payments(
        Payment.objects.filter(public_id=one.subject)
    ),
    DifferenceKind.BILL_STUCK: lambda one: _of_order(one.subject),
    DifferenceKind.FEE_STUCK: lambda one: _of_member(one.subject),
}
