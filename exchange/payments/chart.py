"""The chart of accounts of payments: how each account is called, and how it is opened.

The functions name an account; `Chart` opens it when it is first needed and names it. `escrow` is the
name in the books only; people read “money held”.
"""

from datetime import datetime

from accounts.models import Organisation
from exchange.core.lifecycle import Doer
from exchange.ledger import books
from exchange.ledger.entries import Posting
from exchange.ledger.models import JournalEntry
from exchange.ledger.models.accounts import AccountKind, Guard
from exchange.orders.models import Order
from pricing.money import Money

BANK = "bank"


def clearing(where: str, currency: str) -> str:
    """Our money at the provider `where`, or at the bank. Asset, not guarded: a provider's balance
    can go below zero."""
    return f"clearing:{where}:{currency}"


def escrow(order_id: str) -> str:
    """What the buyer paid and nobody has a right to yet. Liability."""
    return f"escrow:order:{order_id}"


def pending(organisation: str, currency: str) -> str:
    """What a seller has earned and may not have yet. Liability."""
    return f"seller:{organisation}:pending:{currency}"


def available(organisation: str, currency: str) -> str:
    """What a seller is paid at the next run. Liability."""
    return f"seller:{organisation}:available:{currency}"


def receivable(organisation: str, currency: str) -> str:
    """What a seller owes us after a refund of money that it was paid already. Asset."""
    return f"receivable:{organisation}:{currency}"


def tax(currency: str) -> str:
    """Value-added tax on what sellers sold, collected and owed. Liability."""
    return f"tax:vat:{currency}"


def fee_tax(currency: str) -> str:
    """Value-added tax on the exchange's own fee, which it owes itself. Liability."""
    return f"feetax:vat:{currency}"


def fee(currency: str) -> str:
    """The exchange's service fee. Income."""
    return f"fee:income:{currency}"


def provider_fee(currency: str) -> str:
    """What the provider takes. Expense."""
    return f"expense:provider:{currency}"


def goodwill(currency: str) -> str:
    """What the exchange gives buyers back out of its own money. Expense."""
    return f"expense:goodwill:{currency}"


def bad_debt(currency: str) -> str:
    """What payers' banks took that nobody gives back to the exchange. Expense."""
    return f"expense:baddebt:{currency}"


def disputed(currency: str) -> str:
    """What payers' banks took back and nobody has decided on. Asset."""
    return f"disputed:{currency}"


def dispute(dispute_id: str) -> str:
    """What a sale sets aside for a chargeback, or for a dispute after it was shared out. Liability."""
    return f"dispute:{dispute_id}"


def is_receivable(code: str) -> bool:
    """Whether the account is what a seller owes us."""
    return code.startswith("receivable:")


def payout(payout_id: str) -> str:
    """A payout on its way. Liability."""
    return f"payout:{payout_id}"


def refund(refund_id: str) -> str:
    """A refund on its way that is a part of what is held, or of what was shared out. Liability."""
    return f"refund:{refund_id}"


def wallet(organisation: str, currency: str) -> str:
    """What a buyer has paid in and may spend. Liability."""
    return f"wallet:{organisation}:{currency}"


def held(key: str) -> str:
    """What a buyer's wallet has set aside for a purpose. Liability."""
    return f"held:{key}"


def incoming(transfer_id: str) -> str:
    """Money that came by bank and is not used yet. Liability."""
    return f"incoming:{transfer_id}"


class Chart:
    """The books for one actor, in one currency, at one moment: opens accounts when they are first
    needed, each with its record in the log, and posts."""

    def __init__(self, *, currency: str, actor: Doer, now: datetime) -> None:
        self.currency = currency
        self._actor = actor
        self._now = now

    def post(self, posting: Posting) -> JournalEntry:
        """Make the posting; see `books.post`."""
        return books.post(posting, actor=self._actor.name, now=self._now)

    def balance(self, code: str) -> Money:
        """What is on the account; nothing when it was never opened."""
        return books.balance(code, self.currency)

    def clearing(self, where: str) -> str:
        return self._open(clearing(where, self.currency), AccountKind.ASSET, Guard.NONE)

    def escrow(self, order: Order) -> str:
        return self._owed(escrow(order.public_id), order.buyer)

    def pending(self, seller: Organisation) -> str:
        return self._owed(pending(seller.public_id, self.currency), seller)

    def available(self, seller: Organisation) -> str:
        return self._owed(available(seller.public_id, self.currency), seller)

    def receivable(self, seller: Organisation) -> str:
        code = receivable(seller.public_id, self.currency)
        return self._open(code, AccountKind.ASSET, Guard.DEBIT)

    def payout(self, payout_id: str) -> str:
        return self._owed(payout(payout_id))

    def refund(self, refund_id: str) -> str:
        return self._owed(refund(refund_id))

    def wallet(self, buyer: Organisation) -> str:
        return self._owed(wallet(buyer.public_id, self.currency), buyer)

    def held(self, key: str) -> str:
        return self._owed(held(key))

    def incoming(self, transfer_id: str) -> str:
        return self._owed(incoming(transfer_id))

    def tax(self) -> str:
        return self._owed(tax(self.currency))

    def fee_tax(self) -> str:
        return self._owed(fee_tax(self.currency))

    def fee(self) -> str:
        return self._open(fee(self.currency), AccountKind.INCOME, Guard.NONE)

    def provider_fee(self) -> str:
        return self._open(provider_fee(self.currency), AccountKind.EXPENSE, Guard.NONE)

    def disputed(self) -> str:
        return self._open(disputed(self.currency), AccountKind.ASSET, Guard.NONE)

    def dispute(self, dispute_id: str) -> str:
        return self._owed(dispute(dispute_id))

    def dispute_cost(self) -> str:
        code = f"expense:dispute:{self.currency}"
        return self._open(code, AccountKind.EXPENSE, Guard.NONE)

    def bad_debt(self) -> str:
        return self._open(bad_debt(self.currency), AccountKind.EXPENSE, Guard.NONE)

    def goodwill(self) -> str:
        return self._open(goodwill(self.currency), AccountKind.EXPENSE, Guard.NONE)

    def _owed(self, code: str, owner: Organisation | None = None) -> str:
        return self._open(code, AccountKind.LIABILITY, Guard.CREDIT, owner)

    def _open(
        self, code: str, kind: AccountKind, guard: Guard, owner: Organisation | None = None
    ) -> str:
        return books.open_account(
            code=code,
            kind=kind,
            currency=self.currency,
            guard=guard,
            owner=owner,
            actor=self._actor.name,
            now=self._now,
        ).code
