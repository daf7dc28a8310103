"""The accounts that settlement moves money between, opened when first needed."""

from datetime import datetime

from accounts.models import Organisation
from exchange.ledger import books
from exchange.ledger.models import Account
from exchange.ledger.states import AccountKind, Guard
from exchange.payments import chart
from pricing.money import Money


class Chart:
    """Opens accounts for one actor at one moment, each with its record in the log."""

    def __init__(self, *, currency: str, actor: str, now: datetime) -> None:
        self.currency = currency
        self._actor = actor
        self._now = now

    def clearing(self, where: str) -> str:
        return self._open(chart.clearing(where, self.currency), AccountKind.ASSET, Guard.NONE)

    def escrow(self, order_ref: str, *, buyer: Organisation) -> str:
        return self._owed(chart.escrow(order_ref), buyer)

    def pending(self, seller: Organisation) -> str:
        return self._owed(chart.pending(seller.public_id, self.currency), seller)

    def available(self, seller: Organisation) -> str:
        return self._owed(chart.available(seller.public_id, self.currency), seller)

    def receivable(self, seller: Organisation) -> str:
        code = chart.receivable(seller.public_id, self.currency)
        return self._open(code, AccountKind.ASSET, Guard.DEBIT)

    def payout(self, payout_id: str) -> str:
        return self._owed(chart.payout(payout_id))

    def refund(self, refund_id: str) -> str:
        return self._owed(chart.refund(refund_id))

    def wallet(self, buyer: Organisation) -> str:
        return self._owed(chart.wallet(buyer.public_id, self.currency), buyer)

    def held(self, key: str) -> str:
        return self._owed(chart.held(key))

    def incoming(self, transfer_id: str) -> str:
        return self._owed(chart.incoming(transfer_id))

    def tax(self) -> str:
        return self._owed(chart.tax(self.currency))

    def fee(self) -> str:
        return self._open(chart.fee(self.currency), AccountKind.INCOME, Guard.NONE)

    def provider_fee(self) -> str:
        return self._open(chart.provider_fee(self.currency), AccountKind.EXPENSE, Guard.NONE)

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
            actor=self._actor,
            now=self._now,
        ).code


def balance(code: str, currency: str) -> Money:
    """What is on the account; nothing when it was never opened."""
    account = Account.objects.filter(code=code).first()
    return account.balance if account else Money(0, currency)


def available(code: str, currency: str) -> Money:
    """What may leave the account; nothing when it was never opened."""
    account = Account.objects.filter(code=code).first()
    return account.available if account else Money(0, currency)
