"""Why settlement refuses. Each class is named for the fact; the codes never change."""

from http import HTTPStatus

from exchange.core.refusals import Invalid, Refusal


class NothingToPay(Refusal):
    """The order costs nothing, so there is no payment for it."""

    code = "nothing_to_pay"


class PaymentNotOpen(Refusal):
    """The payment has been received or cancelled; nothing more can be paid on it."""

    code = "payment_not_open"


class WrongPaymentMethod(Refusal):
    """The payment is to be made another way."""

    code = "wrong_payment_method"


class TooManyCards(Refusal):
    """An organisation saves only so many cards; `limit` says how many."""

    code = "too_many_cards"


class MoneyAlreadyReceived(Refusal):
    """A payment that was received is refunded, not cancelled."""

    code = "money_already_received"


class ProviderUnavailable(Refusal):
    """The payment provider gave no clear answer. Asking again is safe: nothing is charged twice."""

    code = "payment_provider_unavailable"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE


class ForgedEvent(Refusal):
    """The message is not signed by the payment provider, was altered, or is too old."""

    code = "forged_event"
    http_status = HTTPStatus.BAD_REQUEST


class EventUnreadable(Refusal):
    """The message is signed by the payment provider, but is not one that can be kept; it is in our log."""

    code = "event_unreadable"
    http_status = HTTPStatus.BAD_REQUEST


class NotPaid(Refusal):
    """No money of this order is held."""

    code = "not_paid"


class NothingRefundable(Refusal):
    """All that was paid for this order has been refunded."""

    code = "nothing_refundable"


class RefundChanged(Refusal):
    """What the refund would take from whom is not what was shown: something else was refunded since."""

    code = "refund_changed"


class RefundAwaitsBank(Refusal):
    """A refund that failed is not tried again while the payer's bank has its money back and has not decided."""

    code = "refund_awaits_bank"


class EvidenceMissing(Invalid):
    """Evidence against a chargeback is told in words."""

    code = "evidence_missing"


class PayoutAccountRefused(Invalid):
    """The bank account is not one that can be paid to."""

    code = "payout_account_refused"


class StatementWouldChange(Refusal):
    """A statement of a closed month is as it was issued; the month is opened again before it is corrected."""

    code = "statement_would_change"


class NothingToPayOut(Refusal):
    """No payout waits for the exchange's own bank."""

    code = "nothing_to_pay_out"


class PayoutFileNotApproved(Refusal):
    """A file of payouts is given out once a second person has approved it."""

    code = "payout_file_not_approved"


class IncomingTransferRefused(Invalid):
    """The line of the bank's statement cannot be read."""

    code = "incoming_transfer_refused"


class IncomingTransferKnown(Refusal):
    """The bank's reference is in the books already, with other contents."""

    code = "incoming_transfer_known"


class MatchRefused(Refusal):
    """The incoming transfer and the payment cannot belong together."""

    code = "match_refused"


class PayoutFileAtBank(Refusal):
    """The bank has made payouts of this file: it cannot be given up."""

    code = "payout_file_at_bank"


class PayoutNotByBank(Refusal):
    """The exchange's own bank does not make this payout, so that nobody notes what became of it by hand."""

    code = "payout_not_by_bank"


class BankReferenceMissing(Invalid):
    """Money that was sent by hand needs the bank's reference."""

    code = "bank_reference_missing"


class DifferenceClosed(Refusal):
    """The difference has been explained already."""

    code = "difference_closed"


class ExplanationMissing(Invalid):
    """A difference is closed with an explanation."""

    code = "explanation_missing"


class MoneyIsOwed(Refusal):
    """Part of the wallet is owed; `free_minor` is what can be withdrawn."""

    code = "wallet_money_owed"
