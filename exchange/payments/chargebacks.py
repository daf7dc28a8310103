"""Chargebacks: the payer's bank takes a payment back, evidence is sent, and it is won or lost.

What the provider says comes late, twice or in another order: each message only has the dispute looked at
again, and each step looks at where the chargeback stands. The order is locked before its payment. While it
is open the sale's part is set aside where it lies, so that no refund and no payout takes it too.

A top-up of a wallet is taken back likewise: its owner bears it, with what is free in the wallet, and owes
what was spent already once it is lost.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from exchange.core import clock, outbox
from exchange.core.lifecycle import Change
from exchange.core.outbox import Lease
from exchange.core.use_case import use_case
from exchange.ledger.entries import (
    Authorise,
    Capture,
    Entry,
    EntryRequest,
    ExternalFact,
    Posting,
    Void,
    transfer_id,
)
from exchange.members.actors import Actor, Subject, system_actor
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.orders.queries import parties_of
from exchange.payments import chart, invoices, order_refunds, refunds, set_offs, wallets
from exchange.payments.allocation import RefundAllocation, allocate_refund
from exchange.payments.card_lifecycle import CARD_TOP_UP, CardTopUpTransition
from exchange.payments.chart import Chart
from exchange.payments.errors import EvidenceMissing
from exchange.payments.gateway.port import DisputeStatus, ProviderDispute, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.lifecycle import CHARGEBACK, ChargebackState, ChargebackTransition
from exchange.payments.models import CardTopUp, Chargeback, Payment
from exchange.payments.models.chargebacks import EVIDENCE_CHARS_MAX
from exchange.payments.order_refunds import OrderMoney
from exchange.payments.refunds import Source
from pricing.money import Money

SCOPE = "payments.chargeback"
TOPIC = "payments.chargeback.evidence"
PROVIDER = system_actor("payments")
X = ChargebackTransition
UNDECIDED = frozenset({ChargebackState.OPENED, ChargebackState.EVIDENCE_SENT})


Close = Callable[[Chargeback], str]


@use_case()
def apply(told: ProviderDispute, *, now: datetime) -> str:
    """Bring a chargeback up to what the provider says of the dispute; say what was done. An inquiry moves
    no money yet."""
    payment = Payment.objects.filter(charge_ref=told.charge_ref).exclude(charge_ref="").first()
    top_up = CardTopUp.objects.filter(charge_ref=told.charge_ref).exclude(charge_ref="").first()
    taken = payment or top_up
    if taken is None or taken.received_at is None:
        return "unknown payment"
    if told.status is DisputeStatus.INQUIRY:
        return "inquiry"
    if isinstance(taken, CardTopUp):
        return _apply_to_top_up(told, CARD_TOP_UP.lock_again(taken), now=now)
    return _apply_to_sale(told, taken, now=now)


def _apply_to_sale(told: ProviderDispute, payment: Payment, *, now: datetime) -> str:
    order = ORDER.lock_key(payment.order_id)
    money = order_refunds.state_of(order, lock=True)
    chargeback = _known(told, money.payment.provider)
    if told.status is DisputeStatus.LOST:
        set_offs.lock_for_loss(money.payment)
    done = ""
    if chargeback is None:
        chargeback, done = _open(order, money, told, now=now), "opened"
    chargeback.payment = money.payment
    ends: Mapping[DisputeStatus, Close] = {
        DisputeStatus.WON: lambda one: _win(order, money, one, now=now),
        DisputeStatus.LOST: lambda one: _lose(order, money, one, now=now),
    }
    return _follow(told, chargeback, ends, now=now) or done


def _apply_to_top_up(told: ProviderDispute, top_up: CardTopUp, *, now: datetime) -> str:
    chargeback = _known(told, top_up.provider)
    done = ""
    if chargeback is None:
        chargeback, done = _open_of_top_up(top_up, told, now=now), "opened"
    chargeback.top_up = top_up
    ends: Mapping[DisputeStatus, Close] = {
        DisputeStatus.WON: lambda one: _win_top_up(top_up, one, now=now),
        DisputeStatus.LOST: lambda one: _lose_top_up(top_up, one, now=now),
    }
    return _follow(told, chargeback, ends, now=now) or done


def _known(told: ProviderDispute, provider_name: str) -> Chargeback | None:
    rows = Chargeback.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(provider=provider_name, provider_ref=told.ref).first()


def _follow(
    told: ProviderDispute,
    chargeback: Chargeback,
    ends: Mapping[DisputeStatus, Close],
    *,
    now: datetime,
) -> str:
    """What the bank has done since it was opened."""
    done = ""
    if told.status is DisputeStatus.UNDER_REVIEW and chargeback.state == ChargebackState.OPENED:
        CHARGEBACK.transition(chargeback, X.SEND_EVIDENCE, actor=PROVIDER, now=now)
        done = "evidence sent"
    if chargeback.state in UNDECIDED and told.status in ends:
        done = ends[told.status](chargeback)
    return done


def _open(order: Order, money: OrderMoney, told: ProviderDispute, *, now: datetime) -> Chargeback:
    """The bank has the money: it is in dispute, and the sale's part of it is set aside."""
    payment = money.payment
    covered = min(told.amount, payment.refundable)
    given = allocate_refund(covered, left=money.left)
    Payment.objects.filter(pk=payment.pk).update(disputed_minor=F("disputed_minor") + covered.minor)
    sources = order_refunds.taken_from(order, money, given, actor=PROVIDER, now=now)
    if money.settlement is not None:
        order_refunds.write_down(money.settlement, money.shares, given)
    chargeback = Chargeback(
        payment=payment,
        tax_minor=given.tax.minor,
        fee_minor=given.fee.minor,
        fee_tax_minor=given.fee_tax.minor,
        shares_minor=[part.minor for part in given.shares],
        **_said(told, payment.provider, covered, sources, now=now),
    )
    CHARGEBACK.transition(chargeback, X.OPEN, actor=PROVIDER, now=now)
    _set_aside(chargeback, now=now)
    return chargeback


