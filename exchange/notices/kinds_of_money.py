"""Kinds of notices about money, and what a kind is."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """`label` names it among the preferences, `line` is the sentence of the inbox and the subject. Who may
    sign in no more is told of nothing but what `is_told_to_all`."""

    label: str | Promise
    line: str | Promise
    by_mail: bool = False
    is_told_to_all: bool = False


MONEY: Mapping[str, Kind] = {
    "payments.distribution.calculated": Kind(
        label=_("What a product of ours brought in a month is to be checked"),
        line=_("Check the distribution of %(month)s for “%(product)s” and send it to its parties."),
        by_mail=True,
    ),
    "payments.distribution.reviewed": Kind(
        label=_("We are asked to agree to the distribution of a month"),
        line=_(
            "Your part of what “%(product)s” brought in %(month)s is %(amount)s: agree or object."
        ),
        by_mail=True,
    ),
    "payments.distribution.objected": Kind(
        label=_("A party objects to the distribution of a month"),
        line=_("A party objects to the distribution of %(month)s for “%(product)s”: read why."),
        by_mail=True,
    ),
    "payments.distribution.confirmed": Kind(
        label=_("The distribution of a month is confirmed"),
        line=_("The distribution of %(month)s for “%(product)s” is confirmed."),
    ),
    "payments.distribution.upheld": Kind(
        label=_("The exchange decided on objections to a distribution"),
        line=_("The exchange upheld the distribution of %(month)s for “%(product)s”: read why."),
        by_mail=True,
    ),
    "payments.fee_invoice.issued": Kind(
        label=_("The exchange invoices its service fees of a month to us"),
        line=_(
            "Invoice %(number)s for the service fees of %(month)s: %(amount)s, paid out of your sales."
        ),
    ),
    "payments.fee_credit_note.issued": Kind(
        label=_("The exchange gives us a credit note for service fees that it gave back"),
        line=_("Credit note %(number)s for service fees given back in %(month)s: %(amount)s."),
    ),
    "payments.refund.promised": Kind(
        label=_("Money of an order of ours is given back"),
        line=_("You are refunded %(amount)s of “%(product)s”."),
        by_mail=True,
    ),
    "payments.chargeback.opened": Kind(
        label=_("A buyer's bank took a payment back"),
        line=_(
            "The buyer's bank took %(amount)s for “%(product)s” back. It is set aside until the bank"
            " decides."
        ),
        by_mail=True,
    ),
    "payments.chargeback.won": Kind(
        label=_("A chargeback was won"),
        line=_("The %(amount)s that a bank took back for “%(product)s” is yours again."),
        by_mail=True,
    ),
    "payments.chargeback.lost": Kind(
        label=_("A chargeback was lost"),
        line=_("The %(amount)s that a bank took back for “%(product)s” stays with the buyer."),
        by_mail=True,
    ),
    "payments.card_top_up.taken_back": Kind(
        label=_("A bank took a top-up of the wallet back"),
        line=_(
            "The card's bank took back %(amount)s that was paid into the wallet. What is still there is set"
            " aside until the bank decides; what was spent is owed if the bank keeps it."
        ),
        by_mail=True,
    ),
    "payments.card_top_up.regained": Kind(
        label=_("A top-up that a bank took back is in the wallet again"),
        line=_("The bank gave back what it took of a top-up of %(amount)s. It can be spent again."),
        by_mail=True,
    ),
    "payments.payout.sent": Kind(
        label=_("Money is on its way to our account"),
        line=_("%(amount)s is on its way to your bank account."),
    ),
    "payments.payout.failed": Kind(
        label=_("A payout to us did not arrive"),
        line=_("The payout of %(amount)s did not arrive: name an account that can take it."),
        by_mail=True,
    ),
    "payments.payout_hold.made": Kind(
        label=_("The exchange holds our payouts back"),
        line=_(
            "The exchange's finance holds your payouts in %(currency)s back. Reason: %(reason)s"
        ),
        by_mail=True,
    ),
    "payments.payout_hold.released": Kind(
        label=_("Payouts of ours that were held go on"),
        line=_("Your payouts in %(currency)s go on with the next run."),
        by_mail=True,
    ),
    "payments.payout_account.restricted": Kind(
        label=_("The payment provider asks us for more"),
        line=_("The payment provider pays nothing out to you until you give what it asks for."),
        by_mail=True,
    ),
}
