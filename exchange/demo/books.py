"""The money side of the story: wallets filled, one sale held and released, one hold left open."""

from datetime import datetime, timedelta

from accounts.models import Organisation
from exchange.demo.personas import MEMBERS, House
from exchange.flows import books
from exchange.ledger.entries import Hold, Move
from exchange.ledger.states import AccountKind, Guard
from pricing.money import Money

CURRENCY = "CNY"
ACTOR = "system:demo"
SCOPE = "demo"
# A sale of 106,000.00 with 6 % tax inside and a fee of 2 % of the net amount.
SALE_MINOR, TAX_MINOR, FEE_MINOR = 10_600_000, 600_000, 200_000
HELD_MINOR = 4_240_000
HOLD_DAYS = 7


def open_books(now: datetime) -> None:
    """Open the exchange's own accounts and the members' wallets, and tell the story in postings."""
    for code, kind in (
        ("clearing", AccountKind.ASSET),
        ("fee:income", AccountKind.INCOME),
        ("tax:CN", AccountKind.LIABILITY),
    ):
        _open(code, kind, Guard.NONE, now)
    for house in MEMBERS:
        if house.reached == "active":
            _open_wallet(house, now)
    _sell(_wallet("DEM0GAX1"), _wallet("DEM0GR1D"), now)
    _hold(_wallet("DEM0BANK"), _wallet("DEM0P1PE"), now)


def _open_wallet(house: House, now: datetime) -> None:
    wallet = _wallet(house.body)
    _open(wallet, AccountKind.LIABILITY, Guard.CREDIT, now, owner=_owner(house))
    if house.opening_minor:
        books.post(
            scope=SCOPE,
            key=f"top-up:{house.body}",
            kind="wallet_top_up",
            transfers=[Move(debit="clearing", credit=wallet, amount=_cny(house.opening_minor))],
            actor=ACTOR,
            now=now,
        )


def _sell(buyer: str, seller: str, now: datetime) -> None:
    escrow = "escrow:order:demo-1"
    _open(escrow, AccountKind.LIABILITY, Guard.CREDIT, now)
    books.post(
        scope=SCOPE,
        key="order:demo-1:paid",
        kind="order_paid",
        transfers=[Move(debit=buyer, credit=escrow, amount=_cny(SALE_MINOR))],
        actor=ACTOR,
        now=now,
    )
    seller_minor = SALE_MINOR - TAX_MINOR - FEE_MINOR
    parts = [("tax:CN", TAX_MINOR), ("fee:income", FEE_MINOR), (seller, seller_minor)]
    books.post(
        scope=SCOPE,
        key="order:demo-1:released",
        kind="order_released",
        transfers=[Move(debit=escrow, credit=to, amount=_cny(minor)) for to, minor in parts],
        actor=ACTOR,
        now=now,
    )


def _hold(buyer: str, seller: str, now: datetime) -> None:
    books.post(
        scope=SCOPE,
        key="order:demo-2:held",
        kind="order_held",
        transfers=[
            Hold(
                debit=buyer,
                credit=seller,
                amount=_cny(HELD_MINOR),
                expires_at=now + timedelta(days=HOLD_DAYS),
            )
        ],
        actor=ACTOR,
        now=now,
    )


def _open(
    code: str,
    kind: AccountKind,
    guard: Guard,
    now: datetime,
    owner: Organisation | None = None,
) -> None:
    books.open_account(
        code=code, kind=kind, currency=CURRENCY, guard=guard, actor=ACTOR, now=now, owner=owner
    )


def _wallet(body: str) -> str:
    return f"wallet:{body.lower()}"


def _owner(house: House) -> Organisation:
    return Organisation.objects.get(credit_code__contains=house.body)


def _cny(minor: int) -> Money:
    return Money(minor, CURRENCY)
