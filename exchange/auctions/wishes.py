"""What an organiser asks for when it holds an auction, and what a bidder sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange.auctions.states import Kind
from exchange.catalog.lifecycle import DealNature, Future, History


@dataclass(frozen=True)
class Access:
    """Which revisions the licence includes, and for how many days (None: for ever)."""

    access_days: int | None = None
    history: History = History.ALL
    history_count: int | None = None
    future: Future = Future.NONE

    @property
    def document(self) -> dict[str, Any]:
        return {
            "access_days": self.access_days,
            "history": self.history.value,
            "history_count": self.history_count,
            "future": self.future.value,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Access":
        return cls(
            access_days=document.get("access_days"),
            history=History(document.get("history", History.ALL)),
            history_count=document.get("history_count"),
            future=Future(document.get("future", Future.NONE)),
        )


@dataclass(frozen=True)
class ItemWish:
    """One product of a bundle auction: how many licences there are, and the reserve of each."""

    product_id: str
    count: int = 1
    reserve_minor: int = 0


@dataclass(frozen=True)
class AuctionWish:
    """An auction as its organiser wants it. Amounts are whole minor units, net of tax.

    `opening_minor` is the opening of an English auction, or where a falling clock starts;
    `reserve_minor` the reserve, the clock's floor, or in a procurement the most that is paid.
    `increments` are rows of (from price, step). `options` are those of the mechanism:
    `mechanism.OPTIONS`, and `step_minor` and `every_seconds` of a falling clock.
    """

    kind: Kind
    currency: str
    opens_at: datetime
    closes_at: datetime
    product_id: str = ""
    title: str = ""
    title_zh: str = ""
    items: Sequence[ItemWish] = ()
    access: Access = field(default_factory=Access)
    deal_nature: DealNature = DealNature.LICENCE
    exclusive: bool = False
    opening_minor: int = 0
    reserve_minor: int = 0
    reserve_shown: bool = True
    increments: Sequence[tuple[int, int]] = ()
    quantity: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    deposit_minor: int = 0
    soft_window_seconds: int = 0
    soft_extension_seconds: int = 0
    closes_by: datetime | None = None
    reveal_seconds: int = 0


@dataclass(frozen=True)
class BidWish:
    """What a bidder sends. A live auction takes `amount_minor` (and, on a falling clock, a quantity);
    a sealed one `rows`, or only the `commitment` to rows that are revealed after the close.

    `commitment` beside `rows` is checked; without a `nonce` one is made and given back.
    """

    currency: str
    amount_minor: int | None = None
    quantity: int = 1
    rows: Sequence[Mapping[str, Any]] = ()
    nonce: str = ""
    commitment: str = ""
