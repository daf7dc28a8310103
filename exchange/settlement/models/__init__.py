"""The tables of the settlement room."""

from exchange.settlement.models.bank import (
    Difference,
    IncomingTransfer,
    ProviderMovement,
    TopUp,
)
from exchange.settlement.models.papers import NumberSeries, Paper
from exchange.settlement.models.payments import Payment, ProviderEvent, Refund
from exchange.settlement.models.payouts import Payout, PayoutAccount, PayoutRun
from exchange.settlement.models.settlements import Settlement, SettlementShare
from exchange.settlement.models.wallets import Deposit, Wallet, Withdrawal

__all__ = [
    "Deposit",
    "Difference",
    "IncomingTransfer",
    "NumberSeries",
    "Paper",
    "Payment",
    "Payout",
    "PayoutAccount",
    "PayoutRun",
    "ProviderEvent",
    "ProviderMovement",
    "Refund",
    "Settlement",
    "SettlementShare",
    "TopUp",
    "Wallet",
    "Withdrawal",
]