def _open_of_top_up(top_up: CardTopUp, told: ProviderDispute, *, now: datetime) -> Chargeback:
    """The bank has the money: what of it is free in the wallet is set aside."""
    covered = min(told.amount, top_up.refundable)
    sources = _from_owner(top_up, covered, now=now)
    chargeback = Chargeback(
        top_up=top_up, **_said(told, top_up.provider, covered, sources, now=now)
    )
    CHARGEBACK.transition(chargeback, X.OPEN, actor=PROVIDER, now=now, notify=False)
    top_up.disputed_minor += covered.minor
    CARD_TOP_UP.transition(
        top_up, CardTopUpTransition.TAKE_BACK, actor=PROVIDER, now=now, save=("disputed_minor",)
    )
    _set_aside(chargeback, now=now)
    return chargeback


def _from_owner(top_up: CardTopUp, amount: Money, *, now: datetime) -> list[Source]:
    """What is free in the wallet, and the rest as owed."""
    owner = top_up.wallet.organisation
    here = min(amount, wallets.available_in(owner, top_up.currency, lock=True))
    accounts = Chart(currency=top_up.currency, actor=PROVIDER, now=now)
    parts = [(accounts.wallet(owner), here), (accounts.receivable(owner), amount - here)]
    return [(code, part) for code, part in parts if part.minor]


def _said(
    told: ProviderDispute,
    provider_name: str,
    covered: Money,
    sources: Iterable[tuple[str, Money]],
    *,
    now: datetime,
) -> dict[str, Any]:
    """What the provider said of it, and who bears how much, as columns."""
    return {
        "provider": provider_name,
        "provider_ref": told.ref,
        "reason": told.reason,
        "currency": told.amount.currency,
        "amount_minor": told.amount.minor,
        "bank_fee_minor": told.fee_minor,
        "covered_minor": covered.minor,
        "sources": [[code, part.minor] for code, part in sources],
        "due_at": told.due_at,
        "opened_at": now,
    }


def _set_aside(chargeback: Chargeback, *, now: datetime) -> None:
    accounts = Chart(currency=chargeback.currency, actor=PROVIDER, now=now)
    clearing = accounts.clearing(chargeback.provider)
    entries: list[Entry] = [
        EntryRequest(debit=accounts.disputed(), credit=clearing, amount=chargeback.amount)
    ]
    refs = [_fact(chargeback, "dispute")]
    if chargeback.bank_fee_minor:
        fee = Money(chargeback.bank_fee_minor, chargeback.currency)
        entries.append(EntryRequest(debit=accounts.dispute_cost(), credit=clearing, amount=fee))
        refs.append(replace(_fact(chargeback, "fee"), step=1))
    aside = accounts.dispute(chargeback.public_id)
    entries += [
        Authorise(debit=code, credit=aside, amount=part) for code, part in _held(chargeback)
    ]
    accounts.post(replace(_named(chargeback, "opened"), transfers=entries, refs=refs))


