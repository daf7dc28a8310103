"""Deposits of bidders: authorised in their wallets, released, turned into the price, or forfeited.

A purpose names what is bid for (`auction:auc_…`, `asset_sale:dsp_…`); a bidder has one deposit for it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from accounts.models import Organisation
from exchange.audit import log
from exchange.core.lifecycle import Change, Doer
from exchange.core.use_case import use_case
from exchange.ledger import holds
from exchange.ledger.entries import EntryRequest, Posting
from exchange.orders.models import Order
from exchange.payments import chart, wallets
from exchange.payments.chart import Chart
from exchange.payments.lifecycle import DEPOSIT, DepositState, DepositTransition
from exchange.payments.models import Deposit
from pricing.money import Money

SCOPE = "payments.deposit"
# A record of the log has at most 64 KiB: it names each hold that a posting voids.
BATCH_MAX = 900
# What waited for its lock is read again.
HELD = """
    WITH held AS MATERIALIZED (
        SELECT id FROM payments_deposit
        WHERE purpose = %(purpose)s AND state = 'held' AND id > %(after)s
            AND organisation_id <> ALL (%(keep)s)
        ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE
    )
"""


@use_case()
def place(
    *,
    purpose: str,
    organisation: Organisation,
    amount: Money,
    by_id: int | None,
    actor: Doer,
    now: datetime,
) -> Deposit:
    """Set a deposit aside in the bidder's wallet; asked again it is the one placed before.

    Raises InsufficientFunds, saying what is missing.
    """
    hold = wallets.authorise(
        organisation=organisation,
        amount=amount,
        key=f"{purpose}:{organisation.public_id}",
        purpose=purpose,
        scope=SCOPE,
        actor=actor,
        now=now,
    )
    known = deposit_of(purpose, organisation.pk)
    if known is not None:
        return known
    deposit = Deposit(
        purpose=purpose,
        organisation=organisation,
        placed_by_id=by_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        hold=hold,
        created_at=now,
    )
    return DEPOSIT.transition(deposit, DepositTransition.PLACE, actor=actor, now=now)


def deposit_of(purpose: str, organisation_id: int) -> Deposit | None:
    """The bidder's deposit, whatever became of it."""
    return Deposit.objects.filter(purpose=purpose, organisation_id=organisation_id).first()


def release_all(*, purpose: str, actor: Doer, now: datetime, keep: Collection[int] = ()) -> int:
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


@use_case()
def _release_batch(
    purpose: str, keep: Collection[int], *, after: int, actor: Doer, now: datetime
) -> list[int]:
    """The keys of the deposits, above `after`, that were given free."""
    rows = sorted(
        DEPOSIT.transition_many(
            DepositTransition.RELEASE,
            source=HELD,
            where="subject.id IN (SELECT id FROM held)",
            columns={"ended_at": "%(now)s"},
            params={
                "purpose": purpose, "keep": list(keep), "after": after, "limit": BATCH_MAX,
                "now": now,
            },
            returning=("id", "public_id", "hold"),
        )
    )  # fmt: skip
    if not rows:
        return []
    keys, names, voided = zip(*rows, strict=True)
    holds.void(
        Posting(
            scope=SCOPE,
            key=f"{purpose}:release:{names[0]}",
            kind="payments.deposit.released",
            subject=purpose,
        ),
        holds=voided,
        actor=actor.name,
        now=now,
    )
    log.record(
        event="payments.deposit.released",
        actor=actor.name,
        subject=purpose,
        facts={"deposits": list(names)},
        at=now,
    )
    return list(keys)


@use_case()
def bind(*, purpose: str, order: Order, actor: Doer, now: datetime) -> None:
    """Let the winner's deposit stay held until the order is paid from the wallet, when it turns into
    the price. Where no deposit was asked for, or nothing is to be paid, there is nothing to bind."""
    deposit = _locked(purpose, order.buyer_id) if order.total_minor else None
    if deposit is not None and deposit.order is None:
        deposit.order = order
        DEPOSIT.transition(deposit, DepositTransition.BIND, actor=actor, now=now, save=("order",))


