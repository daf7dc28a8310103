"""The chart of accounts of settlement: how each account is called.

`escrow` is the name in the books only; people read “money held”.
"""

BANK = "bank"


def clearing(where: str, currency: str) -> str:
    """Our money at the provider `where`, or at the bank. Asset, not guarded: a provider's balance
    can go below zero."""
    return f"clearing:{where}:{currency}"


def escrow(order_ref: str) -> str:
    """What the buyer paid and nobody has a right to yet. Liability."""
    return f"escrow:order:{order_ref}"


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
    """Value-added tax collected and owed. Liability."""
    return f"tax:vat:{currency}"


def fee(currency: str) -> str:
    """The exchange's service fee. Income."""
    return f"fee:income:{currency}"


def provider_fee(currency: str) -> str:
    """What the provider takes. Expense."""
    return f"expense:provider:{currency}"


def payout(payout_id: str) -> str:
    """A payout on its way. Liability."""
    return f"payout:{payout_id}"


def refund(refund_id: str) -> str:
    """A refund on its way after the order's money was shared out. Liability."""
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
