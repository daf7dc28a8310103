"""Deposits of bidders: set aside in their wallets, given free, turned into the price, or forfeited.

A purpose names what is bid for (`auction:auc_…`, `asset_sale:dsp_…`); a bidder has one deposit for it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection, transaction

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.flows import deposits_sql, wallets
from exchange.flows.settlement_books import Chart
from exchange.ledger import books
from exchange.ledger.entries import Capture, Move, Posting, Void
from exchange.orders.models import Order
from exchange.payments import chart as codes
from exchange.payments.actions import wallets as acts
from exchange.payments.models import Deposit
from exchange.payments.states import DepositState
from pricing.money import Money

SCOPE = "payments.deposit"
# A record of the log has at most 64 KiB: it names each hold that a posting releases.
BATCH_MAX = 900


@transaction.atomic
def place_deposit(
    *,
    purpose: str,
    organisation: Organisation,
    amount: Money,
    by_id: int | None,
    actor: str,
    now: datetime,
) -> Deposit:
    """Set a deposit aside in the bidder's wallet; asked again it is the one placed before.

    Raises InsufficientFunds, saying what is missing.
    """
    key = f"{purpose}:{organisation.public_id}"
    hold = wallets.hold(
        organisation=organisation, amount=amount, key=key, purpose=purpose, scope=SCOPE,
        actor=actor, now=now,
    )  # fmt: skip
    known = deposit_of(purpose, organisation.pk)
    if known is not None:
        return known
    deposit = acts.keep_deposit(
        purpose=purpose, organisation=organisation, amount=amount, hold=hold, by_id=by_id, now=now
    )
    _record(deposit, "placed", actor=actor, now=now)
    return deposit


def deposit_of(purpose: str, organisation_id: int) -> Deposit | None:
    """The bidder's deposit, whatever became of it."""
    return Deposit.objects.filter(purpose=purpose, organisation_id=organisation_id).first()


def release_deposits(*, purpose: str, actor: str, now: datetime, keep: Collection[int] = ()) -> int:
    """Give the deposits of all bidders but the organisations `keep` free; return how many.

    Each batch is one posting in one transaction: stopped half-way, it goes on where it was.
    """
    released, after = 0, 0
    while True:
        batch = _release_batch(purpose, keep, after=after, actor=actor, now=now)
        released += len(batch)
        if len(batch) < BATCH_MAX:
            return released
        after = batch[-1]


@transaction.atomic
def _release_batch(
    purpose: str, keep: Collection[int], *, after: int, actor: str, now: datetime
) -> list[int]:
    """The keys of the deposits, above `after`, that were given free."""
    with connection.cursor() as cursor:
        cursor.execute(
            deposits_sql.RELEASE,
            {
                "purpose": purpose, "keep": list(keep), "after": after, "limit": BATCH_MAX,
                "now": now,
            },
        )  # fmt: skip
        rows = sorted(cursor.fetchall())
    if not rows:
        return []
    keys, names, holds = zip(*rows, strict=True)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{purpose}:release:{names[0]}",
            kind="payments.deposit.released",
            transfers=[Void(pending=hold) for hold in holds],
            subject=purpose,
        ),
        actor=actor,
        now=now,
    )
    log.record(
        event="payments.deposit.released",
        actor=actor,
        subject=purpose,
        facts={"deposits": list(names)},
        at=now,
    )
    return list(keys)


@transaction.atomic
def bind_deposit(
    *, purpose: str, organisation_id: int, order: Order, actor: str, now: datetime
) -> None:
    """Let the winner's deposit stay held until the order is paid from the wallet, when it turns into
    the price. Where no deposit was asked for there is nothing to bind."""
    if deposit_of(purpose, organisation_id) is None:
        return
    deposit = acts.locked_deposit(purpose, organisation_id)
    if deposit.state == DepositState.HELD and not deposit.order_ref:
        deposit.order_ref = order.public_id
        deposit.save(update_fields=["order_ref"])
        _record(deposit, "bound", actor=actor, now=now)


def bound_to(order: Order) -> list[Deposit]:
    """The deposits, locked, that turn into the price of the order."""
    held = Deposit.objects.filter(order_ref=order.public_id, state=DepositState.HELD)
    return list(held.order_by("pk").select_for_update(no_key=True))


def turn_into_price(bound: Sequence[Deposit], *, actor: str, now: datetime) -> None:
    """Note that the books have given locked deposits free for the price."""
    for deposit in bound:
        acts.end_deposit(deposit=deposit, to=DepositState.APPLIED, now=now)
        _record(deposit, "applied", actor=actor, now=now)


@transaction.atomic
def forfeit_deposit(
    *, purpose: str, organisation_id: int, seller: Organisation, actor: str, now: datetime
) -> Money | None:
    """Give a bidder's deposit to the seller, because the bidder did not stand by what it won; say how
    much. None when nothing is held any more."""
    deposit = deposit_of(purpose, organisation_id)
    if deposit is None:
        return None
    deposit = acts.locked_deposit(purpose, organisation_id)
    if deposit.state != DepositState.HELD:
        return None
    chart = Chart(currency=deposit.currency, actor=actor, now=now)
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{deposit.public_id}:forfeited",
            kind="payments.deposit.forfeited",
            transfers=[
                Capture(pending=deposit.hold, amount=deposit.amount),
                Move(
                    debit=codes.held(purpose), credit=chart.available(seller), amount=deposit.amount
                ),
            ],
            subject=purpose,
        ),
        actor=actor,
        now=now,
    )
    acts.end_deposit(deposit=deposit, to=DepositState.FORFEITED, now=now)
    _record(deposit, "forfeited", actor=actor, now=now)
    return deposit.amount


def forfeit_bound(*, order: Order, actor: str, now: datetime) -> None:
    """Forfeit what was set aside for an order that was won and never paid."""
    for deposit in bound_to(order):
        forfeit_deposit(
            purpose=deposit.purpose, organisation_id=deposit.organisation_id,
            seller=order.seller, actor=actor, now=now,
        )  # fmt: skip


def _record(deposit: Deposit, event: str, *, actor: str, now: datetime) -> None:
    log.record(
        event=f"payments.deposit.{event}",
        actor=actor,
        subject=f"deposit:{deposit.public_id}",
        facts={
            "purpose": deposit.purpose,
            "organisation": deposit.organisation.public_id,
            "amount_minor": str(deposit.amount_minor),
            "currency": deposit.currency,
            "order": deposit.order_ref,
        },
        at=now,
    )
