"""How payments, refunds, payouts, deposits and incoming transfers stand, and which steps are legal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.payments.models import (
        Chargeback,
        Deposit,
        Difference,
        IncomingTransfer,
        Payment,
        Payout,
        PayoutAccount,
        PayoutFile,
        ProviderEvent,
        Refund,
        Withdrawal,
    )


class PaymentState(TextChoices):
    """Where a payment stands. A declined card leaves it waiting: another card may be tried."""

    WAITING = "waiting", _("Waiting for the payer")
    AUTHORISED = "authorised", _("Authorised, not yet taken")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")


class PaymentTransition(TextChoices):
    """What can happen to a payment."""

    ASK = "ask", _("Asked for")
    OPEN = "open", _("Opened at the provider")
    TRY = "try", _("Tried on the saved card")
    DECLINE = "decline", _("Declined")
    AUTHORISE = "authorise", _("Authorised")
    RECEIVE = "receive", _("Received")
    CANCEL = "cancel", _("Cancelled")
    EXPIRE = "expire", _("Expired at the provider")


P, X = PaymentState, PaymentTransition
PAYMENT: Lifecycle[Payment] = Lifecycle(
    "payments.payment",
    PaymentState,
    title=_("Payment"),
    start=P.WAITING,
    transitions=(
        Transition(X.ASK, NEW, P.WAITING, event="payments.payment.asked"),
        Transition(X.OPEN, P.WAITING, None, event="payments.payment.opened"),
        Transition(X.TRY, P.WAITING, None, event="payments.payment.tried"),
        Transition(X.DECLINE, P.WAITING, None, event="payments.payment.declined"),
        Transition(X.AUTHORISE, P.WAITING, P.AUTHORISED, event="payments.payment.authorised"),
        # A bank transfer, or a capture whose authorisation nobody heard of, is received at once.
        Transition(
            X.RECEIVE, (P.WAITING, P.AUTHORISED), P.RECEIVED, event="payments.payment.received"
        ),
        Transition(X.CANCEL, P.WAITING, P.CANCELLED, event="payments.payment.cancelled"),
        # The provider let go of it, or the time to take it is over.
        Transition(
            X.EXPIRE, (P.WAITING, P.AUTHORISED), P.CANCELLED, event="payments.payment.cancelled"
        ),
    ),
    live=False,
)
LIVE_PAYMENTS = frozenset({P.WAITING, P.AUTHORISED, P.RECEIVED})


class RefundState(TextChoices):
    """Where a refund stands. Money that is promised is already set aside."""

    PROMISED = "promised", _("On its way")
    SUCCEEDED = "succeeded", _("Refunded")
    FAILED = "failed", _("Refused by the provider")
    SET_OFF = "set_off", _("Not made: the payer's bank took the money back")


class RefundTransition(TextChoices):
    """What can happen to a refund."""

    PROMISE = "promise", _("Promised")
    GIVE = "give", _("Given")
    FAIL = "fail", _("Failed")
    RETRY = "retry", _("Tried again")
    SET_OFF_PART = "set_off_part", _("Set off in part")
    SET_OFF = "set_off", _("Set off")


class Bearer(TextChoices):
    """Who bears a refund: the sale itself, with its tax and its fee in proportion, or the exchange out of
    its own money, as goodwill."""

    SELLER = "seller", _("The seller")
    EXCHANGE = "exchange", _("The exchange")
    SHARED = "shared", _("Both, one half each")


BUYER, SELLER = "buyer", "seller"
R, RX = RefundState, RefundTransition
REFUND: Lifecycle[Refund] = Lifecycle(
    "payments.refund",
    RefundState,
    title=_("Refund"),
    start=R.PROMISED,
    transitions=(
        Transition(RX.PROMISE, NEW, R.PROMISED, event="payments.refund.promised", notify=(BUYER,)),
        Transition(RX.GIVE, R.PROMISED, R.SUCCEEDED, event="payments.refund.given"),
        # A provider may find out days later that the money did not arrive.
        Transition(RX.FAIL, (R.PROMISED, R.SUCCEEDED), R.FAILED, event="payments.refund.failed"),
        # Asked again by an operator, under a new key.
        Transition(RX.RETRY, R.FAILED, R.PROMISED, event="payments.refund.retried"),
        # The payer has had the money by a chargeback that is lost.
        Transition(RX.SET_OFF_PART, R.FAILED, None, event="payments.refund.set_off"),
        Transition(RX.SET_OFF, R.FAILED, R.SET_OFF, event="payments.refund.set_off"),
    ),
    live=False,
)


class ChargebackState(TextChoices):
    """Where a chargeback stands. The bank has the money from the first moment."""

    OPENED = "opened", _("Opened by the payer's bank")
    EVIDENCE_SENT = "evidence_sent", _("Evidence sent")
    WON = "won", _("Won: the money is back")
    LOST = "lost", _("Lost: the money stays with the payer")


class ChargebackTransition(TextChoices):
    """What can happen to a chargeback."""

    OPEN = "open", _("Opened")
    SEND_EVIDENCE = "send_evidence", _("Evidence sent")
    WIN = "win", _("Won")
    LOSE = "lose", _("Lost")


B, BX = ChargebackState, ChargebackTransition
CHARGEBACK: Lifecycle[Chargeback] = Lifecycle(
    "payments.chargeback",
    ChargebackState,
    title=_("Chargeback of a card payment"),
    start=B.OPENED,
    transitions=(
        Transition(BX.OPEN, NEW, B.OPENED, event="payments.chargeback.opened", notify=(SELLER,)),
        Transition(BX.SEND_EVIDENCE, B.OPENED, B.EVIDENCE_SENT, event="payments.chargeback.evidence_sent"),
        Transition(BX.WIN, (B.OPENED, B.EVIDENCE_SENT), B.WON, event="payments.chargeback.won", notify=(SELLER,)),
        Transition(BX.LOSE, (B.OPENED, B.EVIDENCE_SENT), B.LOST, event="payments.chargeback.lost", notify=(SELLER,)),
    ),
    live=False,
)  # fmt: skip


class PayoutState(TextChoices):
    """Where a payout stands. Whoever hears news late or twice hears the same story."""

    PROMISED = "promised", _("Promised")
    REFUSED = "refused", _("Refused by the provider; the money is available again")
    SENT = "sent", _("On its way to the bank")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Did not arrive; being called back")
    RETURNED = "returned", _("Did not arrive; the money is available again")


class PayoutTransition(TextChoices):
    """What can happen to a payout."""

    REFUSE = "refuse", _("Refused by the provider")
    SEND = "send", _("Sent")
    ARRIVE = "arrive", _("Paid")
    FAIL = "fail", _("Did not arrive")
    RETURN = "return", _("Called back")


O, OX = PayoutState, PayoutTransition  # noqa: E741
PAYOUT: Lifecycle[Payout] = Lifecycle(
    "payments.payout",
    PayoutState,
    title=_("Payout to a seller"),
    start=O.PROMISED,
    transitions=(
        # It asks nothing of the seller: the money is in the next run.
        Transition(OX.REFUSE, O.PROMISED, O.REFUSED, event="payments.payout.refused"),
        Transition(OX.SEND, O.PROMISED, O.SENT, event="payments.payout.sent", notify=(SELLER,)),
        Transition(OX.ARRIVE, O.SENT, O.PAID, event="payments.payout.paid"),
        # Banks send money back after they said that it had arrived.
        Transition(
            OX.FAIL, (O.SENT, O.PAID), O.FAILED, event="payments.payout.failed", notify=(SELLER,)
        ),
        Transition(OX.RETURN, O.FAILED, O.RETURNED, event="payments.payout.returned"),
    ),
    live=False,
)


class PayoutFileState(TextChoices):
    """Where a file of payouts stands that the exchange's own bank makes."""

    MADE = "made", _("Waiting for a second person")
    APPROVED = "approved", _("Approved, to be given to the bank")
    SENT = "sent", _("Given to the bank")
    DROPPED = "dropped", _("Given up")


