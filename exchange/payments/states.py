"""How payments, refunds, payouts and incoming transfers stand, and which steps are legal."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.moves import lifecycle


class PaymentMethod(TextChoices):
    """How the payer pays."""

    CARD = "card", _("Card")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    WALLET = "wallet", _("Wallet")


class PaymentState(TextChoices):
    """Where a payment stands. A declined card leaves it waiting: another card may be tried."""

    WAITING = "waiting", _("Waiting for the payer")
    AUTHORISED = "authorised", _("Authorised, not yet taken")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")


P = PaymentState
PAYMENT_MOVES: Mapping[PaymentState, frozenset[PaymentState]] = lifecycle(
    name="payments.payment",
    title=_("Payment"),
    start=P.WAITING,
    moves={
        # A bank transfer, or a capture whose authorisation nobody heard of, is received at once.
        P.WAITING: frozenset({P.AUTHORISED, P.RECEIVED, P.CANCELLED}),
        P.AUTHORISED: frozenset({P.RECEIVED, P.CANCELLED}),
        P.RECEIVED: frozenset(),
        P.CANCELLED: frozenset(),
    },
)
LIVE_PAYMENTS = frozenset({P.WAITING, P.AUTHORISED, P.RECEIVED})


class WithdrawalState(TextChoices):
    """Where money on its way out of a wallet stands. It is set aside from the first moment."""

    PROMISED = "promised", _("To be sent back")
    SENT = "sent", _("Sent back")
    DECLINED = "declined", pgettext_lazy("withdrawal", "Declined")


WITHDRAWAL_MOVES: Mapping[WithdrawalState, frozenset[WithdrawalState]] = lifecycle(
    name="payments.withdrawal",
    title=_("Withdrawal from a wallet"),
    start=WithdrawalState.PROMISED,
    moves={
        WithdrawalState.PROMISED: frozenset({WithdrawalState.SENT, WithdrawalState.DECLINED}),
        WithdrawalState.SENT: frozenset(),
        WithdrawalState.DECLINED: frozenset(),
    },
)


class DepositState(TextChoices):
    """Where a bidder's deposit stands."""

    HELD = "held", _("Held")
    RELEASED = "released", _("Released")
    APPLIED = "applied", _("Turned into the price")
    FORFEITED = "forfeited", _("Forfeited")


DEPOSIT_MOVES: Mapping[DepositState, frozenset[DepositState]] = lifecycle(
    name="payments.deposit",
    title=_("Bid deposit"),
    start=DepositState.HELD,
    moves={
        DepositState.HELD: frozenset(
            {DepositState.RELEASED, DepositState.APPLIED, DepositState.FORFEITED}
        ),
        DepositState.RELEASED: frozenset(),
        DepositState.APPLIED: frozenset(),
        DepositState.FORFEITED: frozenset(),
    },
)


class RefundState(TextChoices):
    """Where a refund stands. Money that is promised is already set aside."""

    PROMISED = "promised", _("On its way")
    SUCCEEDED = "succeeded", _("Refunded")
    FAILED = "failed", _("Refused by the provider")


REFUND_MOVES: Mapping[RefundState, frozenset[RefundState]] = lifecycle(
    name="payments.refund",
    title=_("Refund"),
    start=RefundState.PROMISED,
    moves={
        RefundState.PROMISED: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
        # A provider may find out days later that the money did not arrive.
        RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
        # Asked again by an operator, under a new key.
        RefundState.FAILED: frozenset({RefundState.PROMISED}),
    },
)


class PayoutAccountState(TextChoices):
    """Whether an organisation can be paid."""

    PENDING = "pending", _("Being checked")
    READY = "ready", _("Ready")
    CLOSED = "closed", _("Closed")


PAYOUT_ACCOUNT_MOVES: Mapping[PayoutAccountState, frozenset[PayoutAccountState]] = lifecycle(
    name="payments.payout_account",
    title=_("Account that a seller is paid to"),
    start=PayoutAccountState.PENDING,
    moves={
        PayoutAccountState.PENDING: frozenset(
            {PayoutAccountState.READY, PayoutAccountState.CLOSED}
        ),
        PayoutAccountState.READY: frozenset({PayoutAccountState.CLOSED}),
        PayoutAccountState.CLOSED: frozenset(),
    },
)


