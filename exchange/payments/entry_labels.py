"""What the books' codes mean to their readers: the kinds of entries, and the families of accounts.

A code that is not here is shown as it is.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise

KINDS: Mapping[str, Text] = {
    "fee": pgettext_lazy("entry", "Service fee"),
    "fee_tax": pgettext_lazy("entry", "Value-added tax on the service fee"),
    "ledger.hold.expired": _("Hold expired"),
    "payments.bank.arrived": _("Bank transfer received"),
    "payments.bank.returned": _("Bank transfer sent back"),
    "payments.bank.used": _("Bank transfer used for a payment"),
    "payments.chargeback.lost": _("Chargeback lost"),
    "payments.chargeback.opened": _("Chargeback opened"),
    "payments.chargeback.won": _("Chargeback won"),
    "payments.deposit.forfeited": _("Deposit forfeited"),
    "payments.deposit.released": _("Deposit given back"),
    "payments.distribution.corrected": _("Correction of a distribution"),
    "payments.order.released": _("Settlement of an order"),
    "payments.payment.authorised": _("Payment authorised"),
    "payments.payment.received": _("Payment received"),
    "payments.payment.released": _("Authorisation cancelled"),
    "payments.payout.refused": _("Payout refused"),
    "payments.payout.netted": _("Kept from a payout for what was owed"),
    "payments.payout.promised": _("Payout set aside"),
    "payments.payout.returned": _("Payout came back"),
    "payments.payout.sent": _("Payout sent"),
    "payments.refund.failed": _("Refund failed"),
    "payments.refund.given": _("Refund paid"),
    "payments.refund.promised": _("Refund set aside"),
    "payments.refund.set_off": _("Refund set off against a chargeback"),
    "payments.sale.disputed": _("Set aside for a dispute"),
    "payments.sale.undisputed": _("Set free after a dispute"),
    "payments.seller.cleared": _("Earnings available"),
    "payments.top_up.sent": _("Money moved to the provider"),
    "payments.wallet.filled": _("Wallet topped up"),
    "payments.wallet.held": _("Set aside in the wallet"),
    "payments.wallet.released": _("Set free in the wallet"),
    "payments.wallet.taken": _("Paid from what was set aside"),
    "payments.withdrawal.returned": _("Withdrawal came back"),
    "payments.withdrawal.set_off": _("Withdrawal set off against a chargeback"),
    "share": pgettext_lazy("entry", "Seller's share"),
    "tax": pgettext_lazy("entry", "Value-added tax"),
}
FAMILIES: Mapping[str, Text] = {
    "clearing": _("Money on its way"),
    "dispute": _("Set aside for disputes and chargebacks"),
    "disputed": _("Taken back by payers' banks"),
    "escrow": _("Held for orders"),
    "expense": _("Costs"),
    "fee": pgettext_lazy("entry", "Service fee"),
    "feetax": pgettext_lazy("entry", "Value-added tax on the service fee"),
    "held": _("Set aside"),
    "incoming": _("Bank transfers to match"),
    "payout": _("Payouts"),
    "receivable": _("Owed by members"),
    "refund": _("Refunds"),
    "seller": _("Sellers' earnings"),
    "tax": pgettext_lazy("entry", "Value-added tax"),
    "wallet": _("Wallets"),
}
# What stands between a family and the thing that an account is of; empty where the family says it.
PARTS: Mapping[str, Text] = {
    "available": pgettext_lazy("account", "available"),
    "baddebt": pgettext_lazy("account", "bad debt"),
    "bank": pgettext_lazy("account", "bank"),
    "goodwill": pgettext_lazy("account", "goodwill"),
    "income": "",
    "order": "",
    "pending": pgettext_lazy("account", "not yet available"),
    "provider": pgettext_lazy("account", "payment provider"),
    "vat": "",
}


def entry_label(kind: str) -> str:
    """What an entry was for."""
    return str(KINDS.get(kind, kind))


def account_label(code: str) -> str:
    """What an account holds, and for what or whom."""
    family, *parts = code.split(":")
    words = (str(PARTS.get(part, part)) for part in parts)
    return " · ".join([family_label(family), *filter(None, words)])


def own_account_label(code: str) -> str:
    """The same to the organisation that owns the account."""
    return account_label(":".join(part for part in code.split(":") if not part.startswith("org_")))


def family_label(family: str) -> str:
    """What the accounts of a family hold."""
    return str(FAMILIES.get(family, family))
