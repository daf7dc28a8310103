"""Whom money by hand concerns: the parties of what a bank line names, and of a difference.

Nobody of the exchange's finance who is tied to one of them asks, approves or explains.
"""

from django.db.models import Q, QuerySet

from exchange.ledger.models import Transfer
from exchange.payments.collection import REFERENCE_GROUP_CHARS, REFERENCE_GROUPS
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import Difference, IncomingTransfer, Payment, Payout, Refund, Wallet

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
    """The parties of the transfer, refund, payment or payout that it is about; nobody's where the provider's
    balance as a whole differs."""
    if difference.kind in ABOUT_TRANSFERS:
        return of_transfer(difference.subject)
    if difference.kind == DifferenceKind.REFUND_FAILED:
        return of_refund(difference.subject)
    if difference.kind == DifferenceKind.BANK_ONLY:
        return named_in(difference.detail)
    if difference.kind == DifferenceKind.HOLD_OVERDUE:
        return _of_hold(difference.subject)
    if difference.kind == DifferenceKind.CARD_OVERDUE:
        return of_payments(Payment.objects.filter(public_id=difference.subject))
    source = difference.subject.partition(":")[0]
    refunds = Refund.objects.filter(provider_ref=source)
    payouts = Payout.objects.filter(transfer_ref=source)
    payments = Payment.objects.filter(
        Q(provider_ref=source) | Q(charge_ref=source) | Q(pk__in=refunds.values("payment_id"))
    )
    return of_payments(payments) | set(payouts.values_list("organisation_id", flat=True))


def _of_hold(transfer_id: str) -> set[int]:
    """Who owns the accounts between which money is held."""
    rows = Transfer.objects.filter(pk=transfer_id)
    owners = {
        one for pair in rows.values_list("debit__owner_id", "credit__owner_id") for one in pair
    }
    return owners - {None}
