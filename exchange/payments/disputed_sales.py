"""Money of a sale that is disputed after it was shared out: held until the dispute has ended.

What has not cleared waits where it is. What has cleared is set aside out of what each party has available;
what it was paid already it owes until then, and its next payout is short of that. Ended, all of it is made
available again, before anything is refunded out of it: nothing is taken twice.
"""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Organisation
from exchange.core.lifecycle import Doer
from exchange.ledger import books
from exchange.ledger.entries import Entry, EntryRequest, Posting
from exchange.orders.models import Order
from exchange.payments import order_refunds
from exchange.payments.allocation import allocate_refund
from exchange.payments.chart import Chart
from pricing.money import Money

SCOPE = "payments.sale"

Held = Sequence[tuple[str, int]]  # by a party's public id, in minor units


def hold(order: Order, *, amount: Money, dispute_id: str, actor: Doer, now: datetime) -> Held:
    """Hold what the parties of a locked and settled order would give of a refund of `amount`, or of all that
    is left of it. Gives what was set aside; nothing of what has not cleared, nor of an order that was free."""
    if not order.total_minor:
        return ()
    state = order_refunds.state_of(order, lock=True)
    made = state.settlement
    if made is None:
        return ()
    made.disputed_at = now
    made.save(update_fields=["disputed_at"])
    covered = min(amount, state.payment.refundable)
    if made.cleared_at is None or not covered.minor:
        return ()
    given = allocate_refund(covered, left=state.left).shares
    parts = [pair for pair in zip(state.parties, given, strict=True) if pair[1].minor]
    accounts = Chart(currency=order.currency, actor=actor, now=now)
    aside, entries = accounts.dispute(dispute_id), list[Entry]()
    codes = {party: accounts.available(party) for party, _part in parts}
    there = books.available_of(list(codes.values()), order.currency)
    for party, part in parts:
        here = min(part, there[codes[party]])
        entries += [
            EntryRequest(debit=code, credit=aside, amount=moved)
            for code, moved in ((codes[party], here), (accounts.receivable(party), part - here))
            if moved.minor
        ]
    if entries:
        accounts.post(_named(order, dispute_id, "disputed", entries))
    return [(party.public_id, part.minor) for party, part in parts]


def give_free(order: Order, held: Held, *, dispute_id: str, actor: Doer, now: datetime) -> None:
    """End the holding of a locked order's sale: what was set aside is available again. Whatever a refund
    locks is locked before the books are, which a refund may follow."""
    if not order.total_minor:
        return
    made = order_refunds.state_of(order, lock=True).settlement
    if made is None or made.disputed_at is None:
        return
    list(made.shares.select_for_update(no_key=True).order_by("position"))
    made.disputed_at = None
    made.save(update_fields=["disputed_at"])
    parties = Organisation.objects.in_bulk(
        [party for party, _minor in held], field_name="public_id"
    )
    accounts = Chart(currency=order.currency, actor=actor, now=now)
    aside = accounts.dispute(dispute_id) if held else ""
    entries: list[Entry] = [
        EntryRequest(
            debit=aside,
            credit=accounts.available(parties[party]),
            amount=Money(minor, order.currency),
        )
        for party, minor in held
    ]
    if entries:
        accounts.post(_named(order, dispute_id, "undisputed", entries))


def _named(order: Order, dispute_id: str, step: str, entries: Sequence[Entry]) -> Posting:
    return Posting(
        scope=SCOPE,
        key=f"{dispute_id}:{step}",
        kind=f"payments.sale.{step}",
        transfers=entries,
        subject=f"order:{order.public_id}",
    )
