"""Refusals that several parts of the room of orders share."""

from exchange.core.refusals import Invalid, Refusal


class ApprovalNeeded(Refusal):
    """The seller approves each buyer of this offer first: it is asked for, not bought."""

    code = "approval_needed"


class OrderedBefore(Refusal):
    """The organisation has this on the same offer already, and did not say that it wants it again."""

    code = "ordered_before"


class TermsChanged(Refusal):
    """The terms are no longer those that the buyer saw; `changes` says what differs."""

    code = "terms_changed"


class PaymentMethodRefused(Invalid):
    """The order cannot be paid this way; `accepted` names the ways."""

    code = "payment_method_refused"


class NotASubscription(Refusal):
    """The order is for one purchase and renews nothing."""

    code = "not_a_subscription"


class RenewalsDeclined(Refusal):
    """The seller lets the subscription end with the period paid for."""

    code = "renewals_declined"


class LicenceExcluded(Refusal):
    """The product is, or would be, licensed exclusively to somebody at that time; `until` says how
    long, null for ever or where other licences stand in an exclusive one's way."""

    code = "licence_excluded"


class BillStaysDue(Refusal):
    """The order is the bill for what was used already, so that it cannot be cancelled."""

    code = "bill_stays_due"
