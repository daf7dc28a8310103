"""What of this room must be in the log: `verify_audit` holds the use cases to it."""

from typing import Any

from django.db.models import QuerySet

from exchange.audit.coverage import must_be_recorded, subjects
from exchange.payments.lifecycle import (
    DepositState,
    PaymentState,
    PayoutState,
    RefundState,
    WithdrawalState,
)
from exchange.payments.models import (
    Deposit,
    Document,
    IncomingTransfer,
    Payment,
    Payout,
    Refund,
    Settlement,
    Wallet,
    Withdrawal,
)


def declare() -> None:
    """Money that was asked for, came, was shared out, went, or was set aside has its record."""
    deposits = Deposit.objects.all()
    ended = deposits.filter(state__in=[DepositState.APPLIED, DepositState.FORFEITED])
    _declare("payment", Payment.objects.all(), "asked")
    _declare("payment", Payment.objects.filter(state=PaymentState.RECEIVED), "received")
    _declare("refund", Refund.objects.all(), "promised")
    _declare("refund", Refund.objects.filter(state=RefundState.SUCCEEDED), "given")
    _declare("document", Document.objects.all(), "issued")
    _declare("settlement", Settlement.objects.all(), "made")
    _declare("settlement", Settlement.objects.exclude(cleared_at=None), "cleared")
    _declare(
        "payout",
        Payout.objects.exclude(state=PayoutState.PROMISED),
        "refused", "sent", "paid", "failed",
    )  # fmt: skip
    _declare("incoming_transfer", IncomingTransfer.objects.all(), "entered")
    _declare("wallet", Wallet.objects.all(), "opened")
    _declare("withdrawal", Withdrawal.objects.all(), "asked")
    _declare(
        "withdrawal",
        Withdrawal.objects.exclude(state=WithdrawalState.PROMISED),
        "sent", "declined",
    )  # fmt: skip
    _declare("deposit", deposits, "placed")
    _declare("deposit", ended, "applied", "forfeited")


def _declare(thing: str, rows: QuerySet[Any], *events: str) -> None:
    must_be_recorded(
        name=f"payments.{thing}.{events[0]}",
        rows=subjects(thing, rows),
        event=[f"payments.{thing}.{event}" for event in events],
    )