class PayoutState(TextChoices):
    """Where a payout stands. Whoever hears news late or twice hears the same story."""

    PROMISED = "promised", _("Promised")
    REFUSED = "refused", _("Refused by the provider; the money is available again")
    SENT = "sent", _("On its way to the bank")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Did not arrive; being called back")
    RETURNED = "returned", _("Did not arrive; the money is available again")


O = PayoutState  # noqa: E741
PAYOUT_MOVES: Mapping[PayoutState, frozenset[PayoutState]] = lifecycle(
    name="payments.payout",
    title=_("Payout to a seller"),
    start=O.PROMISED,
    moves={
        O.PROMISED: frozenset({O.REFUSED, O.SENT}),
        O.REFUSED: frozenset(),
        O.SENT: frozenset({O.PAID, O.FAILED}),
        # Banks send money back after they said that it had arrived.
        O.PAID: frozenset({O.FAILED}),
        O.FAILED: frozenset({O.RETURNED}),
        O.RETURNED: frozenset(),
    },
)


class IncomingState(TextChoices):
    """Where money that came by bank stands."""

    NEW = "new", _("Not yet matched")
    MATCHED = "matched", _("Matched to a payment")
    USED = "used", _("Used for the payment")
    RETURNED = "returned", _("Sent back")
    FILLED = "filled", _("Paid into a wallet")


INCOMING_MOVES: Mapping[IncomingState, frozenset[IncomingState]] = lifecycle(
    name="payments.incoming_transfer",
    title=_("Incoming bank transfer"),
    start=IncomingState.NEW,
    moves={
        IncomingState.NEW: frozenset(
            {IncomingState.MATCHED, IncomingState.RETURNED, IncomingState.FILLED}
        ),
        # Taken off again when the payment is given up before all has arrived.
        IncomingState.MATCHED: frozenset({IncomingState.USED, IncomingState.NEW}),
        IncomingState.USED: frozenset(),
        IncomingState.RETURNED: frozenset(),
        IncomingState.FILLED: frozenset(),
    },
)


class MatchOutcome(TextChoices):
    """What matching found."""

    EXACT = "exact", _("Exactly the amount")
    TOO_LITTLE = "too_little", _("Too little: the rest is still to come")
    TOO_MUCH = "too_much", _("Too much: the rest is to be sent back")
    UNKNOWN = "unknown", _("No payment has this reference")


class DifferenceKind(TextChoices):
    """What somebody has to look into."""

    OVERPAID = "overpaid", _("More arrived than was owed")
    UNKNOWN_TRANSFER = "unknown_transfer", _("Nobody knows what this money is for")
    PROVIDER_ONLY = "provider_only", _("The provider moved money that the books do not show")
    BOOKS_ONLY = "books_only", _("The books show a movement that the provider does not")
    AMOUNT_DIFFERS = "amount_differs", _("Provider and books disagree on an amount")
    BALANCE_DIFFERS = "balance_differs", _("Provider and books disagree on the balance")
    REFUND_FAILED = "refund_failed", _("A refund did not reach the buyer")


class EventState(TextChoices):
    """Where a message of the provider stands."""

    RECEIVED = "received", _("Received")
    HANDLED = "handled", _("Handled")
    IGNORED = "ignored", _("Nothing to do")


EVENT_MOVES: Mapping[EventState, frozenset[EventState]] = lifecycle(
    name="payments.provider_event",
    title=_("Message of the payment provider"),
    start=EventState.RECEIVED,
    moves={
        EventState.RECEIVED: frozenset({EventState.HANDLED, EventState.IGNORED}),
        EventState.HANDLED: frozenset(),
        EventState.IGNORED: frozenset(),
    },
)


class DocumentKind(TextChoices):
    """The documents that settlement numbers."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    STATEMENT = "statement", _("Settlement statement")
    PAYOUT_STATEMENT = "payout_statement", _("Payout statement")


# What numbers begin with, by kind: "INV-2026-000001".
NUMBER_PREFIXES: Mapping[DocumentKind, str] = {
    DocumentKind.INVOICE: "INV",
    DocumentKind.CREDIT_NOTE: "CN",
    DocumentKind.STATEMENT: "ST",
    DocumentKind.PAYOUT_STATEMENT: "PO",
}
