"""What a contract is drawn up from: what the parties agreed, whoever brought them there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Organisation
from exchange.catalog.models import Product
from pricing.money import Money


@dataclass(frozen=True)
class Draft:
    """The agreement. `basis` names where it was reached, `basis_hash` what was agreed there. The
    `fee` is net, per period for a subscription; `plan` is the price plan behind it, if it has one.
    With `calls_max` it is a framework: so many orders within `calls_days` of the last signature.
    """

    template: str
    product: Product
    seller: Organisation
    buyer: Organisation
    basis: str
    basis_hash: str
    fee: Money
    plan: Mapping[str, Any] | None
    period: str
    access_days: int | None
    history: str
    history_count: int | None
    future: str
    allowed: tuple[str, ...]
    forbidden: tuple[str, ...]
    attribution: bool
    licence_text: str
    nature: str
    purpose: str
    territory: str
    environment: str
    uses_max: int | None
    seller_share_percent: int | None
    acceptance_days: int
    calls_max: int | None = None
    calls_days: int | None = None