class PayoutFileTransition(TextChoices):
    """What can happen to a file of payouts."""

    MAKE = "make", _("Made")
    APPROVE = "approve", _("Approved")
    SEND = "send", _("Given to the bank")
    DROP = "drop", _("Given up")
    GIVE_UP = "give_up", _("Given up after it was approved")


PF, PFX = PayoutFileState, PayoutFileTransition
PAYOUT_FILE: Lifecycle[PayoutFile] = Lifecycle(
    "payments.payout_file",
    PayoutFileState,
    title=_("File of payouts for the bank"),
    start=PF.MADE,
    transitions=(
        Transition(PFX.MAKE, NEW, PF.MADE, event="payments.payout_file.made"),
        Transition(PFX.APPROVE, PF.MADE, PF.APPROVED, event="payments.payout_file.approved"),
        Transition(PFX.SEND, PF.APPROVED, PF.SENT, event="payments.payout_file.sent"),
        Transition(PFX.DROP, PF.MADE, PF.DROPPED, event="payments.payout_file.dropped"),
        Transition(
            PFX.GIVE_UP, PF.APPROVED, PF.DROPPED, event="payments.payout_file.dropped",
            needs_reason=True,
        ),
    ),
    live=False,
)  # fmt: skip


class PayoutAccountState(TextChoices):
    """Whether an organisation can be paid."""

    PENDING = "pending", _("Being checked")
    READY = "ready", _("Ready")
    CLOSED = "closed", _("Closed")


