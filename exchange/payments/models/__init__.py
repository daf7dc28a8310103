"""The tables of the room of payments."""

from exchange.payments.models.bank import (
    BankDay,
    Difference,
    IncomingTransfer,
    ProviderMovement,
    TopUp,
)
from exchange.payments.models.cards import SavedCard
from exchange.payments.models.chargebacks import Chargeback
from exchange.payments.models.departments import Department, DepartmentSplit
from exchange.payments.models.distributions import Distribution, DistributionParty
from exchange.payments.models.documents import Document, FeeLine, NumberSeries, StatementRun
from exchange.payments.models.payments import Payment, ProviderEvent, Refund
from exchange.payments.models.payout_holds import PayoutHold
from exchange.payments.models.payouts import Payout, PayoutAccount, PayoutFile, PayoutRun
from exchange.payments.models.settlements import Settlement, SettlementShare
from exchange.payments.models.wallets import CardTopUp, Deposit, Wallet, Withdrawal

__all__ = [
    "BankDay",
    "CardTopUp",
    "Chargeback",
    "Department",
    "DepartmentSplit",
    "Deposit",
    "Difference",
    "Distribution",
    "DistributionParty",
    "Document",
    "FeeLine",
    "IncomingTransfer",
    "NumberSeries",
    "Payment",
    "Payout",
    "PayoutAccount",
    "PayoutFile",
    "PayoutHold",
    "PayoutRun",
    "ProviderEvent",
    "ProviderMovement",
    "Refund",
    "SavedCard",
    "Settlement",
    "SettlementShare",
    "StatementRun",
    "TopUp",
    "Wallet",
    "Withdrawal",
]