def _win(order: Order, money: OrderMoney, chargeback: Chargeback, *, now: datetime) -> str:
    """The money is back: what was set aside is free where the sale's money stands by now."""
    given = _allocation(chargeback)
    Payment.objects.filter(pk=money.payment.pk).update(
        disputed_minor=F("disputed_minor") - chargeback.covered_minor
    )
    if money.settlement is not None:
        order_refunds.write_down(money.settlement, money.shares, _negative(given))
    _decide(chargeback, X.WIN, now=now)
    accounts = Chart(currency=chargeback.currency, actor=PROVIDER, now=now)
    _set_free(chargeback, [*_passing_on(order, money, chargeback, given, accounts)], accounts)
    return "won"


def _win_top_up(top_up: CardTopUp, chargeback: Chargeback, *, now: datetime) -> str:
    """The money is back: what was set aside is free in the wallet."""
    _decide(chargeback, X.WIN, now=now)
    top_up.disputed_minor -= chargeback.covered_minor
    CARD_TOP_UP.transition(
        top_up, CardTopUpTransition.REGAIN, actor=PROVIDER, now=now, save=("disputed_minor",)
    )
    _set_free(chargeback, [], Chart(currency=chargeback.currency, actor=PROVIDER, now=now))
    return "won"


def _set_free(chargeback: Chargeback, then: list[Entry], accounts: Chart) -> None:
    entries: list[Entry] = [
        EntryRequest(
            debit=accounts.clearing(chargeback.provider),
            credit=accounts.disputed(),
            amount=chargeback.amount,
        ),
        *(Void(pending=hold) for hold in _holds(chargeback)),
        *then,
    ]
    accounts.post(
        replace(
            _named(chargeback, "won"),
            transfers=entries,
            refs=[_fact(chargeback, "dispute_reversal")],
        )
    )


def _passing_on(
    order: Order,
    money: OrderMoney,
    chargeback: Chargeback,
    given: RefundAllocation,
    accounts: Chart,
) -> Iterable[Entry]:
    """What was set aside before a release or a clearing that happened meanwhile goes where those sent the
    rest."""
    done = money.settlement
    if done is None:
        return
    held = dict(_held(chargeback))
    escrow = held.get(chart.escrow(order.public_id))
    target = accounts.pending if done.cleared_at is None else accounts.available
    for party, part in zip(money.parties, given.shares, strict=True):
        source = accounts.escrow(order) if escrow else accounts.pending(party)
        there = escrow is not None or source in held
        if part.minor and there and source != target(party):
            yield EntryRequest(debit=source, credit=target(party), amount=part)
    if escrow is not None:
        for code, part in order_refunds.of_exchange(accounts, given):
            if part.minor:
                yield EntryRequest(debit=accounts.escrow(order), credit=code, amount=part)


def _lose(order: Order, money: OrderMoney, chargeback: Chargeback, *, now: datetime) -> str:
    """The money is gone, and so is the sale's part of it. Refunds that failed give theirs."""
    _decide(chargeback, X.LOSE, now=now)
    done = _book_loss(chargeback, set_offs.at_loss(chargeback, now=now), now=now)
    if money.settlement is not None:
        invoices.issue_credit_note(order, refund=chargeback, actor=PROVIDER, now=now)
    return done


def _lose_top_up(top_up: CardTopUp, chargeback: Chargeback, *, now: datetime) -> str:
    """The money is gone, and so is what its owner had of it, or has again."""
    _decide(chargeback, X.LOSE, now=now)
    part = set_offs.at_loss_of_top_up(chargeback, top_up, now=now)
    set_off = _from_owner(top_up, part, now=now) if part.minor else []
    return _book_loss(chargeback, set_off, now=now)


def _book_loss(chargeback: Chargeback, set_off: Iterable[Source], *, now: datetime) -> str:
    """What was set aside is given, who was paid or has spent it already owes it, and what is set off against it
    is given too. What was refunded besides is the exchange's loss."""
    accounts = Chart(currency=chargeback.currency, actor=PROVIDER, now=now)
    disputed, aside = accounts.disputed(), accounts.dispute(chargeback.public_id)
    held = _held(chargeback)
    entries: list[Entry] = [
        Capture(pending=hold, amount=part)
        for hold, (_code, part) in zip(_holds(chargeback), held, strict=True)
    ]
    together = sum(part.minor for _code, part in held)
    if together:
        whole = Money(together, chargeback.currency)
        entries.append(EntryRequest(debit=aside, credit=disputed, amount=whole))
    entries += [
        EntryRequest(debit=code, credit=disputed, amount=part)
        for code, part in (*_owed(chargeback), *set_off)
    ]
    loss = chargeback.uncovered
    if loss.minor:
        entries.append(EntryRequest(debit=accounts.bad_debt(), credit=disputed, amount=loss))
    accounts.post(replace(_named(chargeback, "lost"), transfers=entries))
    return "lost"