class PayoutAccountTransition(TextChoices):
    """What can happen to the account of a seller."""

    GIVE = "give", _("Given")
    CONFIRM = "confirm", _("Confirmed by the provider")
    RESTRICT = "restrict", _("The provider asks for more")
    CLOSE = "close", _("Closed")


A, AX = PayoutAccountState, PayoutAccountTransition
PAYOUT_ACCOUNT: Lifecycle[PayoutAccount] = Lifecycle(
    "payments.payout_account",
    PayoutAccountState,
    title=_("Account that a seller is paid to"),
    start=A.PENDING,
    transitions=(
        Transition(AX.GIVE, NEW, A.PENDING, event="payments.payout_account.given"),
        Transition(AX.CONFIRM, A.PENDING, A.READY, event="payments.payout_account.ready"),
        # The provider asks for more before it pays there again.
        Transition(AX.RESTRICT, A.READY, A.PENDING, event="payments.payout_account.restricted", notify=(SELLER,)),
        Transition(AX.CLOSE, (A.PENDING, A.READY), A.CLOSED),
    ),
    live=False,
)  # fmt: skip


class DepositState(TextChoices):
    """Where a bidder's deposit stands."""

    HELD = "held", _("Held")
    RELEASED = "released", _("Released")
    APPLIED = "applied", _("Turned into the price")
    FORFEITED = "forfeited", _("Forfeited")


class DepositTransition(TextChoices):
    """What can happen to a deposit."""

    PLACE = "place", _("Placed")
    BIND = "bind", _("Bound to an order")
    RELEASE = "release", _("Released")
    APPLY = "apply", _("Turned into the price")
    FORFEIT = "forfeit", _("Forfeited")


D, DX = DepositState, DepositTransition
DEPOSIT: Lifecycle[Deposit] = Lifecycle(
    "payments.deposit",
    DepositState,
    title=_("Bid deposit"),
    start=D.HELD,
    transitions=(
        Transition(DX.PLACE, NEW, D.HELD, event="payments.deposit.placed"),
        Transition(DX.BIND, D.HELD, None, event="payments.deposit.bound"),
        # Many at once: one record names them all.
        Transition(DX.RELEASE, D.HELD, D.RELEASED),
        Transition(DX.APPLY, D.HELD, D.APPLIED, event="payments.deposit.applied"),
        Transition(DX.FORFEIT, D.HELD, D.FORFEITED, event="payments.deposit.forfeited"),
    ),
    live=False,
)