def release_unbound(*, purpose: str, actor: Doer, now: datetime) -> int:
    """Give the deposits free that no order will take, once all orders are placed; return how many."""
    bound = Deposit.objects.filter(purpose=purpose, order__isnull=False)
    keep = list(bound.values_list("organisation_id", flat=True))
    return release_all(purpose=purpose, keep=keep, actor=actor, now=now)


def bound_to(order: Order) -> list[Deposit]:
    """The deposits, locked, that turn into the price of the order."""
    held = Deposit.objects.filter(order=order, state=DepositState.HELD)
    return list(held.order_by("pk").select_for_update(no_key=True))


def apply(bound: Sequence[Deposit], *, actor: Doer, now: datetime) -> None:
    """Note that the books have given locked deposits free for the price."""
    for deposit in bound:
        _end(deposit, DepositTransition.APPLY, actor=actor, now=now)


@use_case()
def forfeit(
    *, purpose: str, organisation_id: int, seller: Organisation, actor: Doer, now: datetime
) -> Money | None:
    """Give a bidder's deposit to the seller, because the bidder did not stand by what it won; say how
    much. None when nothing is held any more."""
    deposit = _locked(purpose, organisation_id)
    if deposit is None:
        return None
    accounts = Chart(currency=deposit.currency, actor=actor, now=now)
    held, available = chart.held(purpose), accounts.available(seller)
    holds.capture(
        Posting(
            scope=SCOPE,
            key=f"{deposit.public_id}:forfeited",
            kind="payments.deposit.forfeited",
            subject=purpose,
            transfers=[EntryRequest(debit=held, credit=available, amount=deposit.amount)],
        ),
        hold=deposit.hold,
        amount=deposit.amount,
        actor=actor.name,
        now=now,
    )
    _end(deposit, DepositTransition.FORFEIT, actor=actor, now=now)
    return deposit.amount


def forfeit_bound(order: Order, *, actor: Doer, now: datetime) -> None:
    """Forfeit what was set aside for an order that was won and never paid."""
    for deposit in bound_to(order):
        forfeit(
            purpose=deposit.purpose, organisation_id=deposit.organisation_id,
            seller=order.seller, actor=actor, now=now,
        )  # fmt: skip


def release_bound(order: Order, *, actor: Doer, now: datetime) -> None:
    """Give what was set aside for an order free that could not be paid, for no reason of its buyer's."""
    for deposit in bound_to(order):
        holds.void(
            Posting(
                scope=SCOPE,
                key=f"{deposit.public_id}:released",
                kind="payments.deposit.released",
                subject=deposit.purpose,
            ),
            holds=[deposit.hold],
            actor=actor.name,
            now=now,
        )
        _end(deposit, DepositTransition.RELEASE, actor=actor, now=now)
        log.record(
            event="payments.deposit.released",
            actor=actor.name,
            subject=deposit.purpose,
            facts={"deposits": [deposit.public_id]},
            at=now,
        )


def _locked(purpose: str, organisation_id: int) -> Deposit | None:
    """The bidder's deposit, locked, while it is held."""
    known = deposit_of(purpose, organisation_id)
    deposit = None if known is None else DEPOSIT.lock_again(known)
    return deposit if deposit and deposit.state == DepositState.HELD else None


def _end(deposit: Deposit, transition: DepositTransition, *, actor: Doer, now: datetime) -> None:
    deposit.ended_at = now
    DEPOSIT.transition(deposit, transition, actor=actor, now=now, save=("ended_at",))


def _facts(deposit: Deposit, _change: Change) -> dict[str, str]:
    return {
        "purpose": deposit.purpose,
        "organisation": deposit.organisation.public_id,
        "amount_minor": str(deposit.amount_minor),
        "currency": deposit.currency,
        "order": deposit.order.public_id if deposit.order else "",
    }


DEPOSIT.record_facts = _facts