def _decide(chargeback: Chargeback, transition: ChargebackTransition, *, now: datetime) -> None:
    chargeback.decided_at = now
    CHARGEBACK.transition(
        chargeback, transition, actor=PROVIDER, now=now, save=("decided_at",),
        notify=chargeback.payment_id is not None,
    )  # fmt: skip


def _sources(chargeback: Chargeback) -> list[tuple[str, Money]]:
    return [(code, Money(minor, chargeback.currency)) for code, minor in chargeback.sources]


def _held(chargeback: Chargeback) -> list[tuple[str, Money]]:
    """What is set aside, by account; what a seller was paid already is not there to be."""
    return [one for one in _sources(chargeback) if not chart.is_receivable(one[0])]


def _owed(chargeback: Chargeback) -> list[tuple[str, Money]]:
    return [one for one in _sources(chargeback) if chart.is_receivable(one[0])]


def _holds(chargeback: Chargeback) -> list[UUID]:
    """The holds of the opening, which stand behind its one or two plain entries."""
    first = 2 if chargeback.bank_fee_minor else 1
    key = f"{chargeback.public_id}:opened"
    return [
        transfer_id(scope=SCOPE, key=key, step=first + number)
        for number in range(len(_held(chargeback)))
    ]


def _allocation(chargeback: Chargeback) -> RefundAllocation:
    return refunds.allocation_of(chargeback, shares_count=len(chargeback.shares_minor))


def _negative(given: RefundAllocation) -> RefundAllocation:
    return RefundAllocation(
        -given.exchange,
        -given.tax,
        -given.fee,
        -given.fee_tax,
        tuple(-part for part in given.shares),
    )


def _fact(chargeback: Chargeback, kind: str) -> ExternalFact:
    return ExternalFact(
        psp=chargeback.provider,
        object_type="dispute",
        object_id=chargeback.provider_ref,
        kind=kind,
    )


def _named(chargeback: Chargeback, step: str) -> Posting:
    top_up = chargeback.top_up
    return Posting(
        scope=SCOPE,
        key=f"{chargeback.public_id}:{step}",
        kind=f"payments.chargeback.{step}",
        subject=(
            f"wallet:{top_up.wallet.public_id}"
            if top_up
            else f"order:{chargeback.sale.order.public_id}"
        ),
    )


def _concerns(chargeback: Chargeback) -> Subject:
    if chargeback.top_up is not None:
        owner = chargeback.top_up.organisation_id
        return Subject(organisation_id=None, other_side=frozenset({owner}))
    order = chargeback.sale.order
    return Subject(organisation_id=None, other_side=parties_of(order))


@use_case(Permission.PAYMENTS_HANDLE, locks=CHARGEBACK)
def send_evidence(
    chargeback: Chargeback, *, evidence: str, actor: Actor, now: datetime
) -> Chargeback:
    """As the exchange's finance, send the payer's bank what speaks for the sale: once. Raises
    EvidenceMissing and IllegalTransition."""
    evidence = evidence.strip()
    if not 0 < len(evidence) <= EVIDENCE_CHARS_MAX:
        raise EvidenceMissing(_("Say in words what speaks for the sale."), limit=EVIDENCE_CHARS_MAX)
    chargeback.evidence = evidence
    CHARGEBACK.transition(
        chargeback, X.SEND_EVIDENCE, actor=actor, now=now, save=("evidence",),
        personal={"evidence": evidence},
    )  # fmt: skip
    outbox.emit(topic=TOPIC, key=chargeback.public_id, payload={"chargeback": chargeback.public_id})
    return chargeback


@dataclass(frozen=True)
class Answer:
    """What the provider said to the evidence; None where it takes none any more."""

    told: ProviderDispute | None


def ask_provider(lease: Lease) -> Answer:
    """Hand the evidence to the provider. Asked again, it is handed over once."""
    chargeback = Chargeback.objects.get(public_id=lease.payload["chargeback"])
    try:
        return Answer(
            provider().send_evidence(
                chargeback.provider_ref, text=chargeback.evidence, key=lease.idempotency_key
            )
        )
    except ProviderRefused:
        return Answer(None)


@use_case()
def note_answer(_lease: Lease, answer: Answer) -> None:
    """Write down what the provider said of the dispute, when no message has said it before."""
    if answer.told is not None:
        apply(answer.told, now=clock.now())


def _facts(chargeback: Chargeback, _change: Change) -> dict[str, str]:
    return {
        "payment": (chargeback.top_up or chargeback.sale).public_id,
        "amount_minor": str(chargeback.amount_minor),
        "currency": chargeback.currency,
        "reason": chargeback.reason,
    }


CHARGEBACK.record_facts = _facts
CHARGEBACK.concerns = _concerns