class WithdrawalState(TextChoices):
    """Where money on its way out of a wallet stands. It is set aside from the first moment."""

    PROMISED = "promised", _("To be sent back")
    SENT = "sent", _("Sent back")
    DECLINED = "declined", pgettext_lazy("withdrawal", "Declined")
    RETURNED = "returned", pgettext_lazy("withdrawal", "Came back")


class WithdrawalTransition(TextChoices):
    """What can happen to a withdrawal."""

    ASK = "ask", _("Asked for")
    SEND = "send", _("Sent back")
    DECLINE = "decline", pgettext_lazy("withdrawal", "Declined")
    COME_BACK = "come_back", pgettext_lazy("withdrawal", "Came back")


W, WX = WithdrawalState, WithdrawalTransition
WITHDRAWAL: Lifecycle[Withdrawal] = Lifecycle(
    "payments.withdrawal",
    WithdrawalState,
    title=_("Withdrawal from a wallet"),
    start=W.PROMISED,
    transitions=(
        Transition(WX.ASK, NEW, W.PROMISED, event="payments.withdrawal.asked"),
        Transition(WX.SEND, W.PROMISED, W.SENT, event="payments.withdrawal.sent"),
        Transition(WX.DECLINE, W.PROMISED, W.DECLINED, event="payments.withdrawal.declined", needs_reason=True),
        # The bank of a card turns money back that it had taken.
        Transition(WX.COME_BACK, W.SENT, W.RETURNED, event="payments.withdrawal.returned", needs_reason=True),
    ),
    live=False,
)  # fmt: skip


class IncomingState(TextChoices):
    """Where money that came by bank stands."""

    NEW = "new", _("Not yet matched")
    MATCHED = "matched", _("Matched to a payment")
    USED = "used", _("Used for the payment")
    RETURNED = "returned", _("Sent back")
    FILLED = "filled", _("Paid into a wallet")


class IncomingTransition(TextChoices):
    """What can happen to money that came by bank."""

    ENTER = "enter", _("Entered")
    MATCH = "match", _("Matched to a payment")
    LET_GO = "let_go", _("Taken off the payment again")
    USE = "use", _("Used for the payment")
    RETURN = "return", _("Sent back")
    RETURN_REST = "return_rest", _("The rest sent back")
    FILL = "fill", _("Paid into a wallet")


I, IX = IncomingState, IncomingTransition  # noqa: E741
INCOMING: Lifecycle[IncomingTransfer] = Lifecycle(
    "payments.incoming_transfer",
    IncomingState,
    title=_("Incoming bank transfer"),
    start=I.NEW,
    transitions=(
        Transition(IX.ENTER, NEW, I.NEW, event="payments.incoming_transfer.entered"),
        Transition(IX.MATCH, I.NEW, I.MATCHED, event="payments.incoming_transfer.matched"),
        Transition(IX.LET_GO, I.MATCHED, I.NEW),  # the payment was given up before all had arrived
        Transition(IX.USE, I.MATCHED, I.USED),
        Transition(IX.RETURN, I.NEW, I.RETURNED, event="payments.incoming_transfer.returned"),
        # Of one that was used: more had come than was owed.
        Transition(IX.RETURN_REST, I.USED, None, event="payments.incoming_transfer.returned"),
        Transition(IX.FILL, I.NEW, I.FILLED),
    ),
    live=False,
)


class EventState(TextChoices):
    """Where a message of the provider stands."""

    RECEIVED = "received", _("Received")
    HANDLED = "handled", _("Handled")
    IGNORED = "ignored", _("Nothing to do")


class EventTransition(TextChoices):
    """What can happen to a message of the provider."""

    HANDLE = "handle", _("Handled")
    IGNORE = "ignore", _("Nothing to do")


EVENT: Lifecycle[ProviderEvent] = Lifecycle(
    "payments.provider_event",
    EventState,
    title=_("Message of the payment provider"),
    start=EventState.RECEIVED,
    transitions=(
        Transition(EventTransition.HANDLE, EventState.RECEIVED, EventState.HANDLED),
        Transition(EventTransition.IGNORE, EventState.RECEIVED, EventState.IGNORED),
    ),
    live=False,
)


class MatchOutcome(TextChoices):
    """What matching found."""

    EXACT = "exact", _("Exactly the amount")
    TOO_LITTLE = "too_little", _("Too little: the rest is still to come")
    TOO_MUCH = "too_much", _("Too much: the rest is to be sent back")
    RETURNED = "returned", _("Too much: the rest was sent back")
    UNKNOWN = "unknown", _("No payment has this reference")


class DifferenceKind(TextChoices):
    """What somebody has to look into."""

    OVERPAID = "overpaid", _("More arrived than was owed")
    UNKNOWN_TRANSFER = "unknown_transfer", _("Nobody knows what this money is for")
    PROVIDER_ONLY = "provider_only", _("The provider moved money that the books do not show")
    BOOKS_ONLY = "books_only", _("The books show a movement that the provider does not")
    AMOUNT_DIFFERS = "amount_differs", _("Provider or bank and books disagree on an amount")
    BALANCE_DIFFERS = "balance_differs", _("Provider or bank and books disagree on the balance")
    BANK_ONLY = "bank_only", _("The bank sent money that nobody noted as sent")
    REFUND_FAILED = "refund_failed", _("A refund did not reach the buyer")
    MOVED_TWICE = "moved_twice", _("The provider moved the same money more than once")
    HOLD_OVERDUE = "hold_overdue", _("A hold in the books has outlived its time")
    CARD_OVERDUE = "card_overdue", _("A card's authorisation has outlived its time")
    BILL_STUCK = "bill_stuck", _("A bill for use cannot be made")
    FEE_STUCK = "fee_stuck", _("An invoice for service fees cannot be issued")


class DifferenceState(TextChoices):
    """Where a difference stands."""

    OPEN = "open", pgettext_lazy("difference", "To be looked into")
    EXPLAINED = "explained", pgettext_lazy("difference", "Explained")
    RESOLVED = "resolved", pgettext_lazy("difference", "Resolved")


class DifferenceTransition(TextChoices):
    """What can happen to a difference."""

    FIND = "find", pgettext_lazy("difference", "Found")
    TAKE = "take", pgettext_lazy("difference", "Taken over")
    EXPLAIN = "explain", pgettext_lazy("difference", "Explained")
    RESOLVE = "resolve", pgettext_lazy("difference", "Resolved")


F, FX = DifferenceState, DifferenceTransition
DIFFERENCE: Lifecycle[Difference] = Lifecycle(
    "payments.difference",
    DifferenceState,
    title=_("Difference"),
    start=F.OPEN,
    transitions=(
        Transition(FX.FIND, NEW, F.OPEN, event="payments.difference.found"),
        Transition(FX.TAKE, F.OPEN, None, event="payments.difference.taken"),
        # One of the finance explains, another agrees: nothing is booked, and nobody hears of it again.
        Transition(FX.EXPLAIN, F.OPEN, F.EXPLAINED, event="payments.difference.explained"),
        # Dealt with, or both sides agree now.
        Transition(FX.RESOLVE, F.OPEN, F.RESOLVED, event="payments.difference.resolved"),
    ),
    live=False,
)


class DocumentKind(TextChoices):
    """The documents that settlement numbers."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    STATEMENT = "statement", _("Settlement statement")
    PAYOUT_STATEMENT = "payout_statement", _("Payout statement")
    MONTH_STATEMENT = "month_statement", _("Monthly statement")
    FEE_INVOICE = "fee_invoice", _("Invoice for service fees")
    FEE_CREDIT_NOTE = "fee_credit_note", _("Credit note for service fees")


# What numbers begin with, by kind: "INV-2026-000001".
NUMBER_PREFIXES: Mapping[DocumentKind, str] = dict(
    zip(DocumentKind, ("INV", "CN", "ST", "PO", "MS", "FI", "FC"), strict=True)
)
